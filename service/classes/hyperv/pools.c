/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Resource pools, one for each kind of part, and what can be allocated from them: clients find the default settings of
 * a part from its pool, by Msvm_ElementCapabilities and Msvm_SettingsDefineCapabilities. Their object is a struct
 * hv_device of that kind, without hardware or definition.
 */
#include "classes/hyperv/device.h"

#include <string.h>

#define CAPABILITIES_NAME "Microsoft Virtual Machine Resource Pool Allocation Capabilities"
#define POOL_END          "\\Root"
#define CAPABILITIES_END  "\\Capabilities"

/* ---- Msvm_ResourcePool ---- */

static const struct hv_device *device_of(const void *object)
{
    return object;
}

static void get_pool_id(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = arena_printf(arena, "Microsoft:%s" POOL_END, hv_kinds[device_of(object)->kind].id);
}

/* Without the number that stands in the names of parts. */
static void get_name(const void *object, struct arena *arena, struct cim_value *out)
{
    const char *name = hv_kinds[device_of(object)->kind].name;

    out->text = arena_strndup(arena, name, strcspn(name, "{"));
}

/* In AllocationUnits: of a processor 100,000 are all of it. What is not measured has no end that could be told. */
static void get_capacity(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_device *device = object;
    bool memory = device->kind == HV_MEMORY;
    const struct host *host = memory || device->kind == HV_PROCESSOR ? hv_host(device->call) : NULL;

    if (host)
        hv_number(out, arena, memory ? host->memory_kib / 1024 : host->processors * 100000ULL);
}

static const struct cim_property pool_rows[] = {
    GET("AllocationUnits", STRING, hv_get_resource_units),
    GET("Capacity", UINT64, get_capacity),
    GET("Caption", STRING, get_name),
    NIL("CommunicationStatus", UINT16),
    FIXED("ConsumedResourceUnits", STRING, "count"),
    NIL("CurrentlyConsumedResource", UINT64),
    GET("Description", STRING, get_name),
    NIL("DetailedStatus", UINT16),
    GET("ElementName", STRING, get_name),
    FIXED("HealthState", UINT16, "5"),
    NIL("InstallDate", DATETIME),
    KEY("InstanceID", get_pool_id),
    NIL("MaxConsumableResource", UINT64),
    GET("Name", STRING, get_name),
    NIL("OperatingStatus", UINT16),
    FIXED_ARRAY("OperationalStatus", UINT16, "2"),
    GET("OtherResourceType", STRING, hv_get_other_resource_type),
    GET("PoolID", STRING, get_pool_id),
    NIL("PrimaryStatus", UINT16),
    FIXED("Primordial", BOOLEAN, "true"),
    NIL("Reserved", UINT64),
    GET("ResourceSubType", STRING, hv_get_resource_subtype),
    GET("ResourceType", UINT16, hv_get_resource_type),
    NIL("Status", STRING),
    FIXED_ARRAY("StatusDescriptions", STRING, "OK"),
};

static int emit_of(struct cim_call *call, const struct cim_class *class, enum hv_kind kind, struct cim_sink *sink)
{
    struct hv_device *object = arena_alloc(call->arena, sizeof(*object));
    struct cim_instance instance = { class, object };

    if (!object)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    *object = (struct hv_device){ .kind = kind, .host = core_host_name(call->core), .call = call };
    return sink->emit(sink, &instance);
}

static int list_of(struct cim_call *call, const struct cim_class *class, struct cim_sink *sink)
{
    for (enum hv_kind kind = 0; kind < HV_KINDS; kind++)
        if (emit_of(call, class, kind, sink) != 0)
            return -1;
    return 0;
}

static int list_pools(struct cim_call *call, struct cim_sink *sink)
{
    return list_of(call, &msvm_resource_pool, sink);
}

int hv_emit_pool(struct cim_call *call, enum hv_kind kind, struct cim_sink *sink)
{
    return emit_of(call, &msvm_resource_pool, kind, sink);
}

const struct cim_class msvm_resource_pool = {
    .ns = CIM_NS_V2,
    .name = "Msvm_ResourcePool",
    .super = (const char *const[]){ "CIM_ResourcePool", "CIM_LogicalElement", "CIM_ManagedSystemElement",
                                    "CIM_ManagedElement", NULL },
    .properties = pool_rows,
    .property_count = COUNT(pool_rows),
    .list = list_pools,
};

/* ---- Msvm_AllocationCapabilities ---- */

static void get_capabilities_id(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = arena_printf(arena, "Microsoft:%s" CAPABILITIES_END, hv_kinds[device_of(object)->kind].id);
}

static const struct cim_property capabilities_rows[] = {
    FIXED("Caption", STRING, CAPABILITIES_NAME),
    FIXED("Description", STRING, CAPABILITIES_NAME),
    FIXED("ElementName", STRING, CAPABILITIES_NAME),
    KEY("InstanceID", get_capabilities_id),
    GET("OtherResourceType", STRING, hv_get_other_resource_type),
    FIXED("RequestTypesSupported", UINT16, "0"), /* Unknown: there is no value for none */
    GET("ResourceSubType", STRING, hv_get_resource_subtype),
    GET("ResourceType", UINT16, hv_get_resource_type),
    FIXED("SharingMode", UINT16, "3"), /* Shared */
    NIL_ARRAY("SupportedAddStates", UINT16),
    NIL_ARRAY("SupportedRemoveStates", UINT16),
};

static int list_capabilities(struct cim_call *call, struct cim_sink *sink)
{
    return list_of(call, &msvm_allocation_capabilities, sink);
}

int hv_emit_allocation_capabilities(struct cim_call *call, enum hv_kind kind, struct cim_sink *sink)
{
    return emit_of(call, &msvm_allocation_capabilities, kind, sink);
}

const struct cim_class msvm_allocation_capabilities = {
    .ns = CIM_NS_V2,
    .name = "Msvm_AllocationCapabilities",
    .super = (const char *const[]){ "CIM_AllocationCapabilities", "CIM_Capabilities", "CIM_ManagedElement", NULL },
    .properties = capabilities_rows,
    .property_count = COUNT(capabilities_rows),
    .list = list_capabilities,
};

/* ---- Msvm_SettingsDefineCapabilities: what may be allocated, and the definitions that say so ---- */

/* ValueRole is Default or Supported; ValueRange is Point, Minimums, Maximums or Increments. */
static void get_meaning(const void *object, bool role, struct cim_value *out)
{
    static const char *const roles[HV_DEFINITIONS] = { "0", "3", "3", "3" };
    static const char *const ranges[HV_DEFINITIONS] = { "0", "1", "2", "3" };
    const struct hv_device *device = ((const struct cim_pair *)object)->end[1].object;

    for (size_t i = 0; device->definition && i < HV_DEFINITIONS; i++)
        if (strcmp(hv_definitions[i], device->definition) == 0)
            out->text = (role ? roles : ranges)[i];
}

static void get_range(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    get_meaning(object, false, out);
}

static void get_role(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    get_meaning(object, true, out);
}

static int define_walk(struct cim_call *call, const struct cim_instance *source, int from, struct cim_sink *sink)
{
    const struct hv_device *device = source->object;

    if (from == 0)
        return source->class == &msvm_allocation_capabilities ? hv_emit_definitions(call, device->kind, sink) : 0;
    /* the setting data of parts, and of these only the definitions */
    if (!cim_class_is(source->class, "CIM_ResourceAllocationSettingData") || !device->definition)
        return 0;
    return hv_emit_allocation_capabilities(call, device->kind, sink);
}

static const struct cim_property define_rows[] = {
    REF_KEY("GroupComponent"),
    REF_KEY("PartComponent"),
    FIXED("PropertyPolicy", UINT16, "0"),
    FIXED("SupportStatement", UINT16, "0"),
    GET("ValueRange", UINT16, get_range),
    GET("ValueRole", UINT16, get_role),
};

const struct cim_class msvm_settings_define_capabilities = {
    .ns = CIM_NS_V2,
    .name = "Msvm_SettingsDefineCapabilities",
    .super = (const char *const[]){ "CIM_SettingsDefineCapabilities", "CIM_Component", NULL },
    .properties = define_rows,
    .property_count = COUNT(define_rows),
    .association = &(const struct cim_association){
        .role = { "GroupComponent", "PartComponent" },
        .class = { "Msvm_AllocationCapabilities", "CIM_ResourceAllocationSettingData" },
        .walk = define_walk,
    },
};
