/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How many octets of requests and replies are in memory, over all connections: at most so many in
 * all, and far fewer for connections that nobody has logged in on yet. Threads: any for the budget,
 * one at a time for a share.
 */
#ifndef CIMSNAPD_NET_BUDGET_H
#define CIMSNAPD_NET_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* So much of each connection does not count against the smaller budget, which therefore cannot keep
 * small requests out however full it is; the number of connections bounds these. */
enum { BUDGET_FREE = 16384 };

struct budget {
    size_t limit, early_limit;
    atomic_size_t used, early; /* zero at the start */
};

/* What one connection holds. Zero at its start. */
struct budget_share {
    size_t bytes;
    bool known; /* somebody has logged in on it */
};

/* Makes the share that large, unless that is more than the budget has: NULL, or why not (a
 * literal). */
const char *budget_grow(struct budget *budget, struct budget_share *share, size_t bytes);
/* Says what the share is now, whatever the budget: for what is there already. */
void budget_set(struct budget *budget, struct budget_share *share, size_t bytes, bool known);

#endif
