/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where in an array things stand, by their GUID or by their name: what makes a machine or snapshot among a hundred
 * thousand as near as among ten, and a list go on after any of them. Threads: one at a time.
 */
#ifndef CIMSNAPD_MEMORY_ORDER_H
#define CIMSNAPD_MEMORY_ORDER_H

#include "base/guid.h"

#include <stdbool.h>
#include <stddef.h>

struct order_entry {
    const char *name; /* the thing's own; NULL in an order by id alone */
    struct guid id;
    size_t at;
};

/* Zeroed: of nothing. */
struct order {
    struct order_entry *items; /* by name, without regard to the case of ASCII letters, then by id */
    size_t count, room;
};

/* An array of `count` things, `size` octets each, that begin with their GUID. */
struct order_things {
    const void *items;
    size_t count, size;
    size_t name; /* where a thing's char * is by which the order shall be; 0: by id alone */
};

enum { ORDER_NONE = -1 };

void order_clear(struct order *order);
/* -1 without memory. */
int order_make(struct order *order, const struct order_things *things);
/* The last of the things is new, those before it are where they were. -1 without memory. */
int order_add(struct order *order, const struct order_things *things);
/* Of an order by id: where a thing stands, or ORDER_NONE. */
long order_find(const struct order *order, const struct guid *id);
/* The first entry behind what has this name and id: order->count when there is none. id NULL: the first entry of
 * that name or behind it. name is NULL for an order by id alone. */
size_t order_after(const struct order *order, const char *name, const struct guid *id);
/* Whether there is an entry at `place`, and it has this name (NULL: any). */
bool order_has(const struct order *order, size_t place, const char *name);

#endif
