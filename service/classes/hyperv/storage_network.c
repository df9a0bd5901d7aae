/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Setting data of images in drives, of network adapters and of their connections to switches.
 */
#include "classes/hyperv/device.h"

#include "cim/reference.h"

/* ---- Msvm_StorageAllocationSettingData ---- */

static void get_image(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hw_drive *drive = hv_drive_of(object);

    if (drive && drive->source)
        hv_list(out, arena, (const char *const[]){ drive->source }, 1);
}

static void get_access(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hw_drive *drive = hv_drive_of(object);

    (void)arena;
    if (drive)
        out->text = drive->read_only ? "1" : "3";
}

static const struct cim_property storage_rows[] = {
    GET("Access", UINT16, get_access),
    NIL("CachingMode", UINT16),
    NIL("HostExtentName", STRING),
    NIL("HostExtentNameFormat", UINT16),
    NIL("HostExtentNameNamespace", UINT16),
    NIL("HostExtentStartingAddress", UINT64),
    GET_ARRAY("HostResource", STRING, get_image),
    NIL("HostResourceBlockSize", UINT64),
    NIL("IgnoreFlushes", BOOLEAN),
    NIL("IOPSAllocationUnits", STRING),
    FIXED("IOPSLimit", UINT64, "0"),
    FIXED("IOPSReservation", UINT64, "0"),
    NIL("OtherHostExtentNameFormat", STRING),
    NIL("OtherHostExtentNameNamespace", STRING),
    FIXED("PersistentReservationsSupported", BOOLEAN, "false"),
    NIL("SnapshotId", STRING),
    FIXED("StorageQoSPolicyID", STRING, ""),
    FIXED("VirtualResourceBlockSize", UINT64, "512"),
    NIL("WriteHardeningMethod", UINT16),
};

HV_SETTINGS_FUNCTIONS(msvm_storage_allocation_setting_data)

const struct cim_class msvm_storage_allocation_setting_data = {
    .ns = CIM_NS_V2,
    .name = "Msvm_StorageAllocationSettingData",
    .super = (const char *const[]){ "CIM_StorageAllocationSettingData",
                                    "CIM_ResourceAllocationSettingData", "CIM_SettingData",
                                    "CIM_ManagedElement", NULL },
    .properties = storage_rows,
    .property_count = COUNT(storage_rows),
    .shared = &hv_allocation_rows,
    HV_SETTINGS_ROWS(msvm_storage_allocation_setting_data),
};

/* ---- network adapters ---- */

#define SUPER_PORT                                                                                    \
    "CIM_EthernetPortAllocationSettingData", "CIM_ResourceAllocationSettingData", "CIM_SettingData",  \
        "CIM_ManagedElement", NULL

/* Clients tell adapters apart by it; it has to stay, as the path does. */
static void get_identifier(const void *object, struct arena *arena, struct cim_value *out)
{
    if (hv_nic_of(object))
        hv_list(out, arena,
                (const char *const[]){ arena_printf(arena, "{%s}", hv_device_path(object, arena)) }, 1);
}

static const struct cim_property synthetic_rows[] = {
    NIL("AllowPacketDirect", BOOLEAN),
    FIXED("ClusterMonitored", BOOLEAN, "true"),
    NIL("DesiredVLANEndpointMode", UINT16),
    FIXED("DeviceNamingEnabled", BOOLEAN, "false"),
    NIL("InterruptModeration", BOOLEAN),
    NIL("MediaType", UINT32),
    NIL("NumaAwarePlacement", BOOLEAN),
    NIL("OtherEndpointMode", STRING),
    FIXED("StaticMacAddress", BOOLEAN, "true"),
    GET_ARRAY("VirtualSystemIdentifiers", STRING, get_identifier),
};

HV_SETTINGS_FUNCTIONS(msvm_synthetic_ethernet_port_setting_data)

const struct cim_class msvm_synthetic_ethernet_port_setting_data = {
    .ns = CIM_NS_V2,
    .name = "Msvm_SyntheticEthernetPortSettingData",
    .super = (const char *const[]){ SUPER_PORT },
    .properties = synthetic_rows,
    .property_count = COUNT(synthetic_rows),
    .shared = &hv_allocation_rows,
    HV_SETTINGS_ROWS(msvm_synthetic_ethernet_port_setting_data),
};

static const struct cim_property emulated_rows[] = {
    FIXED("ClusterMonitored", BOOLEAN, "true"),
    NIL("DesiredVLANEndpointMode", UINT16),
    NIL("OtherEndpointMode", STRING),
    FIXED("StaticMacAddress", BOOLEAN, "true"),
    GET_ARRAY("VirtualSystemIdentifiers", STRING, get_identifier),
};

HV_SETTINGS_FUNCTIONS(msvm_emulated_ethernet_port_setting_data)

const struct cim_class msvm_emulated_ethernet_port_setting_data = {
    .ns = CIM_NS_V2,
    .name = "Msvm_EmulatedEthernetPortSettingData",
    .super = (const char *const[]){ SUPER_PORT },
    .properties = emulated_rows,
    .property_count = COUNT(emulated_rows),
    .shared = &hv_allocation_rows,
    HV_SETTINGS_ROWS(msvm_emulated_ethernet_port_setting_data),
};

/* ---- Msvm_EthernetPortAllocationSettingData: a cable ---- */

static void get_linked(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hw_nic *nic = hv_nic_of(object);

    (void)arena;
    out->text = !nic || nic->linked ? "2" : "3";
}

static void get_switch(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_device *device = object;
    const struct hw_nic *nic = hv_nic_of(device);
    struct cim_key keys[] = { { .name = "CreationClassName", .text = "Msvm_VirtualEthernetSwitch" },
                              { .name = "Name" } };
    const struct cim_ref ref = { CIM_NS_V2, "Msvm_VirtualEthernetSwitch", keys, COUNT(keys) };
    struct guid id;

    if (!nic || !hv_switch_of(device->call, nic, &id))
        return;
    keys[1].text = arena_strdup(arena, GUID_STR(&id));
    hv_list(out, arena, (const char *const[]){ cim_ref_path(&ref, device->host, arena) }, 1);
}

static void get_switch_name(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hw_nic *nic = hv_nic_of(object);

    if (nic)
        hv_text(out, arena, nic->network);
}

static const struct cim_property connection_rows[] = {
    NIL("CompartmentGuid", STRING),
    NIL("DesiredVLANEndpointMode", UINT16),
    GET("EnabledState", UINT16, get_linked),
    GET_ARRAY("HostResource", STRING, get_switch),
    GET("LastKnownSwitchName", STRING, get_switch_name),
    NIL("OtherEndpointMode", STRING),
    NIL_ARRAY("RequiredFeatureHints", STRING),
    NIL_ARRAY("RequiredFeatures", STRING),
    FIXED("TestReplicaPoolID", STRING, ""),
    FIXED("TestReplicaSwitchName", STRING, ""),
};

HV_SETTINGS_FUNCTIONS(msvm_ethernet_port_allocation_setting_data)

const struct cim_class msvm_ethernet_port_allocation_setting_data = {
    .ns = CIM_NS_V2,
    .name = "Msvm_EthernetPortAllocationSettingData",
    .super = (const char *const[]){ SUPER_PORT },
    .properties = connection_rows,
    .property_count = COUNT(connection_rows),
    .shared = &hv_allocation_rows,
    HV_SETTINGS_ROWS(msvm_ethernet_port_allocation_setting_data),
};

/* ---- Msvm_VirtualSystemSettingDataComponent ---- */

/* The setting data that a part's belongs to. */
static int emit_owner(struct cim_call *call, const struct hv_device *device, struct cim_sink *sink)
{
    const char *id;

    if (!device->hardware)
        return 0;
    id = hv_settings_id(&device->owner, call->arena);
    return id ? msvm_virtual_system_setting_data.get(call, id, sink) : error_set(call->err, ERR_NO_MEMORY, NULL);
}

static int component_walk(struct cim_call *call, const struct cim_instance *source, int from,
                          struct cim_sink *sink)
{
    return from == 0 ? hv_emit_device_settings(call, source->object, NULL, sink)
                     : emit_owner(call, source->object, sink);
}

static const struct cim_property component_rows[] = {
    REF_KEY("GroupComponent"),
    REF_KEY("PartComponent"),
};

const struct cim_class msvm_virtual_system_setting_data_component = {
    .ns = CIM_NS_V2,
    .name = "Msvm_VirtualSystemSettingDataComponent",
    .super = (const char *const[]){ "CIM_VirtualSystemSettingDataComponent", "CIM_Component", NULL },
    .properties = component_rows,
    .property_count = COUNT(component_rows),
    .association = &(const struct cim_association){
        .role = { "GroupComponent", "PartComponent" },
        .class = { "Msvm_VirtualSystemSettingData", "CIM_ResourceAllocationSettingData" },
        .walk = component_walk,
    },
};
