/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * V1's setting data of processors and memory; what else a machine has is in resources.c.
 */
#include "classes/v1/v1.h"

#include "classes/hyperv/device.h"

static const struct cim_property allocation_rows[] = {
    NIL("Address", STRING),
    SAME("AutomaticAllocation", BOOLEAN),
    SAME("AutomaticDeallocation", BOOLEAN),
    NIL_ARRAY("Connection", STRING),
    NIL("ConsumerVisibility", UINT16),
    NIL("DeviceID", STRING),
    NIL("DeviceIDFormat", STRING),
    NIL_ARRAY("HostResource", STRING),
    SAME_KEY("InstanceID"),
    FIXED("IsVirtualized", BOOLEAN, "true"),
    SAME("Limit", UINT64),
    NIL("MappingBehavior", UINT16),
    NIL("OtherResourceType", STRING),
    NIL("Parent", STRING),
    NIL("PoolID", STRING),
    SAME("Reservation", UINT64),
    SAME("ResourceType", UINT16),
    SAME("VirtualQuantity", UINT64),
    SAME("Weight", UINT32),
};

static const struct cim_rows shared_rows = { allocation_rows, COUNT(allocation_rows) };

static const struct cim_property processor_rows[] = {
    FIXED("AllocationUnits", STRING, "Processor Cores"),
    FIXED("Caption", STRING, "Processor"),
    FIXED("Description", STRING, "Settings for Microsoft Virtual Processor"),
    FIXED("ElementName", STRING, "Processor"),
    SAME("LimitCPUID", BOOLEAN),
    SAME("LimitProcessorFeatures", BOOLEAN),
    NIL("ProcessorsPerSocket", UINT16),
    FIXED("ResourceSubType", STRING, "Microsoft Processor"),
    NIL("SocketCount", UINT16),
    NIL("ThreadsEnabled", BOOLEAN),
};

#define SUPER "CIM_ResourceAllocationSettingData", "CIM_SettingData", "CIM_ManagedElement", NULL

const struct cim_class v1_processor_setting_data = {
    .ns = CIM_NS_V1,
    .origin = &msvm_processor_setting_data,
    .name = "Msvm_ProcessorSettingData",
    .super = (const char *const[]){ SUPER },
    .properties = processor_rows,
    .property_count = COUNT(processor_rows),
    .shared = &shared_rows,
    .get_key = "InstanceID",
};

static const struct cim_property memory_rows[] = {
    FIXED("AllocationUnits", STRING, "MB"),
    FIXED("Caption", STRING, "Memory"),
    FIXED("Description", STRING, "Settings for Microsoft Virtual Machine Memory"),
    SAME("DynamicMemoryEnabled", BOOLEAN),
    FIXED("ElementName", STRING, "Memory"),
    FIXED("ResourceSubType", STRING, "Microsoft Virtual Machine Memory"),
    SAME("TargetMemoryBuffer", UINT32),
};

const struct cim_class v1_memory_setting_data = {
    .ns = CIM_NS_V1,
    .origin = &msvm_memory_setting_data,
    .name = "Msvm_MemorySettingData",
    .super = (const char *const[]){ SUPER },
    .properties = memory_rows,
    .property_count = COUNT(memory_rows),
    .shared = &shared_rows,
    .get_key = "InstanceID",
};
