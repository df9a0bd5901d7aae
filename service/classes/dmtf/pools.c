/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The DMTF's resource pools and what can be allocated from them.
 */
#include "classes/dmtf/dmtf.h"

#include "cim/list.h"
#include "classes/hyperv/device.h"

static const char *kind_id(const void *object)
{
    return hv_kinds[((const struct hv_device *)object)->kind].id;
}

static void get_pool_id(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = arena_printf(arena, DMTF_ORGANIZATION ":ResourcePool:%s", kind_id(object));
}

static const struct cim_property pool_rows[] = {
    SAME("AllocationUnits", STRING),
    SAME("Capacity", UINT64),
    SAME("Caption", STRING),
    SAME("CommunicationStatus", UINT16),
    SAME("ConsumedResourceUnits", STRING),
    SAME("CurrentlyConsumedResource", UINT64),
    SAME("Description", STRING),
    SAME("DetailedStatus", UINT16),
    SAME("ElementName", STRING),
    SAME("HealthState", UINT16),
    SAME("InstallDate", DATETIME),
    KEY("InstanceID", get_pool_id),
    SAME("MaxConsumableResource", UINT64),
    SAME("Name", STRING),
    SAME("OperatingStatus", UINT16),
    SAME_ARRAY("OperationalStatus", UINT16),
    SAME("OtherResourceType", STRING),
    GET("PoolID", STRING, get_pool_id),
    SAME("PrimaryStatus", UINT16),
    SAME("Primordial", BOOLEAN),
    SAME("Reserved", UINT64),
    GET("ResourceSubType", STRING, dmtf_get_subtype),
    SAME("ResourceType", UINT16),
    SAME("Status", STRING),
    SAME_ARRAY("StatusDescriptions", STRING),
};

const struct cim_class dmtf_resource_pool = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_resource_pool,
    .name = "CIM_ResourcePool",
    .super = (const char *const[]){ "CIM_LogicalElement", "CIM_ManagedSystemElement", "CIM_ManagedElement", NULL },
    .properties = pool_rows,
    .property_count = COUNT(pool_rows),
};

static void get_capabilities_id(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = arena_printf(arena, DMTF_ORGANIZATION ":AllocationCapabilities:%s", kind_id(object));
}

static const struct cim_property capabilities_rows[] = {
    FIXED("Caption", STRING, "Allocation capabilities of a resource pool"),
    FIXED("Description", STRING, "What parts of a kind may be; nothing is allocated here"),
    FIXED("ElementName", STRING, "Allocation capabilities of a resource pool"),
    KEY("InstanceID", get_capabilities_id),
    SAME("OtherResourceType", STRING),
    SAME("RequestTypesSupported", UINT16),
    GET("ResourceSubType", STRING, dmtf_get_subtype),
    SAME("ResourceType", UINT16),
    SAME("SharingMode", UINT16),
    SAME_ARRAY("SupportedAddStates", UINT16),
    SAME_ARRAY("SupportedRemoveStates", UINT16),
};

const struct cim_class dmtf_allocation_capabilities = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_allocation_capabilities,
    .name = "CIM_AllocationCapabilities",
    .super = (const char *const[]){ "CIM_Capabilities", "CIM_ManagedElement", NULL },
    .properties = capabilities_rows,
    .property_count = COUNT(capabilities_rows),
};

/* ---- CIM_SettingsDefineCapabilities ---- */

static const struct cim_property define_rows[] = {
    REF_KEY("GroupComponent"),
    REF_KEY("PartComponent"),
    SAME("PropertyPolicy", UINT16),
    SAME("ValueRange", UINT16),
    SAME("ValueRole", UINT16),
};

const struct cim_class dmtf_settings_define_capabilities = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_settings_define_capabilities,
    .name = "CIM_SettingsDefineCapabilities",
    .super = (const char *const[]){ "CIM_Component", NULL },
    .properties = define_rows,
    .property_count = COUNT(define_rows),
    VIEW(NULL, "GroupComponent", "CIM_AllocationCapabilities", "PartComponent", "CIM_ResourceAllocationSettingData"),
};

/* ---- CIM_HostedResourcePool ---- */

static int hosted_walk(struct cim_call *call, const struct cim_instance *source, int from, struct cim_sink *sink)
{
    const struct hv_system *system = source->object;
    struct list_view view;

    list_view(&view, CIM_NS_INTEROP, sink);
    if (from == 1)
        return hv_emit_system(call, NULL, &view.sink);
    return source->class == &dmtf_computer_system && !system->vm ? msvm_resource_pool.list(call, &view.sink) : 0;
}

static const struct cim_property hosted_rows[] = {
    REF_KEY("GroupComponent"),
    REF_KEY("PartComponent"),
};

const struct cim_class dmtf_hosted_resource_pool = {
    .ns = CIM_NS_INTEROP,
    .name = "CIM_HostedResourcePool",
    .super = (const char *const[]){ "CIM_SystemComponent", "CIM_Component", NULL },
    .properties = hosted_rows,
    .property_count = COUNT(hosted_rows),
    .association = &(const struct cim_association){
        .role = { "GroupComponent", "PartComponent" },
        .class = { "CIM_ComputerSystem", "CIM_ResourcePool" },
        .walk = hosted_walk,
    },
};
