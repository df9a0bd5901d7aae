/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The DMTF's associations between machines, settings and services. Hyper-V has them too, and its class files
 * walk; those of jobs are in job_links.c.
 */
#include "classes/dmtf/dmtf.h"

#include "classes/hyperv/device.h"

#define MACHINE  "CIM_ComputerSystem"
#define SETTINGS "CIM_VirtualSystemSettingData"
#define ANYTHING "CIM_ManagedElement"

/* ---- machines and their settings ---- */

static const struct cim_property state_rows[] = {
    REF_KEY("ManagedElement"),
    REF_KEY("SettingData"),
};

const struct cim_class dmtf_settings_define_state = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_settings_define_state,
    .name = "CIM_SettingsDefineState",
    .super = (const char *const[]){ NULL },
    .properties = state_rows,
    .property_count = COUNT(state_rows),
    VIEW(MACHINE, "ManagedElement", ANYTHING, "SettingData", "CIM_SettingData"),
};

/* What a snapshot keeps is neither what the machine is by now nor what it will start with. */
static const struct cim_property element_rows[] = {
    FIXED("IsCurrent", UINT16, "2" /* Is Not Current */),
    FIXED("IsDefault", UINT16, "2" /* Is Not Default */),
    FIXED("IsNext", UINT16, "2" /* Is Not Next */),
    REF_KEY("ManagedElement"),
    REF_KEY("SettingData"),
};

const struct cim_class dmtf_element_setting_data = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_element_setting_data,
    .name = "CIM_ElementSettingData",
    .super = (const char *const[]){ NULL },
    .properties = element_rows,
    .property_count = COUNT(element_rows),
    VIEW(MACHINE, "ManagedElement", ANYTHING, "SettingData", "CIM_SettingData"),
};

static const struct cim_property component_rows[] = {
    REF_KEY("GroupComponent"),
    REF_KEY("PartComponent"),
};

const struct cim_class dmtf_virtual_system_setting_data_component = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_virtual_system_setting_data_component,
    .name = "CIM_VirtualSystemSettingDataComponent",
    .super = (const char *const[]){ "CIM_Component", NULL },
    .properties = component_rows,
    .property_count = COUNT(component_rows),
    VIEW(NULL, "GroupComponent", SETTINGS, "PartComponent", "CIM_ResourceAllocationSettingData"),
};

/* ---- snapshots ---- */

static const struct cim_property dependency_rows[] = {
    REF_KEY("Antecedent"),
    REF_KEY("Dependent"),
};

const struct cim_class dmtf_snapshot_of_virtual_system = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_snapshot_of_virtual_system,
    .name = "CIM_SnapshotOfVirtualSystem",
    .super = (const char *const[]){ "CIM_Dependency", NULL },
    .properties = dependency_rows,
    .property_count = COUNT(dependency_rows),
    VIEW(NULL, "Antecedent", MACHINE, "Dependent", SETTINGS),
};

const struct cim_class dmtf_most_current_snapshot_in_branch = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_most_current_snapshot_in_branch,
    .name = "CIM_MostCurrentSnapshotInBranch",
    .super = (const char *const[]){ "CIM_Dependency", NULL },
    .properties = dependency_rows,
    .property_count = COUNT(dependency_rows),
    VIEW(NULL, "Antecedent", MACHINE, "Dependent", SETTINGS),
};

const struct cim_class dmtf_last_applied_snapshot = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_last_applied_snapshot,
    .name = "CIM_LastAppliedSnapshot",
    .super = (const char *const[]){ "CIM_Dependency", NULL },
    .properties = dependency_rows,
    .property_count = COUNT(dependency_rows),
    VIEW(NULL, "Dependent", MACHINE, "Antecedent", SETTINGS),
};

/* The DMTF has no class for the edges of the tree, so this name is our own; clients that do not know it find
 * it as the dependency it is. */
const struct cim_class dmtf_parent_child_setting_data = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_parent_child_setting_data,
    .name = "Cimsnapd_ParentChildSettingData",
    .super = (const char *const[]){ "CIM_Dependency", NULL },
    .properties = dependency_rows,
    .property_count = COUNT(dependency_rows),
    VIEW(NULL, "Dependent", SETTINGS, "Antecedent", SETTINGS),
};

/* ---- services ---- */

const struct cim_class dmtf_hosted_service = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_hosted_service,
    .name = "CIM_HostedService",
    .super = (const char *const[]){ "CIM_HostedDependency", "CIM_Dependency", NULL },
    .properties = dependency_rows,
    .property_count = COUNT(dependency_rows),
    VIEW(NULL, "Antecedent", "CIM_System", "Dependent", "CIM_Service"),
};

static const struct cim_property affects_rows[] = {
    REF_KEY("AffectedElement"),
    REF_KEY("AffectingElement"),
    SAME_ARRAY("ElementEffects", UINT16),
    SAME_ARRAY("OtherElementEffectsDescriptions", STRING),
};

const struct cim_class dmtf_service_affects_element = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_service_affects_element,
    .name = "CIM_ServiceAffectsElement",
    .super = (const char *const[]){ NULL },
    .properties = affects_rows,
    .property_count = COUNT(affects_rows),
    VIEW(MACHINE, "AffectedElement", ANYTHING, "AffectingElement", "CIM_Service"),
};
