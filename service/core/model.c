/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/model.h"

#include <stdlib.h>
#include <string.h>

void vm_clear(struct vm *vm)
{
    free(vm->name);
    free(vm->title);
    memset(vm, 0, sizeof(*vm));
}

void vm_list_clear(struct vm_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        vm_clear(&list->items[i]);
    free(list->items);
    memset(list, 0, sizeof(*list));
}

/* Room for one more item: the array doubles whenever count is a power of two, so that no capacity
 * needs keeping. NULL without memory; items is valid all the same. */
static void *model_grow(void *items, size_t count, size_t size)
{
    size_t room = count ? count * 2 : 1;

    if (count & (count - 1))
        return items;
    return reallocarray(items, room, size);
}

int vm_list_take(struct vm_list *list, struct vm *vm)
{
    struct vm *items = model_grow(list->items, list->count, sizeof(*items));

    if (!items)
        return -1;
    list->items = items;
    items[list->count++] = *vm;
    memset(vm, 0, sizeof(*vm));
    return 0;
}

void snapshot_clear(struct snapshot *snapshot)
{
    free(snapshot->name);
    free(snapshot->notes);
    memset(snapshot, 0, sizeof(*snapshot));
}

void snapshot_list_clear(struct snapshot_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        snapshot_clear(&list->items[i]);
    free(list->items);
    memset(list, 0, sizeof(*list));
}

int snapshot_list_take(struct snapshot_list *list, struct snapshot *snapshot)
{
    struct snapshot *items = model_grow(list->items, list->count, sizeof(*items));

    if (!items)
        return -1;
    list->items = items;
    items[list->count++] = *snapshot;
    memset(snapshot, 0, sizeof(*snapshot));
    return 0;
}
