/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Associations of root/virtualization/v2. End 0 is the one from which all instances are listed.
 */
#include "classes/hyperv/hyperv.h"

/* Msvm_AffectedJobElement. A job affects its machine and, as long as it is there, the snapshot that it makes or
 * works on; and never any other setting data: clients take the one they find for the result. */

/* A new one is there once the job has completed. */
static bool shows_snapshot(const struct job *job)
{
    return !job_kind_row(job->kind)->promises || job->state == JOB_COMPLETED;
}

static int job_elements(struct cim_call *call, const struct job *job, struct cim_sink *sink)
{
    const struct vm *vm = hv_vm(call, &job->vm);
    const struct snapshot *snapshot = NULL;

    if (vm && hv_emit_system(call, vm, sink) != 0)
        return -1;
    if (!call->err->code && shows_snapshot(job))
        snapshot = hv_snapshot_of(call, &job->vm, &job->snapshot);
    if (snapshot)
        return hv_emit_snapshot(call, snapshot, sink);
    return call->err->code ? -1 : 0;
}

static bool affects(const struct job *job, const struct cim_instance *element)
{
    const struct hv_settings *settings = element->object;
    const struct hv_system *system = element->object;

    if (element->class == &msvm_computer_system)
        return system->vm && guid_equal(&system->vm->id, &job->vm);
    return element->class == &msvm_virtual_system_setting_data && settings->snapshot &&
           shows_snapshot(job) && guid_equal(&settings->snapshot->id, &job->snapshot);
}

static int element_jobs(struct cim_call *call, const struct cim_instance *element,
                        struct cim_sink *sink)
{
    const struct job_list *jobs = hv_jobs(call);

    if (!jobs)
        return -1;
    for (size_t i = 0; i < jobs->count; i++)
        if (affects(&jobs->items[i], element) && hv_emit_job(&jobs->items[i], sink) != 0)
            return -1;
    return 0;
}

static int affected_walk(struct cim_call *call, const struct cim_instance *source, int from,
                         struct cim_sink *sink)
{
    return from == 0 ? job_elements(call, source->object, sink) : element_jobs(call, source, sink);
}

static const struct cim_property affected_properties[] = {
    REF_KEY("AffectedElement"),
    REF_KEY("AffectingElement"),
    FIXED_ARRAY("ElementEffects", UINT16, "5"),
    NIL_ARRAY("OtherElementEffectsDescriptions", STRING),
};

const struct cim_class msvm_affected_job_element = {
    .ns = CIM_NS_V2,
    .name = "Msvm_AffectedJobElement",
    .super = (const char *const[]){ "CIM_AffectedJobElement", NULL },
    .properties = affected_properties,
    .property_count = COUNT(affected_properties),
    .association = &(const struct cim_association){
        .role = { "AffectingElement", "AffectedElement" },
        .class = { "Msvm_ConcreteJob", "CIM_ManagedElement" },
        .walk = affected_walk,
    },
};

/* Msvm_SnapshotOfVirtualSystem. */

static int emit_all(struct cim_call *call, const struct snapshot_list *snapshots,
                    struct cim_sink *sink)
{
    for (size_t i = 0; snapshots && i < snapshots->count; i++)
        if (hv_emit_snapshot(call, &snapshots->items[i], sink) != 0)
            return -1;
    return snapshots ? 0 : -1;
}

static int snapshot_walk(struct cim_call *call, const struct cim_instance *source, int from,
                         struct cim_sink *sink)
{
    const struct hv_settings *settings = source->object;
    const struct hv_system *system = source->object;
    const struct vm *vm;

    if (from == 0)
        return system->vm ? emit_all(call, hv_snapshots(call, &system->vm->id), sink) : 0;
    vm = settings->snapshot ? hv_vm(call, &settings->snapshot->vm) : NULL;
    if (vm)
        return hv_emit_system(call, vm, sink);
    return call->err->code ? -1 : 0;
}

static const struct cim_property snapshot_properties[] = {
    REF_KEY("Antecedent"),
    REF_KEY("Dependent"),
};

const struct cim_class msvm_snapshot_of_virtual_system = {
    .ns = CIM_NS_V2,
    .name = "Msvm_SnapshotOfVirtualSystem",
    .super = (const char *const[]){ "CIM_SnapshotOfVirtualSystem", "CIM_Dependency", NULL },
    .properties = snapshot_properties,
    .property_count = COUNT(snapshot_properties),
    .association = &(const struct cim_association){
        .role = { "Antecedent", "Dependent" },
        .class = { "Msvm_ComputerSystem", "Msvm_VirtualSystemSettingData" },
        .walk = snapshot_walk,
    },
};
