/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Decoding a request with the stubs that gSOAP generated from wsdl/. A decoder belongs to one thread at
 * a time and is used again and again (its context is 164 KB).
 */
#ifndef CIMSNAPD_WSMAN_DECODE_H
#define CIMSNAPD_WSMAN_DECODE_H

#include "base/error.h"
#include "wsman/request.h"

struct decoder;

struct decoder *decoder_new(void); /* NULL without memory */
void decoder_free(struct decoder *decoder);

/* Reads envelope and headers, and the body by its first element. xml has passed guard_check() and need
 * not end in NUL. The request is valid until decode_end(). On an error the headers that were read
 * are in *out all the same, so that a fault can relate to its request. */
int decode_begin(struct decoder *decoder, const char *xml, size_t len, struct request *out,
                 struct error *err);
void decode_end(struct decoder *decoder);

#endif
