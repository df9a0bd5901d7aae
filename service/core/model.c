/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/model.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void vm_clear(struct vm *vm)
{
    free(vm->name);
    free(vm->title);
    memset(vm, 0, sizeof(*vm));
}

#define IN(state) (1u << (state))

bool vm_change_allowed(enum vm_state state, enum vm_change change)
{
    static const unsigned from[CHANGES] = {
        [CHANGE_START] = IN(VM_OFF) | IN(VM_SAVED),
        [CHANGE_RESUME] = IN(VM_PAUSED),
        [CHANGE_PAUSE] = IN(VM_RUNNING),
        [CHANGE_SAVE] = IN(VM_RUNNING) | IN(VM_PAUSED),
        [CHANGE_FORGET] = IN(VM_SAVED),
        [CHANGE_OFF] = IN(VM_RUNNING) | IN(VM_PAUSED) | IN(VM_STOPPING) | IN(VM_CRASHED) |
                       IN(VM_UNKNOWN),
        [CHANGE_SHUTDOWN] = IN(VM_RUNNING),
        [CHANGE_REBOOT] = IN(VM_RUNNING),
        [CHANGE_RESET] = IN(VM_RUNNING) | IN(VM_PAUSED) | IN(VM_CRASHED),
    };

    return (unsigned)change < CHANGES && from[change] & IN(state);
}

void vm_settings_clear(struct vm_settings *settings)
{
    free(settings->notes);
    memset(settings, 0, sizeof(*settings));
}

void picture_clear(struct picture *picture)
{
    free(picture->points);
    memset(picture, 0, sizeof(*picture));
}

void vm_list_clear(struct vm_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        vm_clear(&list->items[i]);
    free(list->items);
    memset(list, 0, sizeof(*list));
}

void *model_grow(void *items, size_t count, size_t size)
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
    free(snapshot->left_out);
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

static bool part_has(const struct list_part *part, const struct guid *id, const char *title)
{
    return (!part->only || guid_equal(part->only, id)) &&
           (!part->title || strcasecmp(part->title, title) == 0) &&
           (!part->after || guid_order(id, part->after) > 0);
}

static int vm_order(const void *a, const void *b)
{
    return guid_order(&((const struct vm *)a)->id, &((const struct vm *)b)->id);
}

void vm_list_cut(struct vm_list *list, const struct list_part *part)
{
    size_t kept = 0;

    if (list->count)
        qsort(list->items, list->count, sizeof(*list->items), vm_order);
    for (size_t i = 0; i < list->count; i++) {
        if (part_has(part, &list->items[i].id, list->items[i].title) && (!part->most || kept < part->most))
            list->items[kept++] = list->items[i];
        else
            vm_clear(&list->items[i]);
    }
    list->count = kept;
}

static int snapshot_order(const void *a, const void *b)
{
    return guid_order(&((const struct snapshot *)a)->id, &((const struct snapshot *)b)->id);
}

void snapshot_list_cut(struct snapshot_list *list, const struct list_part *part)
{
    size_t kept = 0;

    if (list->count)
        qsort(list->items, list->count, sizeof(*list->items), snapshot_order);
    for (size_t i = 0; i < list->count; i++) {
        const struct snapshot *s = &list->items[i];
        if (part_has(part, &s->id, s->name) && (!part->current || s->current) && (!part->most || kept < part->most))
            list->items[kept++] = *s;
        else
            snapshot_clear(&list->items[i]);
    }
    list->count = kept;
}
