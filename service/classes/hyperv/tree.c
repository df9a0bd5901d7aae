/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The associations that make a tree of a machine's snapshots. End 0 is the one from which all instances are
 * listed; which end is the antecedent differs from class to class, as Hyper-V has it.
 */
#include "classes/hyperv/hyperv.h"

static const struct cim_property ends[] = {
    REF_KEY("Antecedent"),
    REF_KEY("Dependent"),
};

/* What the walks of two classes share: a machine and at most one of its snapshots. */

/* known: what the walk has found out before, for each snapshot the same. */
typedef bool marked_fn(const struct snapshot *snapshot, const struct guid *known);

struct mark {
    marked_fn *has;
    const struct guid *known;
};

static int walk_marked(struct cim_call *call, const struct cim_instance *source, int from,
                       const struct mark *mark, struct cim_sink *sink)
{
    const struct hv_settings *settings = source->object;
    const struct hv_system *system = source->object;
    const struct snapshot_list *list;
    const struct vm *vm;

    if (from == 1) {
        vm = settings->snapshot && mark->has(settings->snapshot, mark->known)
                 ? hv_vm(call, &settings->snapshot->vm)
                 : NULL;
        if (vm)
            return hv_emit_system(call, vm, sink);
        return call->err->code ? -1 : 0;
    }
    if (!system->vm)
        return 0;
    list = hv_snapshots(call, &system->vm->id);
    for (size_t i = 0; list && i < list->count; i++)
        if (mark->has(&list->items[i], mark->known))
            return hv_emit_snapshot(call, &list->items[i], sink);
    return list ? 0 : -1;
}

/* Msvm_MostCurrentSnapshotInBranch: what the machine's own settings derive from. */

static bool is_current(const struct snapshot *snapshot, const struct guid *known)
{
    (void)known;
    return snapshot->current;
}

static int walk_current(struct cim_call *call, const struct cim_instance *source, int from,
                        struct cim_sink *sink)
{
    return walk_marked(call, source, from, &(const struct mark){ is_current, NULL }, sink);
}

const struct cim_class msvm_most_current_snapshot_in_branch = {
    .ns = CIM_NS_V2,
    .name = "Msvm_MostCurrentSnapshotInBranch",
    .super = (const char *const[]){ "CIM_MostCurrentSnapshotInBranch", "CIM_Dependency", NULL },
    .properties = ends,
    .property_count = COUNT(ends),
    .association = &(const struct cim_association){
        .role = { "Antecedent", "Dependent" },
        .class = { "Msvm_ComputerSystem", "Msvm_VirtualSystemSettingData" },
        .walk = walk_current,
    },
};

/* Msvm_LastAppliedSnapshot: here the snapshot is the antecedent. */

static bool is_applied(const struct snapshot *snapshot, const struct guid *known)
{
    return guid_equal(&snapshot->id, known);
}

static int walk_applied(struct cim_call *call, const struct cim_instance *source, int from,
                        struct cim_sink *sink)
{
    const struct hv_settings *settings = source->object;
    const struct hv_system *system = source->object;
    const struct guid *vm = from == 1 ? (settings->snapshot ? &settings->snapshot->vm : NULL)
                                      : (system->vm ? &system->vm->id : NULL);
    struct guid known;

    if (!vm || !core_applied_get(call->core, vm, &known))
        return 0;
    return walk_marked(call, source, from, &(const struct mark){ is_applied, &known }, sink);
}

const struct cim_class msvm_last_applied_snapshot = {
    .ns = CIM_NS_V2,
    .name = "Msvm_LastAppliedSnapshot",
    .super = (const char *const[]){ "CIM_LastAppliedSnapshot", "CIM_Dependency", NULL },
    .properties = ends,
    .property_count = COUNT(ends),
    .association = &(const struct cim_association){
        .role = { "Dependent", "Antecedent" },
        .class = { "Msvm_ComputerSystem", "Msvm_VirtualSystemSettingData" },
        .walk = walk_applied,
    },
};

/* Msvm_ParentChildSettingData: the edges of the tree; the machine's own settings are a child too. */

static int emit_parent(struct cim_call *call, const struct hv_settings *child, struct cim_sink *sink)
{
    const struct guid *vm = child->snapshot ? &child->snapshot->vm : &child->vm->id;
    const struct guid *id = hv_parent(child);
    const struct snapshot *parent = id ? hv_snapshot_of(call, vm, id) : NULL;

    if (parent)
        return hv_emit_snapshot(call, parent, sink);
    return call->err->code ? -1 : 0;
}

static int emit_children(struct cim_call *call, const struct snapshot *parent, struct cim_sink *sink)
{
    const struct snapshot_list *list = hv_snapshots(call, &parent->vm);
    const struct vm *vm = NULL;

    for (size_t i = 0; list && i < list->count; i++)
        if (list->items[i].has_parent && guid_equal(&list->items[i].parent, &parent->id) &&
            hv_emit_snapshot(call, &list->items[i], sink) != 0)
            return -1;
    if (list && parent->current)
        vm = hv_vm(call, &parent->vm);
    if (vm)
        return hv_emit_active(call, vm, sink);
    return list && !call->err->code ? 0 : -1;
}

static int walk_edges(struct cim_call *call, const struct cim_instance *source, int from,
                      struct cim_sink *sink)
{
    const struct hv_settings *settings = source->object;

    if (from == 0)
        return emit_parent(call, settings, sink);
    return settings->snapshot ? emit_children(call, settings->snapshot, sink) : 0;
}

const struct cim_class msvm_parent_child_setting_data = {
    .ns = CIM_NS_V2,
    .name = "Msvm_ParentChildSettingData",
    .super = (const char *const[]){ "CIM_Dependency", NULL },
    .properties = ends,
    .property_count = COUNT(ends),
    .association = &(const struct cim_association){
        .role = { "Dependent", "Antecedent" },
        .class = { "Msvm_VirtualSystemSettingData", "Msvm_VirtualSystemSettingData" },
        .walk = walk_edges,
    },
};
