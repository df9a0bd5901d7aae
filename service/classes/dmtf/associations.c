/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The DMTF's associations that Hyper-V has too.
 */
#include "classes/dmtf/dmtf.h"

static const struct cim_property affected_properties[] = {
    REF_KEY("AffectedElement"),
    REF_KEY("AffectingElement"),
    SAME_ARRAY("ElementEffects", UINT16),
    SAME_ARRAY("OtherElementEffectsDescriptions", STRING),
};

const struct cim_class dmtf_affected_job_element = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_affected_job_element,
    .name = "CIM_AffectedJobElement",
    .super = (const char *const[]){ NULL },
    .properties = affected_properties,
    .property_count = COUNT(affected_properties),
    .association = &(const struct cim_association){
        .role = { "AffectingElement", "AffectedElement" },
        .class = { "CIM_Job", "CIM_ManagedElement" },
    },
};

static const struct cim_property dependency_properties[] = {
    REF_KEY("Antecedent"),
    REF_KEY("Dependent"),
};

const struct cim_class dmtf_snapshot_of_virtual_system = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_snapshot_of_virtual_system,
    .name = "CIM_SnapshotOfVirtualSystem",
    .super = (const char *const[]){ "CIM_Dependency", NULL },
    .properties = dependency_properties,
    .property_count = COUNT(dependency_properties),
    .association = &(const struct cim_association){
        .role = { "Antecedent", "Dependent" },
        .class = { "CIM_ComputerSystem", "CIM_VirtualSystemSettingData" },
    },
};
