/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a job affects, and who began it (DSP1103).
 */
#include "classes/dmtf/dmtf.h"

#include "cim/list.h"

/* ---- CIM_AffectedJobElement ---- */

#define PERFORMANCE_IMPACT "3"
#define ELEMENT_INTEGRITY  "4"
#define CREATE             "5"

/* Create is for what the job makes, and nothing else: by it clients know the new snapshot. */
static void get_effects(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct cim_pair *pair = object;
    const struct job *job = pair->end[0].object;
    const char *effect = pair->end[1].class == &dmtf_computer_system ? PERFORMANCE_IMPACT
                         : job_kind_row(job->kind)->promises         ? CREATE
                                                                     : ELEMENT_INTEGRITY;

    hv_list(out, arena, &effect, 1);
}

static const struct cim_property affected_rows[] = {
    REF_KEY("AffectedElement"),
    REF_KEY("AffectingElement"),
    GET_ARRAY("ElementEffects", UINT16, get_effects),
    SAME_ARRAY("OtherElementEffectsDescriptions", STRING),
};

const struct cim_class dmtf_affected_job_element = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_affected_job_element,
    .name = "CIM_AffectedJobElement",
    .super = (const char *const[]){ NULL },
    .properties = affected_rows,
    .property_count = COUNT(affected_rows),
    .association = &(const struct cim_association){
        .role = { "AffectingElement", "AffectedElement" },
        .class = { "CIM_Job", "CIM_ManagedElement" },
    },
};

/* ---- CIM_OwningJobElement: what began the job ---- */

bool dmtf_is_service_job(const struct job *job)
{
    return hv_job_owner(job) == &msvm_virtual_system_snapshot_service;
}

static int owner(struct cim_call *call, const struct job *job, struct cim_sink *sink)
{
    const struct vm *vm;
    struct list_view view;

    if (dmtf_is_service_job(job))
        return hv_emit_service(call, &dmtf_snapshot_service, sink);
    vm = hv_vm(call, &job->vm);
    if (vm)
        return hv_emit_system(call, vm, list_view(&view, CIM_NS_INTEROP, sink));
    return call->err->code ? -1 : 0;
}

static bool owns(const struct cim_instance *element, const struct job *job)
{
    const struct hv_system *system = element->object;

    if (element->class == &dmtf_snapshot_service)
        return dmtf_is_service_job(job);
    return system->vm && !dmtf_is_service_job(job) && guid_equal(&system->vm->id, &job->vm);
}

static int owning_walk(struct cim_call *call, const struct cim_instance *source, int from, struct cim_sink *sink)
{
    const struct job_list *jobs;
    struct list_view view;

    if (from == 0)
        return owner(call, source->object, sink);
    if (source->class != &dmtf_snapshot_service && source->class != &dmtf_computer_system)
        return 0;
    jobs = hv_jobs(call);
    list_view(&view, CIM_NS_INTEROP, sink);
    for (size_t i = 0; jobs && i < jobs->count; i++)
        if (owns(source, &jobs->items[i]) && hv_emit_job(&jobs->items[i], &view.sink) != 0)
            return -1;
    return jobs ? 0 : -1;
}

static const struct cim_property owning_rows[] = {
    REF_KEY("OwnedElement"),
    REF_KEY("OwningElement"),
};

const struct cim_class dmtf_owning_job_element = {
    .ns = CIM_NS_INTEROP,
    .name = "CIM_OwningJobElement",
    .super = (const char *const[]){ NULL },
    .properties = owning_rows,
    .property_count = COUNT(owning_rows),
    .association = &(const struct cim_association){
        .role = { "OwnedElement", "OwningElement" },
        .class = { "CIM_Job", "CIM_ManagedElement" },
        .walk = owning_walk,
    },
};
