/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * HTTP replies as octets. What a status looks like is one row in reply.c.
 */
#ifndef CIMSNAPD_NET_REPLY_H
#define CIMSNAPD_NET_REPLY_H

#include "base/strbuf.h"

#include <stdbool.h>

struct reply_head {
    int status;
    bool keep_alive;
    const char *type;                /* Content-Type; NULL: the body is empty */
    const struct strbuf *challenges; /* lines WWW-Authenticate; NULL: none */
};

/* Head and body in one piece, so that they leave in one write; out is empty before, body after. A body with room in front
 * (NET_HEAD_ROOM) is not copied. */
void reply_body(struct strbuf *out, const struct reply_head *head, struct strbuf *body);
/* Content-Type of an envelope. */
const char *reply_envelope_type(bool utf16);
/* Head and a line of text for people: for what is refused before SOAP. */
void reply_text(struct strbuf *out, const struct reply_head *head);
/* The interim reply to Expect: 100-continue. */
void reply_continue(struct strbuf *out);

#endif
