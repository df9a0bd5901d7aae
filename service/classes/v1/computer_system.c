/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * V1's Msvm_ComputerSystem.
 */
#include "classes/v1/v1.h"

#include <string.h>

const char *v1_enabled_state(const char *v2)
{
    static const char *const states[][2] = { { "9", "32768" }, { "6", "32769" } };

    for (size_t i = 0; v2 && i < COUNT(states); i++)
        if (strcmp(v2, states[i][0]) == 0)
            return states[i][1];
    return v2;
}

static void get_enabled_state(const void *object, struct arena *arena, struct cim_value *out)
{
    cim_get_named(&msvm_computer_system, object, "EnabledState", arena, out);
    out->text = v1_enabled_state(out->text);
}

static const struct cim_property properties[] = {
    NIL_ARRAY("AssignedNumaNodeList", UINT16),
    SAME("Caption", STRING),
    SAME_KEY("CreationClassName"),
    FIXED_ARRAY("Dedicated", UINT16, "0"),
    SAME("Description", STRING),
    SAME("ElementName", STRING),
    SAME("EnabledDefault", UINT16),
    GET("EnabledState", UINT16, get_enabled_state),
    SAME("HealthState", UINT16),
    SAME_ARRAY("IdentifyingDescriptions", STRING),
    SAME("InstallDate", DATETIME),
    SAME_KEY("Name"),
    SAME("NameFormat", STRING),
    SAME("OnTimeInMilliseconds", UINT64),
    SAME_ARRAY("OperationalStatus", UINT16),
    SAME_ARRAY("OtherDedicatedDescriptions", STRING),
    SAME("OtherEnabledState", STRING),
    SAME_ARRAY("OtherIdentifyingInfo", STRING),
    SAME_ARRAY("PowerManagementCapabilities", UINT16),
    SAME("PrimaryOwnerContact", STRING),
    SAME("PrimaryOwnerName", STRING),
    SAME("ProcessID", UINT32),
    SAME("RequestedState", UINT16),
    SAME("ResetCapability", UINT16),
    SAME_ARRAY("Roles", STRING),
    SAME("Status", STRING),
    SAME_ARRAY("StatusDescriptions", STRING),
    SAME("TimeOfLastConfigurationChange", DATETIME),
    SAME("TimeOfLastStateChange", DATETIME),
};

const struct cim_class v1_computer_system = {
    .ns = CIM_NS_V1,
    .origin = &msvm_computer_system,
    .name = "Msvm_ComputerSystem",
    .super = (const char *const[]){ "CIM_ComputerSystem", "CIM_System", "CIM_EnabledLogicalElement",
                                    "CIM_LogicalElement", "CIM_ManagedSystemElement",
                                    "CIM_ManagedElement", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .get_key = "Name",
    .methods = hv_system_methods,
    .method_count = HV_SYSTEM_METHODS,
};
