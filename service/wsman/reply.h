/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writing the envelope of a reply with the prefixes and the order Windows uses, which clients rely on
 * to the letter. (gSOAP would choose its own prefixes, so it only reads.)
 */
#ifndef CIMSNAPD_WSMAN_REPLY_H
#define CIMSNAPD_WSMAN_REPLY_H

#include "wsman/op.h"

/* Everything up to and with <s:Body>. */
void reply_begin(struct op *op, const char *action);
/* Adds a header, while the body is being written. Nothing where the reply has no headers. */
void reply_header(struct op *op, const char *text);
void reply_end(struct op *op);
/* Throws away what was written and writes the fault of op->err instead; status 500. */
void reply_fault(struct op *op);

#endif
