/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Associations of root/virtualization.
 */
#include "classes/v1/v1.h"

#include "cim/list.h"
#include "classes/hyperv/device.h"

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

/* Msvm_SettingsDefineState: a machine's own settings. */

static const struct cim_property state_properties[] = {
    REF_KEY("ManagedElement"),
    REF_KEY("SettingData"),
};

const struct cim_class v1_settings_define_state = {
    .ns = CIM_NS_V1,
    .origin = &msvm_settings_define_state,
    .name = "Msvm_SettingsDefineState",
    .super = (const char *const[]){ "CIM_SettingsDefineState", NULL },
    .properties = state_properties,
    .property_count = COUNT(state_properties),
    .association = &(const struct cim_association){
        .role = { "ManagedElement", "SettingData" },
        .class = { "CIM_ManagedElement", "CIM_SettingData" },
        .first = "Msvm_ComputerSystem",
    },
};

/* Msvm_PreviousSettingData: the snapshot that a machine's own settings derive from. */

const struct cim_class v1_previous_setting_data = {
    .ns = CIM_NS_V1,
    .origin = &msvm_most_current_snapshot_in_branch,
    .name = "Msvm_PreviousSettingData",
    .super = (const char *const[]){ "CIM_ElementSettingData", NULL },
    .properties = element_properties,
    .property_count = COUNT(element_properties),
    .association = &(const struct cim_association){
        .role = { "ManagedElement", "SettingData" },
        .class = { "Msvm_ComputerSystem", "Msvm_VirtualSystemSettingData" },
    },
};

/* Msvm_VirtualSystemSettingDataComponent: settings and those of parts. */

static const struct cim_property component_properties[] = {
    REF_KEY("GroupComponent"),
    REF_KEY("PartComponent"),
};

const struct cim_class v1_virtual_system_setting_data_component = {
    .ns = CIM_NS_V1,
    .origin = &msvm_virtual_system_setting_data_component,
    .name = "Msvm_VirtualSystemSettingDataComponent",
    .super = (const char *const[]){ "CIM_VirtualSystemSettingDataComponent", "CIM_Component", NULL },
    .properties = component_properties,
    .property_count = COUNT(component_properties),
    .association = &(const struct cim_association){
        .role = { "GroupComponent", "PartComponent" },
        .class = { "Msvm_VirtualSystemSettingData", "CIM_ResourceAllocationSettingData" },
    },
};

/* Msvm_HostedService and Msvm_ServiceAffectsElement, as V2's. */

static const struct cim_property hosted_properties[] = {
    REF_KEY("Antecedent"),
    REF_KEY("Dependent"),
};

const struct cim_class v1_hosted_service = {
    .ns = CIM_NS_V1,
    .origin = &msvm_hosted_service,
    .name = "Msvm_HostedService",
    .super = (const char *const[]){ "CIM_HostedService", "CIM_HostedDependency", "CIM_Dependency", NULL },
    .properties = hosted_properties,
    .property_count = COUNT(hosted_properties),
    .association = &(const struct cim_association){
        .role = { "Antecedent", "Dependent" },
        .class = { "CIM_System", "CIM_Service" },
    },
};

const struct cim_class v1_service_affects_element = {
    .ns = CIM_NS_V1,
    .origin = &msvm_service_affects_element,
    .name = "Msvm_ServiceAffectsElement",
    .super = (const char *const[]){ "CIM_ServiceAffectsElement", NULL },
    .properties = affected_properties, /* of the same names */
    .property_count = COUNT(affected_properties),
    .association = &(const struct cim_association){
        .role = { "AffectedElement", "AffectingElement" },
        .class = { "CIM_ManagedElement", "CIM_Service" },
        .first = "Msvm_ComputerSystem",
    },
};
