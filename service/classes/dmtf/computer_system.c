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

/* As Hyper-V's, with the DMTF's return codes. */
static int request_state_change(struct cim_call *call, const struct cim_instance *self,
                                const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    if (hv_request_state_change(call, self, in, out, ret) == 0)
        return 0;
    if (!error_row(call->err->code)->returns || call->err->code == ERR_NOT_FOUND)
        return -1;
    *ret = hv_transition_code(call->err);
    error_clear(call->err);
    return 0;
}

static const struct cim_method methods[] = {
    {
        .name = "RequestStateChange",
        .role = ROLE_OPERATOR,
        .parameters = hv_state_parameters,
        .parameter_count = COUNT(hv_state_parameters),
        .invoke = request_state_change,
    },
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
    .methods = methods,
    .method_count = COUNT(methods),
};
