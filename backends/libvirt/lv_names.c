/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_names.h"

#include <stdlib.h>
#include <string.h>

int lv_names_add(struct lv_names *names, const char *name)
{
    char **items = reallocarray(names->items, names->count + 1, sizeof(*items));
    char *copy = strdup(name);

    if (items)
        names->items = items;
    if (items && copy) {
        items[names->count++] = copy;
        return 0;
    }
    free(copy);
    return -1;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void lv_names_sort(struct lv_names *names)
{
    size_t kept = 0;

    if (names->count)
        qsort(names->items, names->count, sizeof(*names->items), by_text);
    for (size_t i = 0; i < names->count; i++) {
        if (kept && strcmp(names->items[kept - 1], names->items[i]) == 0)
            free(names->items[i]);
        else
            names->items[kept++] = names->items[i];
    }
    names->count = kept;
}

bool lv_names_has(const struct lv_names *names, const char *name)
{
    return names->count && bsearch(&name, names->items, names->count, sizeof(*names->items), by_text);
}

void lv_names_clear(struct lv_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
    memset(names, 0, sizeof(*names));
}
