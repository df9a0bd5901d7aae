/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Content-Type (RFC 9110, 8.3): which ones carry an envelope, and in which character set.
 */
#ifndef CIMSNAPD_NET_MEDIA_H
#define CIMSNAPD_NET_MEDIA_H

#include "base/token.h"

enum media {
    MEDIA_OK,
    MEDIA_SEALED, /* an encrypted one (MS-WSMV 2.2.9.1) */
    MEDIA_MALFORMED,
    MEDIA_UNSUPPORTED, /* another type, or another character set */
};

struct media_type {
    const char *charset;   /* "utf-8", "utf-16", or "" when the value names none; literals */
    const char *type;      /* as we write it; a literal */
    const char *protocol;  /* of a sealed one; a literal */
    struct token boundary; /* of a sealed one; borrowed from the value */
};

/* text/xml is taken too: SOAP 1.1 comes so, and the envelope is where it is told apart. */
enum media media_parse(struct token value, struct media_type *out);
/* The same for what stands behind "type=" in the head of a sealed part: *length gets its parameter
 * Length, the octets of the envelope. */
enum media media_parse_original(struct token value, struct media_type *out, size_t *length);

#endif
