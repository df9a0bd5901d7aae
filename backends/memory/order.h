/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where in an array things stand, by their GUID: what makes a machine or snapshot among a hundred thousand as near
 * as among ten, and a list go on after any of them. Threads: one at a time.
 */
#ifndef CIMSNAPD_MEMORY_ORDER_H
#define CIMSNAPD_MEMORY_ORDER_H

#include "base/guid.h"

#include <stdbool.h>
#include <stddef.h>

struct order_entry {
    struct guid id;
    size_t at;
};

/* Zeroed: of nothing. */
struct order {
    struct order_entry *items; /* by id */
    size_t count, room;
};

enum { ORDER_NONE = -1 };

void order_clear(struct order *order);
/* -1 without memory. The array is `count` things of `size` octets that begin with their GUID. */
int order_make(struct order *order, const void *things, size_t count, size_t size);
/* The thing at `at` is new, those before it are where they were. -1 without memory. */
int order_add(struct order *order, const struct guid *id, size_t at);
/* Where a thing stands, or ORDER_NONE. */
long order_find(const struct order *order, const struct guid *id);
/* The first entry with a greater id than *after (NULL: the first of all): order->count when there is none. */
size_t order_after(const struct order *order, const struct guid *after);

#endif
