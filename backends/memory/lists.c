/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory/lists.h"

#include "memory/tree.h"

#include <stdlib.h>
#include <string.h>

struct script_machine *lists_find(struct script *script, const struct guid *id, struct error *err)
{
    long at = order_find(&script->order, id);

    if (at != ORDER_NONE)
        return &script->machines[at];
    error_set(err, ERR_NOT_FOUND, "No such machine.");
    return NULL;
}

int lists_copy_vm(struct vm *out, const struct vm *vm, struct error *err)
{
    *out = *vm;
    out->name = strdup(vm->name);
    out->title = strdup(vm->title);
    if (out->name && out->title)
        return 0;
    vm_clear(out);
    return error_set(err, ERR_NO_MEMORY, NULL);
}

static int add_vm(const struct vm *from, struct vm_list *out, struct error *err)
{
    struct vm vm;

    if (lists_copy_vm(&vm, from, err))
        return -1;
    if (vm_list_take(out, &vm) == 0)
        return 0;
    vm_clear(&vm);
    return error_set(err, ERR_NO_MEMORY, NULL);
}

/* The entries of an order that a part asks for: the first one, and how many at most. */
static size_t entries_of(const struct order *order, const struct list_part *part, size_t *most)
{
    size_t first = order_after(order, part->after);

    *most = part->most ? part->most : order->count;
    if (!part->only)
        return first;
    if (*most > 1)
        *most = 1;
    first = order_after(order, part->only);
    if (first == 0 || !guid_equal(&order->items[first - 1].id, part->only))
        return order->count;
    return first - 1;
}

int lists_vms(const struct script *script, const struct list_part *part, struct vm_list *out,
              struct error *err)
{
    const struct order *order = &script->order;
    size_t most = script->count, first = part ? entries_of(order, part, &most) : 0;
    int result = 0;

    for (size_t i = first; result == 0 && i < script->count && most; i++, most--)
        result = add_vm(&script->machines[part ? order->items[i].at : i].vm, out, err);
    return result;
}

static int copy_snapshot(const struct snapshot *from, struct snapshot_list *out,
                                struct error *err)
{
    struct snapshot copy = *from;

    copy.name = strdup(copy.name);
    copy.notes = copy.notes ? strdup(copy.notes) : NULL;
    if (copy.name && (!from->notes || copy.notes) && snapshot_list_take(out, &copy) == 0)
        return 0;
    snapshot_clear(&copy);
    return error_set(err, ERR_NO_MEMORY, NULL);
}

static int copy_all(const struct snapshot_list *from, struct snapshot_list *out,
                                 struct error *err)
{
    for (size_t i = 0; i < from->count; i++)
        if (copy_snapshot(&from->items[i], out, err))
            return -1;
    return 0;
}

/* The order of a machine's snapshots, made anew after some have gone. NULL without memory. */
static const struct order *order_of(struct script_machine *machine)
{
    const struct snapshot_list *list = &machine->snapshots;

    if (machine->order.count != list->count &&
        order_make(&machine->order, list->items, list->count, sizeof(*list->items)))
        return NULL;
    return &machine->order;
}

static int copy_part(struct script_machine *machine, const struct list_part *part,
                            struct snapshot_list *out, struct error *err)
{
    const struct order *order = order_of(machine);
    size_t most;

    if (!order)
        return error_set(err, ERR_NO_MEMORY, NULL);
    for (size_t i = entries_of(order, part, &most); i < order->count && most; i++) {
        const struct snapshot *s = &machine->snapshots.items[order->items[i].at];
        if (part->current && !s->current)
            continue;
        if (copy_snapshot(s, out, err))
            return -1;
        most--;
    }
    return 0;
}

int lists_snapshots(struct script_machine *machine, const struct list_part *part,
                    struct snapshot_list *out, struct error *err)
{
    return part ? copy_part(machine, part, out, err) : copy_all(&machine->snapshots, out, err);
}

int lists_add(struct script_machine *machine, struct snapshot *made)
{
    const struct guid id = made->id;

    if (tree_add(&machine->snapshots, made))
        return -1;
    if (machine->order.count + 1 == machine->snapshots.count)
        order_add(&machine->order, &id, machine->order.count); /* if not, it is made anew when asked for */
    return 0;
}
