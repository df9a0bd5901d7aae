/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Setting data of allocations: what all of them have (CIM_ResourceAllocationSettingData), and the classes
 * that have little besides. Values that never change are those that Hyper-V gives.
 */
#include "classes/hyperv/device.h"

#include <string.h>

static const struct hv_device *device_of(const void *object)
{
    return object;
}

static const struct hv_kind_facts *facts_of(const void *object)
{
    return &hv_kinds[device_of(object)->kind];
}

/* ---- what all have ---- */

static void get_id(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = hv_device_id(object, arena);
}

static void get_name(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_device_name(object, facts_of(object)->name, arena, out);
}

static void get_description(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = facts_of(object)->description;
}

void hv_get_resource_type(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = facts_of(object)->type;
}

void hv_get_other_resource_type(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    if (strcmp(facts_of(object)->type, "1") == 0)
        out->text = facts_of(object)->subtype;
}

void hv_get_resource_subtype(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = facts_of(object)->subtype;
}

void hv_get_resource_units(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = facts_of(object)->units;
}

static void get_parent(const void *object, struct arena *arena, struct cim_value *out)
{
    struct hv_device parent;

    if (hv_device_parent(object, &parent))
        out->text = hv_device_settings_path(&parent, CIM_NS_V2, arena);
}

static void get_address(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_device *device = object;
    const struct hw_nic *nic = hv_nic_of(device);

    if (nic && device->kind != HV_CONNECTION)
        hv_text(out, arena, nic->mac);
    else if (device->hardware && device->kind == HV_IDE_CONTROLLER)
        hv_number(out, arena, hv_device_number(device));
    else if (device->hardware && device->kind >= HV_SCSI_CONTROLLER &&
             device->kind <= HV_DISKETTE_CONTROLLER)
        out->text = "";
}

static void get_address_on_parent(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_device *device = object;

    if (hv_drive_of(device) && device->kind < HV_DISK_IMAGE)
        hv_number(out, arena, hv_device_unit(device));
}

/* One each of what is not measured. */
static void get_one(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)object;
    (void)arena;
    out->text = "1";
}

/* Of a drive what is in it, of a port the socket behind it. */
static void get_connection(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_device *device = object;

    if (device->hardware && device->kind == HV_SERIAL_PORT)
        hv_list(out, arena,
                (const char *const[]){ device->hardware->serials[device->index].path
                                           ? device->hardware->serials[device->index].path
                                           : "" }, 1);
}

static const struct cim_property allocation_rows[] = {
    GET("Address", STRING, get_address),
    GET("AddressOnParent", STRING, get_address_on_parent),
    GET("AllocationUnits", STRING, hv_get_resource_units),
    FIXED("AutomaticAllocation", BOOLEAN, "true"),
    FIXED("AutomaticDeallocation", BOOLEAN, "true"),
    GET("Caption", STRING, get_name),
    GET_ARRAY("Connection", STRING, get_connection),
    FIXED("ConsumerVisibility", UINT16, "3"),
    GET("Description", STRING, get_description),
    GET("ElementName", STRING, get_name),
    NIL_ARRAY("HostResource", STRING),
    KEY("InstanceID", get_id),
    GET("Limit", UINT64, get_one),
    NIL("MappingBehavior", UINT16),
    GET("OtherResourceType", STRING, hv_get_other_resource_type),
    GET("Parent", STRING, get_parent),
    FIXED("PoolID", STRING, ""),
    GET("Reservation", UINT64, get_one),
    GET("ResourceSubType", STRING, hv_get_resource_subtype),
    GET("ResourceType", UINT16, hv_get_resource_type),
    GET("VirtualQuantity", UINT64, get_one),
    FIXED("VirtualQuantityUnits", STRING, "count"),
    FIXED("Weight", UINT32, "0"),
};

const struct cim_rows hv_allocation_rows = { allocation_rows, COUNT(allocation_rows) };

#define SUPER_RASD "CIM_ResourceAllocationSettingData", "CIM_SettingData", "CIM_ManagedElement", NULL

/* ---- Msvm_ProcessorSettingData ---- */

/* What a definition may ask for, in the order of its names: Default, Minimum, Maximum, Increment. */
static const char *defined(const struct hv_device *device, const char *const values[4])
{
    switch (device->definition[0]) {
    case 'D':
        return values[0];
    case 'I':
        return values[3];
    default:
        return device->definition[1] == 'i' ? values[1] : values[2];
    }
}

/* Hyper-V's own bounds where the hypervisor here has none that could be told. */
static void get_processors(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_device *device = object;

    if (device->hardware)
        hv_number(out, arena, device->hardware->vcpus);
    else
        out->text = defined(device, (const char *const[]){ "1", "1", "255", "1" });
}

static void get_processor_nodes(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_device *device = object;

    if (device->hardware)
        hv_number(out, arena,
                  device->hardware->numa_nodes > 1
                      ? (device->hardware->vcpus_most + device->hardware->numa_nodes - 1) /
                            device->hardware->numa_nodes
                      : device->hardware->vcpus_most);
}

static void get_threads(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_device *device = object;

    if (device->hardware)
        hv_number(out, arena, device->hardware->threads);
}

static const struct cim_property processor_rows[] = {
    NIL("AllowACountMCount", BOOLEAN),
    NIL("CpuGroupId", STRING),
    NIL("DisableSpeculationControls", BOOLEAN),
    NIL("EnableHostResourceProtection", BOOLEAN),
    FIXED("ExposeVirtualizationExtensions", BOOLEAN, "false"),
    NIL("HideHypervisorPresent", BOOLEAN),
    GET("HwThreadsPerCore", UINT64, get_threads),
    FIXED("Limit", UINT64, "100000"),
    FIXED("LimitCPUID", BOOLEAN, "false"),
    FIXED("LimitProcessorFeatures", BOOLEAN, "false"),
    FIXED("MaxNumaNodesPerSocket", UINT64, "1"),
    GET("MaxProcessorsPerNumaNode", UINT64, get_processor_nodes),
    FIXED("Reservation", UINT64, "0"),
    GET("VirtualQuantity", UINT64, get_processors),
    FIXED("Weight", UINT32, "100"),
};

HV_SETTINGS_FUNCTIONS(msvm_processor_setting_data)

const struct cim_class msvm_processor_setting_data = {
    .ns = CIM_NS_V2,
    .name = "Msvm_ProcessorSettingData",
    .super = (const char *const[]){ SUPER_RASD },
    .properties = processor_rows,
    .property_count = COUNT(processor_rows),
    .shared = &hv_allocation_rows,
    HV_SETTINGS_ROWS(msvm_processor_setting_data),
};

/* ---- Msvm_MemorySettingData: in MiB ---- */

static void get_memory(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_device *device = object;

    if (device->hardware)
        hv_number(out, arena, device->hardware->memory_kib / 1024);
    else
        out->text = defined(device, (const char *const[]){ "1024", "1", "1048576", "1" });
}

static void get_memory_limit(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_device *device = object;

    if (device->hardware)
        hv_number(out, arena, device->hardware->memory_most_kib / 1024);
    else
        out->text = "1048576";
}

/* Where memory cannot be given back, all of it is kept. */
static void get_memory_reservation(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_device *device = object;

    if (device->hardware && !device->hardware->balloon)
        hv_number(out, arena, device->hardware->memory_most_kib / 1024);
    else
        out->text = "0";
}

static void get_dynamic(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_device *device = object;

    (void)arena;
    out->text = device->hardware && device->hardware->balloon &&
                        device->hardware->memory_kib < device->hardware->memory_most_kib
                    ? "true"
                    : "false";
}

static const struct cim_property memory_rows[] = {
    GET("DynamicMemoryEnabled", BOOLEAN, get_dynamic),
    NIL("HugePagesEnabled", BOOLEAN),
    FIXED("IsVirtualized", BOOLEAN, "true"),
    GET("Limit", UINT64, get_memory_limit),
    GET("MaxMemoryBlocksPerNumaNode", UINT64, get_memory_limit),
    GET("Reservation", UINT64, get_memory_reservation),
    NIL("SgxEnabled", BOOLEAN),
    FIXED("SwapFilesInUse", BOOLEAN, "false"),
    FIXED("TargetMemoryBuffer", UINT32, "20"),
    GET("VirtualQuantity", UINT64, get_memory),
    FIXED("VirtualQuantityUnits", STRING, "byte * 2^20"),
    FIXED("Weight", UINT32, "5000"),
};

HV_SETTINGS_FUNCTIONS(msvm_memory_setting_data)

const struct cim_class msvm_memory_setting_data = {
    .ns = CIM_NS_V2,
    .name = "Msvm_MemorySettingData",
    .super = (const char *const[]){ SUPER_RASD },
    .properties = memory_rows,
    .property_count = COUNT(memory_rows),
    .shared = &hv_allocation_rows,
    HV_SETTINGS_ROWS(msvm_memory_setting_data),
};

/* ---- Msvm_ResourceAllocationSettingData and what derives from it ---- */

static const struct cim_property resource_rows[] = {
    NIL_ARRAY("VirtualSystemIdentifiers", STRING),
};

HV_SETTINGS_FUNCTIONS(msvm_resource_allocation_setting_data)

const struct cim_class msvm_resource_allocation_setting_data = {
    .ns = CIM_NS_V2,
    .name = "Msvm_ResourceAllocationSettingData",
    .super = (const char *const[]){ SUPER_RASD },
    .properties = resource_rows,
    .property_count = COUNT(resource_rows),
    .shared = &hv_allocation_rows,
    HV_SETTINGS_ROWS(msvm_resource_allocation_setting_data),
};

static const struct cim_property serial_rows[] = {
    FIXED("DebuggerMode", BOOLEAN, "false"),
    NIL_ARRAY("VirtualSystemIdentifiers", STRING),
};

HV_SETTINGS_FUNCTIONS(msvm_serial_port_setting_data)

const struct cim_class msvm_serial_port_setting_data = {
    .ns = CIM_NS_V2,
    .name = "Msvm_SerialPortSettingData",
    .super = (const char *const[]){ "Msvm_ResourceAllocationSettingData", SUPER_RASD },
    .properties = serial_rows,
    .property_count = COUNT(serial_rows),
    .shared = &hv_allocation_rows,
    HV_SETTINGS_ROWS(msvm_serial_port_setting_data),
};

static void get_resolution(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)object;
    (void)arena;
    out->text = "0";
}

static const struct cim_property display_rows[] = {
    NIL("HorizontalResolution", UINT16),
    GET("ResolutionType", UINT8, get_resolution),
    NIL("VerticalResolution", UINT16),
    NIL_ARRAY("VirtualSystemIdentifiers", STRING),
};

HV_SETTINGS_FUNCTIONS(msvm_synthetic_display_controller_setting_data)

const struct cim_class msvm_synthetic_display_controller_setting_data = {
    .ns = CIM_NS_V2,
    .name = "Msvm_SyntheticDisplayControllerSettingData",
    .super = (const char *const[]){ "Msvm_ResourceAllocationSettingData", SUPER_RASD },
    .properties = display_rows,
    .property_count = COUNT(display_rows),
    .shared = &hv_allocation_rows,
    HV_SETTINGS_ROWS(msvm_synthetic_display_controller_setting_data),
};
