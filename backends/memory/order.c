/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory/order.h"

#include <stdlib.h>
#include <string.h>

void order_clear(struct order *order)
{
    free(order->items);
    *order = (struct order){ 0 };
}

static int by_id(const void *a, const void *b)
{
    return guid_order(&((const struct order_entry *)a)->id, &((const struct order_entry *)b)->id);
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

int order_make(struct order *order, const void *things, size_t count, size_t size)
{
    const char *thing = things;

    if (order_reserve(order, count ? count : 1))
        return -1;
    for (size_t i = 0; i < count; i++) {
        memcpy(&order->items[i].id, thing + i * size, sizeof(struct guid));
        order->items[i].at = i;
    }
    order->count = count;
    qsort(order->items, count, sizeof(*order->items), by_id);
    return 0;
}

size_t order_after(const struct order *order, const struct guid *after)
{
    size_t low = 0, high = order->count;

    while (after && low < high) {
        size_t middle = low + (high - low) / 2;
        if (guid_order(&order->items[middle].id, after) > 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

int order_add(struct order *order, const struct guid *id, size_t at)
{
    size_t place = order_after(order, id);

    if (order_reserve(order, order->count + 1))
        return -1;
    memmove(&order->items[place + 1], &order->items[place],
            (order->count - place) * sizeof(*order->items));
    order->items[place] = (struct order_entry){ *id, at };
    order->count++;
    return 0;
}

long order_find(const struct order *order, const struct guid *id)
{
    size_t next = order_after(order, id);

    return next > 0 && guid_equal(&order->items[next - 1].id, id) ? (long)order->items[next - 1].at
                                                                  : ORDER_NONE;
}
