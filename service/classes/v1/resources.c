/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * V1's setting data of controllers, drives and what is in them, ports and displays: one class, where V2 has four, and
 * those of network adapters. What an adapter is plugged into (V1: Msvm_SwitchPort) is not in this namespace.
 */
#include "classes/v1/v1.h"

#include "classes/hyperv/device.h"

/* As V1 numbers and names them: an older list of the DMTF's than V2's, and names without Hyper-V's prefix. */
static const struct facts {
    const char *type, *subtype;
    const char *other; /* OtherResourceType */
} facts[HV_KINDS] = {
    [HV_IDE_CONTROLLER] = { "5", "Microsoft Emulated IDE Controller", NULL },
    [HV_SCSI_CONTROLLER] = { "6", "Microsoft Synthetic SCSI Controller", NULL },
    [HV_DISKETTE_CONTROLLER] = { "1", NULL, "Microsoft Virtual Diskette Controller" },
    [HV_DISK_DRIVE] = { "22", "Microsoft Synthetic Disk Drive", NULL },
    [HV_DVD_DRIVE] = { "16", "Microsoft Synthetic DVD Drive", NULL },
    [HV_DISKETTE_DRIVE] = { "14", "Microsoft Synthetic Diskette Drive", NULL },
    [HV_KEYBOARD] = { "13", "Microsoft Virtual Keyboard", NULL },
    [HV_MOUSE] = { "13", "Microsoft Synthetic Mouse", NULL },
    [HV_DISK_IMAGE] = { "21", "Microsoft Virtual Hard Disk", NULL },
    [HV_DVD_IMAGE] = { "21", "Microsoft Virtual CD/DVD Disk", NULL },
    [HV_DISKETTE_IMAGE] = { "21", "Microsoft Virtual Floppy Disk", NULL },
    [HV_SYNTHETIC_PORT] = { "10", "Microsoft Synthetic Ethernet Port", NULL },
    [HV_EMULATED_PORT] = { "10", "Microsoft Emulated Ethernet Port", NULL },
    [HV_SERIAL_PORT] = { "17", "Microsoft Serial Port", NULL },
    [HV_DISPLAY] = { "20", "Microsoft Synthetic Display Controller", NULL },
};

static const struct facts *facts_of(const void *object)
{
    return &facts[((const struct hv_device *)object)->kind];
}

static void get_type(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = facts_of(object)->type;
}

static void get_subtype(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = facts_of(object)->subtype;
}

static void get_other_type(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = facts_of(object)->other;
}

/* A drive's is where it is on its controller. */
static void get_address(const void *object, struct arena *arena, struct cim_value *out)
{
    cim_get_named(hv_device_which(object), object, "AddressOnParent", arena, out);
    if (!out->text)
        cim_get_named(hv_device_which(object), object, "Address", arena, out);
}

/* V1 has here the image that is in a drive, and host resources only for what is passed through. */
static void get_connection(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct cim_class *plain = hv_device_which(object);
    bool image = plain == &msvm_storage_allocation_setting_data;

    cim_get_named(plain, object, image ? "HostResource" : "Connection", arena, out);
}

static void get_parent(const void *object, struct arena *arena, struct cim_value *out)
{
    struct hv_device parent;

    if (hv_device_parent(object, &parent))
        out->text = hv_device_settings_path(&parent, CIM_NS_V1, arena);
}

static const struct cim_property resource_rows[] = {
    GET("Address", STRING, get_address),
    SAME("AllocationUnits", STRING),
    SAME("AutomaticAllocation", BOOLEAN),
    SAME("AutomaticDeallocation", BOOLEAN),
    SAME("Caption", STRING),
    GET_ARRAY("Connection", STRING, get_connection),
    SAME("ConsumerVisibility", UINT16),
    SAME("Description", STRING),
    SAME("ElementName", STRING),
    NIL_ARRAY("HostResource", STRING),
    SAME_KEY("InstanceID"),
    SAME("Limit", UINT64),
    SAME("MappingBehavior", UINT16),
    GET("OtherResourceType", STRING, get_other_type),
    GET("Parent", STRING, get_parent),
    SAME("PoolID", STRING),
    SAME("Reservation", UINT64),
    GET("ResourceSubType", STRING, get_subtype),
    GET("ResourceType", UINT16, get_type),
    SAME("VirtualQuantity", UINT64),
    SAME_ARRAY("VirtualSystemIdentifiers", STRING),
    SAME("Weight", UINT32),
};

#define SUPER_RASD "CIM_ResourceAllocationSettingData", "CIM_SettingData", "CIM_ManagedElement", NULL

HV_SETTINGS_FUNCTIONS(v1_resource_allocation_setting_data)

const struct cim_class v1_resource_allocation_setting_data = {
    .ns = CIM_NS_V1,
    .origin = &msvm_resource_allocation_setting_data,
    .also = (const struct cim_class *const[]){ &msvm_storage_allocation_setting_data, &msvm_serial_port_setting_data,
                                               &msvm_synthetic_display_controller_setting_data, NULL },
    .which = hv_device_which,
    .name = "Msvm_ResourceAllocationSettingData",
    .super = (const char *const[]){ SUPER_RASD },
    .properties = resource_rows,
    .property_count = COUNT(resource_rows),
    HV_SETTINGS_ROWS(v1_resource_allocation_setting_data),
};

/* ---- network adapters ---- */

static const struct cim_rows shared_rows = { resource_rows, COUNT(resource_rows) };

static const struct cim_property port_rows[] = {
    SAME("StaticMacAddress", BOOLEAN),
};

const struct cim_class v1_synthetic_ethernet_port_setting_data = {
    .ns = CIM_NS_V1,
    .origin = &msvm_synthetic_ethernet_port_setting_data,
    .name = "Msvm_SyntheticEthernetPortSettingData",
    .super = (const char *const[]){ SUPER_RASD },
    .properties = port_rows,
    .property_count = COUNT(port_rows),
    .shared = &shared_rows,
    .get_key = "InstanceID",
};

const struct cim_class v1_emulated_ethernet_port_setting_data = {
    .ns = CIM_NS_V1,
    .origin = &msvm_emulated_ethernet_port_setting_data,
    .name = "Msvm_EmulatedEthernetPortSettingData",
    .super = (const char *const[]){ SUPER_RASD },
    .properties = port_rows,
    .property_count = COUNT(port_rows),
    .shared = &shared_rows,
    .get_key = "InstanceID",
};
