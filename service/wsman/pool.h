/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Decoders to share among threads: each is dear to make and serves one request at a time.
 */
#ifndef CIMSNAPD_WSMAN_POOL_H
#define CIMSNAPD_WSMAN_POOL_H

#include "wsman/decode.h"

struct decoder_pool;

struct decoder_pool *decoder_pool_new(size_t keep); /* keeps at most so many idle ones */
void decoder_pool_free(struct decoder_pool *pool);  /* all decoders must be back */
struct decoder *decoder_pool_get(struct decoder_pool *pool); /* NULL without memory */
void decoder_pool_put(struct decoder_pool *pool, struct decoder *decoder);

#endif
