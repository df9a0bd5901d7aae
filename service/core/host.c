/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/host.h"

#include "core/model.h"

#include <stdlib.h>
#include <string.h>

void host_clear(struct host *host)
{
    free(host->arch);
    free(host->cpu);
    memset(host, 0, sizeof(*host));
}

void network_list_clear(struct network_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].name);
    free(list->items);
    memset(list, 0, sizeof(*list));
}

int network_list_take(struct network_list *list, struct network *network)
{
    struct network *items = model_grow(list->items, list->count, sizeof(*items));

    if (!items)
        return -1;
    list->items = items;
    items[list->count++] = *network;
    memset(network, 0, sizeof(*network));
    return 0;
}
