/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Associations of root/virtualization. Most show those of V2.
 */
#include "classes/v1/v1.h"

#include "cim/list.h"
#include "classes/hyperv/device.h"

#define MACHINE  "Msvm_ComputerSystem"
#define SETTINGS "Msvm_VirtualSystemSettingData"
#define SERVICE  "Msvm_VirtualSystemManagementService"
#define ANYTHING "CIM_ManagedElement"

/* ---- the rows, by the names of the ends ---- */

static const struct cim_property affected_rows[] = {
    REF_KEY("AffectedElement"),
    REF_KEY("AffectingElement"),
    SAME_ARRAY("ElementEffects", UINT16),
    SAME_ARRAY("OtherElementEffectsDescriptions", STRING),
};

static const struct cim_property owning_rows[] = {
    REF_KEY("OwnedElement"),
    REF_KEY("OwningElement"),
};

static const struct cim_property element_rows[] = {
    FIXED("IsCurrent", UINT16, "0"),
    FIXED("IsDefault", UINT16, "0"),
    FIXED("IsMaximum", UINT16, "0"),
    FIXED("IsMinimum", UINT16, "0"),
    FIXED("IsNext", UINT16, "0"),
    REF_KEY("ManagedElement"),
    REF_KEY("SettingData"),
};

static const struct cim_property state_rows[] = {
    REF_KEY("ManagedElement"),
    REF_KEY("SettingData"),
};

static const struct cim_property component_rows[] = {
    REF_KEY("GroupComponent"),
    REF_KEY("PartComponent"),
};

static const struct cim_property hosted_rows[] = {
    REF_KEY("Antecedent"),
    REF_KEY("Dependent"),
};

/* ---- those that this model walks by itself ---- */

/* Every job is the one service's. */
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

/* A machine, what is said of it once and for all, and its snapshots. */
static int element_walk(struct cim_call *call, const struct cim_instance *source, int from,
                        struct cim_sink *sink)
{
    const struct cim_instance plain = cim_instance_plain(source);
    const struct hv_settings *settings = source->object;
    const struct hv_system *system = source->object;
    struct list_view view;

    list_view(&view, CIM_NS_V1, sink);
    if (source->class == &v1_virtual_system_global_setting_data)
        return hv_emit_system(call, settings->vm, &view.sink);
    if (source->class == &v1_computer_system && system->vm && v1_emit_global(call, system->vm, sink) != 0)
        return -1;
    return msvm_element_setting_data.association->walk(call, &plain, from, &view.sink);
}

#define OWN(function, role_0, class_0, role_1, class_1)                                            \
    .association = &(const struct cim_association){                                                \
        .role = { role_0, role_1 },                                                                \
        .class = { class_0, class_1 },                                                             \
        .walk = function,                                                                          \
    }

/* ---- the classes ---- */

/* ends: a VIEW() of plain, or with plain NULL an OWN(); then the names of base classes. */
#define LINK(variable, plain, text, rows, ends, ...)                                               \
    const struct cim_class variable = {                                                            \
        .ns = CIM_NS_V1,                                                                           \
        .origin = plain,                                                                           \
        .name = text,                                                                              \
        .super = (const char *const[]){ __VA_ARGS__, NULL },                                       \
        .properties = rows,                                                                        \
        .property_count = COUNT(rows),                                                             \
        ends,                                                                                      \
    }

LINK(v1_affected_job_element, &msvm_affected_job_element, "Msvm_AffectedJobElement", affected_rows,
     VIEW(NULL, "AffectingElement", "Msvm_ConcreteJob", "AffectedElement", ANYTHING), "CIM_AffectedJobElement");
LINK(v1_owning_job_element, NULL, "Msvm_OwningJobElement", owning_rows,
     OWN(owning_walk, "OwningElement", SERVICE, "OwnedElement", "Msvm_ConcreteJob"), "CIM_OwningJobElement");
LINK(v1_element_setting_data, NULL, "Msvm_ElementSettingData", element_rows,
     OWN(element_walk, "ManagedElement", MACHINE, "SettingData", "CIM_SettingData"), "CIM_ElementSettingData");
LINK(v1_settings_define_state, &msvm_settings_define_state, "Msvm_SettingsDefineState", state_rows,
     VIEW(MACHINE, "ManagedElement", ANYTHING, "SettingData", "CIM_SettingData"), "CIM_SettingsDefineState");
/* The snapshot that a machine's own settings derive from. */
LINK(v1_previous_setting_data, &msvm_most_current_snapshot_in_branch, "Msvm_PreviousSettingData", element_rows,
     VIEW(NULL, "ManagedElement", MACHINE, "SettingData", SETTINGS), "CIM_ElementSettingData");
LINK(v1_virtual_system_setting_data_component, &msvm_virtual_system_setting_data_component,
     "Msvm_VirtualSystemSettingDataComponent", component_rows,
     VIEW(NULL, "GroupComponent", SETTINGS, "PartComponent", "CIM_ResourceAllocationSettingData"),
     "CIM_VirtualSystemSettingDataComponent", "CIM_Component");
LINK(v1_hosted_service, &msvm_hosted_service, "Msvm_HostedService", hosted_rows,
     VIEW(NULL, "Antecedent", "CIM_System", "Dependent", "CIM_Service"), "CIM_HostedService", "CIM_HostedDependency",
     "CIM_Dependency");
LINK(v1_service_affects_element, &msvm_service_affects_element, "Msvm_ServiceAffectsElement", affected_rows,
     VIEW(MACHINE, "AffectedElement", ANYTHING, "AffectingElement", "CIM_Service"), "CIM_ServiceAffectsElement");
