/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_index.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    const struct lv_index_entry *left = a, *right = b;
    int order = strcmp(left->name, right->name);

    return order ? order : (left->at > right->at) - (left->at < right->at);
}

int lv_index_make(struct lv_index *out, const void *things, size_t count,
                  const char *(*name_of)(const void *things, size_t at))
{
    *out = (struct lv_index){ .items = calloc(count + 1, sizeof(*out->items)) };
    if (!out->items)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const char *name = name_of(things, i);
        if (name)
            out->items[out->count++] = (struct lv_index_entry){ name, i };
    }
    qsort(out->items, out->count, sizeof(*out->items), by_name);
    return 0;
}

size_t lv_index_first(const struct lv_index *index, const char *name)
{
    size_t low = 0, high = index->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(index->items[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return lv_index_is(index, low, name) ? low : index->count;
}

bool lv_index_is(const struct lv_index *index, size_t place, const char *name)
{
    return place < index->count && strcmp(index->items[place].name, name) == 0;
}

void lv_index_clear(struct lv_index *index)
{
    free(index->items);
    *index = (struct lv_index){ 0 };
}
