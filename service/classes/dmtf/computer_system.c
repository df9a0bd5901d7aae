/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CIM_ComputerSystem: the host and every machine.
 */
#include "classes/dmtf/dmtf.h"

static void get_description(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = ((const struct hv_system *)object)->vm ? "Virtual computer system" : "Hosting computer system";
}

static const struct cim_property properties[] = {
    SAME_ARRAY("AvailableRequestedStates", UINT16),
    SAME("Caption", STRING),
    SAME("CommunicationStatus", UINT16),
    FIXED_KEY("CreationClassName", "CIM_ComputerSystem"),
    SAME_ARRAY("Dedicated", UINT16),
    GET("Description", STRING, get_description),
    SAME("DetailedStatus", UINT16),
    SAME("ElementName", STRING),
    SAME("EnabledDefault", UINT16),
    SAME("EnabledState", UINT16),
    SAME("HealthState", UINT16),
    SAME_ARRAY("IdentifyingDescriptions", STRING),
    SAME("InstallDate", DATETIME),
    SAME("InstanceID", STRING),
    SAME_KEY("Name"),
    SAME("NameFormat", STRING),
    SAME("OperatingStatus", UINT16),
    SAME_ARRAY("OperationalStatus", UINT16),
    SAME_ARRAY("OtherDedicatedDescriptions", STRING),
    SAME("OtherEnabledState", STRING),
    SAME_ARRAY("OtherIdentifyingInfo", STRING),
    SAME_ARRAY("PowerManagementCapabilities", UINT16),
    SAME("PrimaryOwnerContact", STRING),
    SAME("PrimaryOwnerName", STRING),
    SAME("PrimaryStatus", UINT16),
    SAME("RequestedState", UINT16),
    SAME("ResetCapability", UINT16),
    SAME_ARRAY("Roles", STRING),
    SAME("Status", STRING),
    SAME_ARRAY("StatusDescriptions", STRING),
    SAME("TimeOfLastStateChange", DATETIME),
    SAME("TransitioningToState", UINT16),
};

const struct cim_class dmtf_computer_system = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_computer_system,
    .name = "CIM_ComputerSystem",
    .super = (const char *const[]){ "CIM_System", "CIM_EnabledLogicalElement", "CIM_LogicalElement",
                                    "CIM_ManagedSystemElement", "CIM_ManagedElement", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .get_key = "Name",
    .methods = hv_system_methods,
    .method_count = HV_SYSTEM_METHODS,
};
