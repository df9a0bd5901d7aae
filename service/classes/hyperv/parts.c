/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Long lists, taken from core in parts: what a listing in pages holds in memory, and what a page costs, does not
 * grow with the list.
 */
#include "classes/hyperv/hyperv.h"

#include "cim/list.h"

enum { VMS_AT_ONCE = 64, SNAPSHOTS_AT_ONCE = 256, SETTINGS_AT_ONCE = 32 /* with all that they tell of */ };

/* While a part is listed the call has an arena and a memory of its own, which end with the part. */
struct part {
    struct arena arena, *outer;
    void *memo;
};

static void part_begin(struct part *part, struct cim_call *call)
{
    part->arena = (struct arena)ARENA_INIT;
    part->outer = call->arena;
    part->memo = call->memo;
    call->arena = &part->arena;
    call->memo = NULL;
}

static int part_end(struct part *part, struct cim_call *call, int rc)
{
    if (rc == 0 && !arena_ok(&part->arena))
        rc = error_set(call->err, ERR_NO_MEMORY, NULL);
    arena_free(&part->arena);
    call->arena = part->outer;
    call->memo = part->memo;
    return rc;
}

struct vms_walk {
    hv_vm_fn *each;
    struct cim_sink *sink;
    const char *title; /* NULL: any */
    struct guid last; /* of the machines so far, when begun */
    bool begun, ended;
};

/* The next part, or this one machine. */
static int walk_vms(struct cim_call *call, struct vms_walk *walk, const struct guid *only)
{
    const struct guid after = walk->last;
    const struct list_part want = { .only = only,
                                    .after = walk->begun && !only ? &after : NULL,
                                    .most = VMS_AT_ONCE,
                                    .title = walk->title };
    const struct vm_list *vms;
    struct part part;
    int rc;

    part_begin(&part, call);
    vms = hv_vms(call, &want);
    rc = vms ? 0 : -1;
    walk->begun = true;
    walk->ended = !vms || vms->count == 0;
    for (size_t i = 0; rc == 0 && i < vms->count; i++) {
        walk->last = vms->items[i].id;
        if (list_group(call->cursor, &vms->items[i].id))
            rc = walk->each(call, &vms->items[i], walk->sink);
    }
    return part_end(&part, call, rc);
}

/* First the machine where the last page ended, then those after it. */
static int each_in_pages(struct cim_call *call, const char *title, hv_vm_fn *each, struct cim_sink *sink)
{
    struct vms_walk walk = { .each = each, .sink = sink, .title = title, .last = call->cursor->group };
    const struct guid group = call->cursor->group;
    int rc = 0;

    if (call->cursor->grouped)
        rc = walk_vms(call, &walk, &group);
    walk.ended = false; /* that machine may be gone */
    while (rc == 0 && !walk.ended)
        rc = walk_vms(call, &walk, NULL);
    return rc;
}

static int each_vm(struct cim_call *call, const char *title, hv_vm_fn *each, struct cim_sink *sink)
{
    const struct list_part named = { .title = title };
    const struct vm_list *vms;
    int rc;

    if (call->cursor)
        return each_in_pages(call, title, each, sink);
    vms = hv_vms(call, title ? &named : NULL);
    rc = vms ? 0 : -1;
    for (size_t i = 0; rc == 0 && i < vms->count; i++)
        rc = each(call, &vms->items[i], sink);
    return rc;
}

int hv_each_vm(struct cim_call *call, hv_vm_fn *each, struct cim_sink *sink)
{
    return each_vm(call, NULL, each, sink);
}

int hv_each_named_vm(struct cim_call *call, hv_vm_fn *each, struct cim_sink *sink)
{
    return each_vm(call, call->element_name, each, sink);
}

/* Emits the snapshots after *last, or the first ones; *last becomes the last of them. */
static int walk_snapshots(struct cim_call *call, const struct vm *vm, bool begun, struct guid *last,
                          bool *ended, struct cim_sink *sink)
{
    const struct guid after = *last;
    const struct list_part want = { .after = begun ? &after : NULL,
                                    .most = SNAPSHOTS_AT_ONCE,
                                    .title = call->element_name };
    const struct snapshot_list *list;
    struct part part;
    int rc;

    part_begin(&part, call);
    list = hv_snapshots_part(call, &vm->id, &want);
    rc = list ? 0 : -1;
    *ended = !list || list->count == 0;
    if (!list && call->err->code == ERR_NOT_FOUND) { /* the machine went while it was looked at */
        error_clear(call->err);
        rc = 0;
    }
    for (size_t i = 0; rc == 0 && list && i < list->count; i++) {
        *last = list->items[i].id;
        list_mark(call->cursor, last);
        rc = hv_emit_snapshot(call, &list->items[i], sink);
    }
    return part_end(&part, call, rc);
}

int hv_each_snapshot(struct cim_call *call, const struct vm *vm, hv_vm_fn *first,
                     struct cim_sink *sink)
{
    struct guid last = { { 0 } };
    bool begun = list_go_on(call->cursor, &last), ended = false;
    int rc = begun ? 0 : first(call, vm, sink);

    while (rc == 0 && !ended) {
        rc = walk_snapshots(call, vm, begun, &last, &ended, sink);
        begun = true;
    }
    return rc;
}

/* Emits what belongs to the snapshots after *done (null: to the first ones); *done becomes the last of them. */
static int walk_settings(struct cim_call *call, const struct vm *vm, struct guid *done, bool *ended,
                         const struct hv_owned *owned)
{
    const struct guid after = *done;
    const struct list_part want = { .after = guid_is_null(&after) ? NULL : &after,
                                    .most = SETTINGS_AT_ONCE };
    const struct snapshot_list *list;
    struct part part;
    int rc;

    part_begin(&part, call);
    list = hv_snapshots_part(call, &vm->id, &want);
    rc = list ? 0 : -1;
    *ended = !list || list->count == 0;
    if (!list && call->err->code == ERR_NOT_FOUND) { /* the machine went while it was looked at */
        error_clear(call->err);
        rc = 0;
    }
    for (size_t i = 0; rc == 0 && list && i < list->count; i++) {
        if (call->cursor)
            list_stage(call->cursor, done);
        rc = owned->each(owned, call, &(const struct hv_settings){ .snapshot = &list->items[i] });
        *done = list->items[i].id;
    }
    return part_end(&part, call, rc);
}

int hv_each_owned(struct cim_call *call, const struct vm *vm, const struct hv_owned *owned)
{
    struct guid done = { { 0 } };
    bool begun = call->cursor && list_go_on(call->cursor, &done), ended = false;
    int rc = 0;

    if (!begun && call->cursor)
        list_stage(call->cursor, NULL);
    if (!begun)
        rc = owned->each(owned, call, &(const struct hv_settings){ .vm = vm });
    while (rc == 0 && !ended)
        rc = walk_settings(call, vm, &done, &ended, owned);
    return rc;
}
