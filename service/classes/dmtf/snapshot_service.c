/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CIM_VirtualSystemSnapshotService.
 */
#include "classes/dmtf/dmtf.h"

static const struct cim_property properties[] = {
    SAME_ARRAY("AvailableRequestedStates", UINT16),
    FIXED("Caption", STRING, "Virtual System Snapshot Service"),
    SAME("CommunicationStatus", UINT16),
    FIXED_KEY("CreationClassName", "CIM_VirtualSystemSnapshotService"),
    FIXED("Description", STRING, "Makes, applies and destroys snapshots of virtual systems"),
    SAME("DetailedStatus", UINT16),
    FIXED("ElementName", STRING, "Virtual System Snapshot Service"),
    SAME("EnabledDefault", UINT16),
    SAME("EnabledState", UINT16),
    SAME("HealthState", UINT16),
    SAME("InstallDate", DATETIME),
    SAME("InstanceID", STRING),
    SAME_KEY("Name"),
    SAME("OperatingStatus", UINT16),
    SAME_ARRAY("OperationalStatus", UINT16),
    SAME("OtherEnabledState", STRING),
    SAME("PrimaryOwnerContact", STRING),
    SAME("PrimaryOwnerName", STRING),
    SAME("PrimaryStatus", UINT16),
    SAME("RequestedState", UINT16),
    SAME("Started", BOOLEAN),
    SAME("StartMode", STRING),
    SAME("Status", STRING),
    SAME_ARRAY("StatusDescriptions", STRING),
    FIXED_KEY("SystemCreationClassName", "CIM_ComputerSystem"),
    SAME_KEY("SystemName"),
    SAME("TimeOfLastStateChange", DATETIME),
    SAME("TransitioningToState", UINT16),
};

const struct cim_class dmtf_snapshot_service = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_virtual_system_snapshot_service,
    .name = "CIM_VirtualSystemSnapshotService",
    .super = (const char *const[]){ "CIM_Service", "CIM_EnabledLogicalElement", "CIM_LogicalElement",
                                    "CIM_ManagedSystemElement", "CIM_ManagedElement", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .methods = hv_snapshot_methods,
    .method_count = HV_SNAPSHOT_METHODS_DMTF,
};
