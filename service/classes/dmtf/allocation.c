/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The DMTF's setting data of allocations (CIM Schema 2.42): of processors, of images, of network adapters, and one class
 * for all else. What a network adapter is connected to is its Connection, and that of the part that connects it.
 */
#include "classes/dmtf/dmtf.h"

#include "classes/hyperv/device.h"

#include <string.h>

/* ---- what all have ---- */

#define ORIGINAL     "Microsoft:"
#define SUBTYPE_HEAD "Microsoft:Hyper-V:"

/* Hyper-V's InstanceID under our organization. */
static void get_id(const void *object, struct arena *arena, struct cim_value *out)
{
    const char *id = hv_device_id(object, arena);

    if (id)
        out->text = arena_printf(arena, DMTF_ORGANIZATION ":%s", id + strlen(ORIGINAL));
}

/* ORGANIZATION:TYPE, in which no blank may stand. */
void dmtf_get_subtype(const void *object, struct arena *arena, struct cim_value *out)
{
    const char *theirs = hv_kinds[((const struct hv_device *)object)->kind].subtype + strlen(SUBTYPE_HEAD);
    char *ours = arena_printf(arena, DMTF_ORGANIZATION ":%s", theirs), *to = ours;

    for (const char *from = ours; from && *from; from++)
        if (*from != ' ')
            *to++ = *from;
    if (to)
        *to = '\0';
    out->text = ours;
}

static void get_parent(const void *object, struct arena *arena, struct cim_value *out)
{
    struct hv_device parent;

    if (hv_device_parent(object, &parent))
        out->text = hv_device_settings_path(&parent, CIM_NS_INTEROP, arena);
}

static const struct cim_property allocation_rows[] = {
    SAME("Address", STRING),
    SAME("AddressOnParent", STRING),
    SAME("AllocationUnits", STRING),
    SAME("AutomaticAllocation", BOOLEAN),
    SAME("AutomaticDeallocation", BOOLEAN),
    SAME("Caption", STRING),
    NIL("ChangeableType", UINT16),
    NIL("ConfigurationName", STRING),
    SAME_ARRAY("Connection", STRING),
    SAME("ConsumerVisibility", UINT16),
    SAME("Description", STRING),
    SAME("ElementName", STRING),
    NIL_ARRAY("HostResource", STRING),
    KEY("InstanceID", get_id),
    SAME("Limit", UINT64),
    SAME("MappingBehavior", UINT16),
    SAME("OtherResourceType", STRING),
    GET("Parent", STRING, get_parent),
    NIL("PoolID", STRING),
    SAME("Reservation", UINT64),
    GET("ResourceSubType", STRING, dmtf_get_subtype),
    SAME("ResourceType", UINT16),
    SAME("VirtualQuantity", UINT64),
    SAME("VirtualQuantityUnits", STRING),
    SAME("Weight", UINT32),
};

static const struct cim_rows shared_rows = { allocation_rows, COUNT(allocation_rows) };

#define SUPER_SETTINGS "CIM_SettingData", "CIM_ManagedElement", NULL
#define SUPER_RASD     "CIM_ResourceAllocationSettingData", SUPER_SETTINGS

/* ---- CIM_ResourceAllocationSettingData: memory, controllers, drives, ports and displays ---- */

HV_SETTINGS_FUNCTIONS(dmtf_resource_allocation_setting_data)

const struct cim_class dmtf_resource_allocation_setting_data = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_resource_allocation_setting_data,
    .also = (const struct cim_class *const[]){ &msvm_memory_setting_data, &msvm_serial_port_setting_data,
                                               &msvm_synthetic_display_controller_setting_data, NULL },
    .which = hv_device_which,
    .name = "CIM_ResourceAllocationSettingData",
    .super = (const char *const[]){ SUPER_SETTINGS },
    .properties = allocation_rows,
    .property_count = COUNT(allocation_rows),
    HV_SETTINGS_ROWS(dmtf_resource_allocation_setting_data),
};

/* ---- CIM_ProcessorAllocationSettingData ---- */

/* As libvirt names architectures, and the schema architectures and instruction sets. */
static const struct architecture {
    const char *name, *architecture, *set;
} architectures[] = {
    { "x86_64", "DMTF:x86", "DMTF:x86:64" },      { "i686", "DMTF:x86", "DMTF:x86:i686" },
    { "aarch64", "DMTF:ARM", "DMTF:ARM:A64" },    { "armv7l", "DMTF:ARM", "DMTF:ARM:A32" },
    { "s390x", "DMTF:S/390", "DMTF:S/390:z/Architecture" },
    { "ppc64", "DMTF:Power", NULL },              { "ppc64le", "DMTF:Power", NULL },
};

static const struct architecture *architecture_of(const void *object)
{
    const struct hardware *hardware = ((const struct hv_device *)object)->hardware;

    for (size_t i = 0; hardware && hardware->arch && i < COUNT(architectures); i++)
        if (strcmp(architectures[i].name, hardware->arch) == 0)
            return &architectures[i];
    return NULL;
}

static void get_architecture(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct architecture *found = architecture_of(object);

    (void)arena;
    out->text = found ? found->architecture : NULL;
}

static void get_set(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct architecture *found = architecture_of(object);

    (void)arena;
    out->text = found ? found->set : NULL;
}

static const struct cim_property processor_rows[] = {
    GET("InstructionSet", STRING, get_set),
    NIL_ARRAY("InstructionSetExtensionName", STRING),
    NIL_ARRAY("InstructionSetExtensionStatus", STRING),
    GET("ProcessorArchitecture", STRING, get_architecture),
};

const struct cim_class dmtf_processor_allocation_setting_data = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_processor_setting_data,
    .name = "CIM_ProcessorAllocationSettingData",
    .super = (const char *const[]){ SUPER_RASD },
    .properties = processor_rows,
    .property_count = COUNT(processor_rows),
    .shared = &shared_rows,
    .get_key = "InstanceID",
};

/* ---- CIM_StorageAllocationSettingData: its quantities are octets or blocks, and not known ---- */

/* An image by its path, or a device; what is named otherwise, as a network disk, is no URI. */
static void get_image(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hw_drive *drive = hv_drive_of(object);

    if (drive && drive->source && drive->source[0] == '/')
        hv_list(out, arena, (const char *const[]){ dmtf_uri(drive->source, arena) }, 1);
}

static const struct cim_property storage_rows[] = {
    SAME("Access", UINT16),
    NIL("HostExtentName", STRING),
    NIL("HostExtentNameFormat", UINT16),
    NIL("HostExtentNameNamespace", UINT16),
    NIL("HostExtentStartingAddress", UINT64),
    GET_ARRAY("HostResource", STRING, get_image),
    FIXED("HostResourceBlockSize", UINT64, "1"), /* unknown, by the schema */
    NIL("Limit", UINT64),
    NIL("OtherHostExtentNameFormat", STRING),
    NIL("OtherHostExtentNameNamespace", STRING),
    NIL("Reservation", UINT64),
    NIL("VirtualQuantity", UINT64),
    FIXED("VirtualQuantityUnits", STRING, "byte"),
    FIXED("VirtualResourceBlockSize", UINT64, "1"),
};

const struct cim_class dmtf_storage_allocation_setting_data = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_storage_allocation_setting_data,
    .name = "CIM_StorageAllocationSettingData",
    .super = (const char *const[]){ SUPER_RASD },
    .properties = storage_rows,
    .property_count = COUNT(storage_rows),
    .shared = &shared_rows,
    .get_key = "InstanceID",
};

/* ---- CIM_EthernetPortAllocationSettingData ---- */

static void get_network(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hw_nic *nic = hv_nic_of(object);

    if (nic && nic->network)
        hv_list(out, arena, (const char *const[]){ nic->network }, 1);
}

static const struct cim_property port_rows[] = {
    NIL_ARRAY("AllowedPriorities", UINT16),
    NIL_ARRAY("AllowedToReceiveMACAddresses", STRING),
    NIL_ARRAY("AllowedToReceiveVLANs", UINT16),
    NIL_ARRAY("AllowedToTransmitMACAddresses", STRING),
    NIL_ARRAY("AllowedToTransmitVLANs", UINT16),
    GET_ARRAY("Connection", STRING, get_network),
    NIL("DefaultPortVID", UINT16),
    NIL("DefaultPriority", UINT16),
    SAME("DesiredVLANEndpointMode", UINT16),
    NIL("GroupID", UINT32),
    NIL("ManagerID", UINT32),
    NIL("NetworkPortProfileID", STRING),
    NIL("NetworkPortProfileIDType", UINT16),
    SAME("OtherEndpointMode", STRING),
    NIL("OtherNetworkPortProfileIDTypeInfo", STRING),
    NIL("PortCorrelationID", STRING),
    NIL("PortVID", UINT16),
    NIL("Promiscuous", BOOLEAN),
    NIL("ReceiveBandwidthLimit", UINT64),
    NIL("ReceiveBandwidthReservation", UINT64),
    NIL("SourceMACFilteringEnabled", BOOLEAN),
    NIL("VSITypeID", UINT32),
    NIL("VSITypeIDVersion", UINT8),
};

HV_SETTINGS_FUNCTIONS(dmtf_ethernet_port_allocation_setting_data)

const struct cim_class dmtf_ethernet_port_allocation_setting_data = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_synthetic_ethernet_port_setting_data,
    .also = (const struct cim_class *const[]){ &msvm_emulated_ethernet_port_setting_data,
                                               &msvm_ethernet_port_allocation_setting_data, NULL },
    .which = hv_device_which,
    .name = "CIM_EthernetPortAllocationSettingData",
    .super = (const char *const[]){ SUPER_RASD },
    .properties = port_rows,
    .property_count = COUNT(port_rows),
    .shared = &shared_rows,
    HV_SETTINGS_ROWS(dmtf_ethernet_port_allocation_setting_data),
};
