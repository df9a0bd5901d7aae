/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * HTTP replies as octets. What a status looks like is one row in reply.c.
 */
#ifndef CIMSNAPD_NET_REPLY_H
#define CIMSNAPD_NET_REPLY_H

#include "base/strbuf.h"

#include <stdbool.h>

/* Head and envelope in one piece, so that they leave in one write. utf16: what the body is in. */
void reply_envelope(struct strbuf *out, int status, bool keep_alive, bool utf16,
                    const struct strbuf *body);
/* Head and a line of text for people: for what is refused before SOAP. */
void reply_text(struct strbuf *out, int status, bool keep_alive);
/* The interim reply to Expect: 100-continue. */
void reply_continue(struct strbuf *out);

#endif
