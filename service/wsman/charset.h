/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * UTF-16 on the wire (DSP0226, 13.1: a service takes UTF-8 and UTF-16 and answers in what it was
 * asked in). Inside everything is UTF-8.
 */
#ifndef CIMSNAPD_WSMAN_CHARSET_H
#define CIMSNAPD_WSMAN_CHARSET_H

#include "base/error.h"
#include "base/strbuf.h"

#include <stdbool.h>

/* True when the octets are meant to be UTF-16: the Content-Type says so (charset "utf-16"), or it
 * says nothing ("") and they begin with a byte order mark of it. */
bool charset_is_utf16(const char *charset, const char *body, size_t len);
/* UTF-16 of either order into UTF-8, without the byte order mark; without one, the order is that in
 * which the first octets are "<". ERR_ENCODING when it is ill-formed, ERR_NO_MEMORY. */
int charset_decode(struct strbuf *out, const char *body, size_t len, struct error *err);
/* Octets of the UTF-8 text once it is encoded. */
size_t charset_encoded_length(const struct strbuf *text);
/* The text (well-formed UTF-8) as UTF-16, little-endian behind a byte order mark, as Windows sends
 * it. */
int charset_encode(struct strbuf *text, struct error *err);

#endif
