/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory/lists.h"

#include "memory/tree.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static struct order_things machines_of(const struct script *script, size_t name)
{
    return (struct order_things){ script->machines, script->count, sizeof(*script->machines), name };
}

static struct order_things snapshots_of(const struct script_machine *machine, size_t name)
{
    return (struct order_things){ machine->snapshots.items, machine->snapshots.count,
                                  sizeof(*machine->snapshots.items), name };
}

/* The order, made anew when it was cleared, or things have gone. NULL without memory. */
static const struct order *in_order(struct order *order, const struct order_things *things, struct error *err)
{
    if (order->count == things->count || order_make(order, things) == 0)
        return order;
    error_set(err, ERR_NO_MEMORY, NULL);
    return NULL;
}

struct script_machine *lists_find(struct script *script, const struct guid *id, struct error *err)
{
    const struct order_things things = machines_of(script, 0);
    const struct order *order = in_order(&script->order, &things, err);
    long at = order ? order_find(order, id) : ORDER_NONE;

    if (at != ORDER_NONE)
        return &script->machines[at];
    if (order)
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

/* Goes through the entries that a part asks for. */
struct walk {
    const struct order *order;
    const struct list_part *part;
    size_t next, left;
};

static struct walk walk_begin(const struct order *order, const struct list_part *part)
{
    struct walk walk = { order, part, 0, part->most ? part->most : order->count };

    walk.next = order_after(order, part->title, part->only ? part->only : part->after);
    if (part->only && walk.next) /* where it is, if it is there */
        walk.next--;
    return walk;
}

/* Where the next thing is, or ORDER_NONE. */
static long walk_next(struct walk *walk)
{
    const struct order_entry *entry;

    if (walk->left == 0 || !order_has(walk->order, walk->next, walk->part->title))
        return ORDER_NONE;
    entry = &walk->order->items[walk->next];
    if (walk->part->only && !guid_equal(walk->part->only, &entry->id))
        return ORDER_NONE;
    walk->next++;
    return (long)entry->at;
}

static int add_vms(struct script *script, const struct list_part *part, struct vm_list *out, struct error *err)
{
    const struct order_things things =
        machines_of(script, part->title ? offsetof(struct script_machine, vm.title) : 0);
    const struct order *order = in_order(part->title ? &script->names : &script->order, &things, err);
    struct walk walk;
    int result = 0;
    long at;

    if (!order)
        return -1;
    for (walk = walk_begin(order, part); result == 0 && (at = walk_next(&walk)) != ORDER_NONE; walk.left--)
        result = add_vm(&script->machines[at].vm, out, err);
    return result;
}

int lists_vms(struct script *script, const struct list_part *part, struct vm_list *out, struct error *err)
{
    int result = 0;

    if (part)
        return add_vms(script, part, out, err);
    for (size_t i = 0; result == 0 && i < script->count; i++)
        result = add_vm(&script->machines[i].vm, out, err);
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

static int copy_part(struct script_machine *machine, const struct list_part *part,
                     struct snapshot_list *out, struct error *err)
{
    const struct order_things things =
        snapshots_of(machine, part->title ? offsetof(struct snapshot, name) : 0);
    const struct order *order = in_order(part->title ? &machine->names : &machine->order, &things, err);
    struct walk walk;
    long at;

    if (!order)
        return -1;
    for (walk = walk_begin(order, part); (at = walk_next(&walk)) != ORDER_NONE;) {
        const struct snapshot *s = &machine->snapshots.items[at];
        if (part->current && !s->current)
            continue;
        if (copy_snapshot(s, out, err))
            return -1;
        walk.left--;
    }
    return 0;
}

int lists_snapshots(struct script_machine *machine, const struct list_part *part,
                    struct snapshot_list *out, struct error *err)
{
    return part ? copy_part(machine, part, out, err) : copy_all(&machine->snapshots, out, err);
}

/* Where an order was whole before the last of the things came, it is so again. If not, it is made anew when asked for. */
static void keep_order(struct order *order, const struct order_things *things)
{
    if (order->count + 1 == things->count)
        order_add(order, things);
}

int lists_add(struct script_machine *machine, struct snapshot *made)
{
    struct order_things things;

    if (tree_add(&machine->snapshots, made))
        return -1;
    things = snapshots_of(machine, 0);
    keep_order(&machine->order, &things);
    things.name = offsetof(struct snapshot, name);
    keep_order(&machine->names, &things);
    return 0;
}

bool lists_has_snapshot(struct script_machine *machine, const struct guid *id, struct error *err)
{
    const struct order_things things = snapshots_of(machine, 0);
    const struct order *order = in_order(&machine->order, &things, err);

    return order && order_find(order, id) != ORDER_NONE;
}

void lists_renamed(struct script *script, struct script_machine *machine)
{
    order_clear(&script->names);
    order_clear(&machine->names);
}

void lists_removed(struct script_machine *machine)
{
    order_clear(&machine->order);
    order_clear(&machine->names);
}
