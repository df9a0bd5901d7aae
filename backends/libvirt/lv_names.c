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

bool lv_names_has(const struct lv_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    return false;
}

void lv_names_clear(struct lv_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
    memset(names, 0, sizeof(*names));
}
