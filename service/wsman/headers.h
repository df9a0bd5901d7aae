/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rules for the headers of a request (DSP0226 sections 5 and 6, MS-WSMV 3.1.4.1).
 */
#ifndef CIMSNAPD_WSMAN_HEADERS_H
#define CIMSNAPD_WSMAN_HEADERS_H

#include "wsman/op.h"

enum {
    LEAST_ENVELOPE = 8192, /* octets; R6.2-4 */
    URI_MOST = 2048,       /* octets of a URI, MessageID among them */
};

/* 0, or -1 with op->err. Sets op->max_envelope and op->call.deadline_ms. */
int headers_check(struct op *op);
/* True when the header element must be understood. */
bool headers_must(const struct any *header);

#endif
