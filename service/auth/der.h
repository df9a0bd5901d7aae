/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * As much of DER (X.690) as SPNEGO tokens need: tag, definite length, contents. Every read is
 * bounded by what was given. Threads: any.
 */
#ifndef CIMSNAPD_AUTH_DER_H
#define CIMSNAPD_AUTH_DER_H

#include "auth/bytes.h"
#include "base/strbuf.h"

enum {
    DER_OCTETS = 0x04,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_SEQUENCE = 0x30,
    DER_APPLICATION = 0x60,
    DER_CONTEXT = 0xa0, /* plus its number */
};

/* Takes one element of this tag off the front of *in; false when what is there is another one, or
 * not whole. whole, unless NULL, becomes the element with tag and length. */
bool der_take(struct bytes *in, unsigned tag, struct bytes *contents, struct bytes *whole);
/* The same for an element that may be missing: true then too, with contents of NULL and 0. */
bool der_take_optional(struct bytes *in, unsigned tag, struct bytes *contents);

/* Appends an element. */
void der_put(struct strbuf *out, unsigned tag, struct bytes contents);

#endif
