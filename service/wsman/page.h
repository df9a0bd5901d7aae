/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The page of an enumeration context: items made ready, so that neither a client that takes one at a
 * time nor a long list is dear. At most PAGE_OCTETS and one item more.
 */
#ifndef CIMSNAPD_WSMAN_PAGE_H
#define CIMSNAPD_WSMAN_PAGE_H

#include "wsman/op.h"

enum { PAGE_OCTETS = 128 * 1024 };

/* Makes the next page, which replaces one that was taken to its end. context->done when it is the
 * last. At the deadline it holds what was found up to then; ERR_TIMEOUT when that is nothing. */
int page_fill(struct op *op, struct context *context);

/* What one reply may take. */
struct page_limits {
    size_t items, octets, characters;
};

/* Adds the next items to out, as many as the limits allow, and moves on. The first that is too
 * large by itself: ERR_ENVELOPE_LIMIT, and nothing is taken. */
int page_take(struct op *op, struct context *context, const struct page_limits *limits,
              struct strbuf *out);

#endif
