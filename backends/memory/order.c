/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory/order.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void order_clear(struct order *order)
{
    free(order->items);
    *order = (struct order){ 0 };
}

static int by_name(const void *a, const void *b)
{
    const struct order_entry *left = a, *right = b;
    int order = left->name && right->name ? strcasecmp(left->name, right->name) : 0;

    return order ? order : guid_order(&left->id, &right->id);
}

static struct order_entry entry_of(const struct order_things *things, size_t at)
{
    const char *thing = (const char *)things->items + at * things->size;
    struct order_entry entry = { .at = at };

    memcpy(&entry.id, thing, sizeof(entry.id));
    if (things->name)
        memcpy(&entry.name, thing + things->name, sizeof(entry.name));
    return entry;
}

static int order_reserve(struct order *order, size_t room)
{
    struct order_entry *items;

    if (room <= order->room)
        return 0;
    room = room < order->room * 2 ? order->room * 2 : room;
    items = reallocarray(order->items, room, sizeof(*items));
    if (!items)
        return -1;
    order->items = items;
    order->room = room;
    return 0;
}

int order_make(struct order *order, const struct order_things *things)
{
    if (order_reserve(order, things->count ? things->count : 1))
        return -1;
    for (size_t i = 0; i < things->count; i++)
        order->items[i] = entry_of(things, i);
    order->count = things->count;
    qsort(order->items, things->count, sizeof(*order->items), by_name);
    return 0;
}

/* Where wanted is or would be; `past`: behind what is equal to it. */
static size_t order_place(const struct order *order, const struct order_entry *wanted, bool past)
{
    size_t low = 0, high = order->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_name(&order->items[middle], wanted) >= past)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

size_t order_after(const struct order *order, const char *name, const struct guid *id)
{
    const struct order_entry wanted = { .name = name, .id = id ? *id : (struct guid){ { 0 } } };

    return order_place(order, &wanted, id != NULL);
}

bool order_has(const struct order *order, size_t place, const char *name)
{
    return place < order->count && (!name || strcasecmp(order->items[place].name, name) == 0);
}

int order_add(struct order *order, const struct order_things *things)
{
    const struct order_entry entry = entry_of(things, things->count - 1);
    size_t place = order_place(order, &entry, true);

    if (order_reserve(order, order->count + 1))
        return -1;
    memmove(&order->items[place + 1], &order->items[place],
            (order->count - place) * sizeof(*order->items));
    order->items[place] = entry;
    order->count++;
    return 0;
}

long order_find(const struct order *order, const struct guid *id)
{
    size_t next = order_after(order, NULL, id);

    return next > 0 && guid_equal(&order->items[next - 1].id, id) ? (long)order->items[next - 1].at
                                                                  : ORDER_NONE;
}
