/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Associations of root/virtualization.
 */
#include "classes/v1/v1.h"

#include "cim/list.h"

/* Msvm_AffectedJobElement, as V2's. */

static const struct cim_property affected_properties[] = {
    REF_KEY("AffectedElement"),
    REF_KEY("AffectingElement"),
    SAME_ARRAY("ElementEffects", UINT16),
    SAME_ARRAY("OtherElementEffectsDescriptions", STRING),
};

const struct cim_class v1_affected_job_element = {
    .ns = CIM_NS_V1,
    .origin = &msvm_affected_job_element,
    .name = "Msvm_AffectedJobElement",
    .super = (const char *const[]){ "CIM_AffectedJobElement", NULL },
    .properties = affected_properties,
    .property_count = COUNT(affected_properties),
    .association = &(const struct cim_association){
        .role = { "AffectingElement", "AffectedElement" },
        .class = { "Msvm_ConcreteJob", "CIM_ManagedElement" },
    },
};

/* Msvm_OwningJobElement: every job is the one service's. */

static int owning_walk(struct cim_call *call, const struct cim_instance *source, int from,
                       struct cim_sink *sink)
{
    const struct job_list *jobs;
    struct list_view view;

    (void)source;
    if (from == 1)
        return hv_emit_service(call, &v1_virtual_system_management_service, sink);
    jobs = hv_jobs(call);
    list_view(&view, CIM_NS_V1, sink);
    for (size_t i = 0; jobs && i < jobs->count; i++)
        if (hv_emit_job(&jobs->items[i], &view.sink) != 0)
            return -1;
    return jobs ? 0 : -1;
}

static const struct cim_property owning_properties[] = {
    REF_KEY("OwnedElement"),
    REF_KEY("OwningElement"),
};

const struct cim_class v1_owning_job_element = {
    .ns = CIM_NS_V1,
    .name = "Msvm_OwningJobElement",
    .super = (const char *const[]){ "CIM_OwningJobElement", NULL },
    .properties = owning_properties,
    .property_count = COUNT(owning_properties),
    .association = &(const struct cim_association){
        .role = { "OwningElement", "OwnedElement" },
        .class = { "Msvm_VirtualSystemManagementService", "Msvm_ConcreteJob" },
        .walk = owning_walk,
    },
};

/* Msvm_ElementSettingData: a machine's snapshots. */

static const struct cim_property element_properties[] = {
    FIXED("IsCurrent", UINT16, "0"),
    FIXED("IsDefault", UINT16, "0"),
    FIXED("IsMaximum", UINT16, "0"),
    FIXED("IsMinimum", UINT16, "0"),
    FIXED("IsNext", UINT16, "0"),
    REF_KEY("ManagedElement"),
    REF_KEY("SettingData"),
};

const struct cim_class v1_element_setting_data = {
    .ns = CIM_NS_V1,
    .origin = &msvm_snapshot_of_virtual_system,
    .name = "Msvm_ElementSettingData",
    .super = (const char *const[]){ "CIM_ElementSettingData", NULL },
    .properties = element_properties,
    .property_count = COUNT(element_properties),
    .association = &(const struct cim_association){
        .role = { "ManagedElement", "SettingData" },
        .class = { "Msvm_ComputerSystem", "Msvm_VirtualSystemSettingData" },
    },
};
