/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Encrypted messages (MS-WSMV 2.2.9.1): multipart/encrypted with pairs of parts, a head that says
 * what the message was, and the octets. It is read by the lengths it gives, as the octets may look
 * like anything; its layout, tabs and all, is what clients match to the letter, so that a reply is
 * written in that of the request. No decryption here; no sockets. Threads: any.
 */
#ifndef CIMSNAPD_NET_SEALED_H
#define CIMSNAPD_NET_SEALED_H

#include "auth/bytes.h"
#include "base/strbuf.h"
#include "net/media.h"

/* How the request was written. */
struct sealed_form {
    const char *type, *protocol; /* literals */
    bool tabs;                   /* before the head lines of each part */
};

/* Reads a body part by part. */
struct sealed_reader {
    struct token boundary; /* borrowed */
    unsigned char *at;     /* what is left of the body */
    size_t left;
    bool ended;
    struct sealed_form form;
};

/* One encrypted piece, within the body. */
struct sealed_part {
    struct bytes signature;
    unsigned char *data;
    size_t len;
    const char *charset; /* of the message, as in struct media_type */
};

void sealed_begin(struct sealed_reader *reader, const struct media_type *media, unsigned char *body,
                  size_t len);
/* NULL when there is one, or reader->ended; else why not (a literal). */
const char *sealed_next(struct sealed_reader *reader, struct sealed_part *out);

/* Content-Type of a reply in that form. */
void sealed_write_type(struct strbuf *out, const struct sealed_form *form);
/* A whole body with one part. type: of the message. */
void sealed_write(struct strbuf *out, const struct sealed_form *form, const char *type,
                  struct bytes signature, struct bytes data);

#endif
