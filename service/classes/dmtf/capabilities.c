/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the service can do, and what can be done with each machine. Hyper-V has no such classes.
 */
#include "classes/dmtf/dmtf.h"

#include "cim/list.h"
#include "classes/hyperv/device.h"

#include <string.h>

/* The methods, by the schema's numbers. */
enum { METHODS = 3 };
static const char *const methods[METHODS] = { "2" /* Create */, "3" /* Destroy */, "4" /* Apply */ };

/* ---- of the service ---- */

struct service_capabilities {
    bool grace; /* methods wait a moment for their jobs, and so may answer that all is done */
};

/* The schema's text for the other list is "synchronously and asynchronously": what is in this one may also
 * end before it answers. */
static void get_synchronous(const void *object, struct arena *arena, struct cim_value *out)
{
    if (((const struct service_capabilities *)object)->grace)
        hv_list(out, arena, methods, METHODS);
}

static void get_asynchronous(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)object;
    hv_list(out, arena, methods, METHODS);
}

/* What the method takes; what a machine allows of it is in its own capabilities. */
static void get_types(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)object;
    hv_list(out, arena, (const char *const[]){ "2", "3", "32768" }, 3);
}

static const struct cim_property service_properties[] = {
    /* The schema spells it so, in every version from 2.22 on. */
    GET_ARRAY("AynchronousMethodsSupported", UINT16, get_asynchronous),
    FIXED("Caption", STRING, "Capabilities of the snapshot service"),
    FIXED("Description", STRING, "Capabilities of the snapshot service"),
    FIXED("ElementName", STRING, "Capabilities of the snapshot service"),
    FIXED_KEY("InstanceID", DMTF_ORGANIZATION ":SnapshotServiceCapabilities"),
    GET_ARRAY("SnapshotTypesSupported", UINT16, get_types),
    GET_ARRAY("SynchronousMethodsSupported", UINT16, get_synchronous),
};

int dmtf_emit_service_capabilities(struct cim_call *call, struct cim_sink *sink)
{
    struct service_capabilities *object = arena_alloc(call->arena, sizeof(*object));
    struct cim_instance instance = { &dmtf_service_capabilities, object };

    if (!object)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    object->grace = core_has_grace(call->core);
    return sink->emit(sink, &instance);
}

const struct cim_class dmtf_service_capabilities = {
    .ns = CIM_NS_INTEROP,
    .name = "CIM_VirtualSystemSnapshotServiceCapabilities",
    .super = (const char *const[]){ "CIM_Capabilities", "CIM_ManagedElement", NULL },
    .properties = service_properties,
    .property_count = COUNT(service_properties),
    .list = dmtf_emit_service_capabilities,
};

/* ---- of a machine ---- */

struct machine_capabilities {
    const struct vm *vm;
    struct vm_capabilities can; /* as driver, disks and guest are now */
};

#define ID_PREFIX DMTF_ORGANIZATION ":SnapshotCapabilities/"

static void get_id(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = arena_printf(arena, ID_PREFIX "%s", GUID_STR(&((const struct machine_capabilities *)object)->vm->id));
}

static void get_name(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = arena_printf(arena, "Snapshot capabilities of %s",
                             ((const struct machine_capabilities *)object)->vm->title);
}

/* Why a type is missing, for people. */
static void get_description(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct machine_capabilities *capabilities = object;

    hv_text(out, arena, capabilities->can.why[0] ? capabilities->can.why : "Every type of snapshot can be made.");
}

static void get_enabled(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct vm_capabilities *can = &((const struct machine_capabilities *)object)->can;
    const char *types[3];
    size_t count = 0;

    if (can->full)
        types[count++] = "2";
    if (can->disk)
        types[count++] = "3";
    if (can->recovery)
        types[count++] = "32768";
    hv_list(out, arena, types, count);
}

static void get_notified(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = ((const struct machine_capabilities *)object)->can.agent ? "true" : "false";
}

static const struct cim_property machine_properties[] = {
    FIXED("Caption", STRING, "Snapshot capabilities of a virtual system"),
    GET("Description", STRING, get_description),
    GET("ElementName", STRING, get_name),
    GET("GuestOSNotificationEnabled", BOOLEAN, get_notified),
    KEY("InstanceID", get_id),
    GET_ARRAY("SnapshotTypesEnabled", UINT16, get_enabled),
};

int dmtf_emit_vm_capabilities(struct cim_call *call, const struct vm *vm, struct cim_sink *sink)
{
    struct machine_capabilities *object = arena_alloc(call->arena, sizeof(*object));
    struct cim_instance instance = { &dmtf_vm_capabilities, object };
    struct error err = { 0 };

    if (!object)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    object->vm = vm;
    if (core_vm_capabilities(call->core, call->who, &vm->id, &object->can, &err) == 0)
        return sink->emit(sink, &instance);
    if (err.code == ERR_NOT_FOUND)
        return 0;
    *call->err = err;
    return -1;
}

static int list_machines(struct cim_call *call, struct cim_sink *sink)
{
    return hv_each_vm(call, dmtf_emit_vm_capabilities, sink);
}

static int get_machine(struct cim_call *call, const char *key, struct cim_sink *sink)
{
    const char *slash = strrchr(key, '/');
    const struct vm *vm = NULL;
    struct guid id;

    if (slash && guid_parse(&id, slash + 1) == 0)
        vm = hv_vm(call, &id);
    if (vm)
        return dmtf_emit_vm_capabilities(call, vm, sink);
    return call->err->code ? -1 : 0;
}

const struct cim_class dmtf_vm_capabilities = {
    .ns = CIM_NS_INTEROP,
    .name = "CIM_VirtualSystemSnapshotCapabilities",
    .super = (const char *const[]){ "CIM_Capabilities", "CIM_ManagedElement", NULL },
    .properties = machine_properties,
    .property_count = COUNT(machine_properties),
    .list = list_machines,
    .get_key = "InstanceID",
    .get = get_machine,
};

/* ---- what else a machine allows: changes of its state (DSP1057) ---- */

/* Another one than that of its settings, which has the same GUID. */
static void get_system_id(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = arena_printf(arena, DMTF_ORGANIZATION ":SystemCapabilities:%s", GUID_STR(&((const struct vm *)object)->id));
}

static const struct cim_property system_properties[] = {
    FIXED("Caption", STRING, "Capabilities of a virtual system"),
    FIXED("Description", STRING, "States that can be requested of a virtual system"),
    FIXED("ElementName", STRING, "Capabilities of a virtual system"),
    /* It is Hyper-V's management service that renames; nothing of this schema does here. */
    FIXED("ElementNameEditSupported", BOOLEAN, "false"),
    SAME("ElementNameMask", STRING),
    KEY("InstanceID", get_system_id),
    SAME("MaxElementNameLen", UINT16),
    SAME_ARRAY("RequestedStatesSupported", UINT16),
};

const struct cim_class dmtf_system_capabilities = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_virtual_system_capabilities,
    .name = "CIM_EnabledLogicalElementCapabilities",
    .super = (const char *const[]){ "CIM_Capabilities", "CIM_ManagedElement", NULL },
    .properties = system_properties,
    .property_count = COUNT(system_properties),
    .get_key = "InstanceID",
};

/* ---- CIM_ElementCapabilities: the service's, and each machine's ---- */

static int emit_elements(struct cim_call *call, const struct cim_instance *capabilities, struct cim_sink *sink)
{
    const struct machine_capabilities *machine = capabilities->object;
    const struct hv_device *allocation = capabilities->object;
    struct list_view view;

    list_view(&view, CIM_NS_INTEROP, sink);
    if (capabilities->class == &dmtf_vm_capabilities)
        return hv_emit_system(call, machine->vm, &view.sink);
    if (capabilities->class == &dmtf_system_capabilities)
        return hv_emit_system(call, capabilities->object, &view.sink);
    if (capabilities->class == &dmtf_allocation_capabilities)
        return hv_emit_pool(call, allocation->kind, &view.sink);
    if (capabilities->class == &dmtf_service_capabilities)
        return hv_emit_service(call, &dmtf_snapshot_service, sink);
    return 0;
}

static int emit_of_machine(struct cim_call *call, const struct vm *vm, struct cim_sink *sink)
{
    const struct cim_instance system = { &dmtf_system_capabilities, vm };

    return sink->emit(sink, &system) ? -1 : dmtf_emit_vm_capabilities(call, vm, sink);
}

static int capabilities_walk(struct cim_call *call, const struct cim_instance *source, int from,
                             struct cim_sink *sink)
{
    const struct hv_system *system = source->object;
    const struct hv_device *pool = source->object;
    struct list_view view;

    if (from == 0)
        return emit_elements(call, source, sink);
    if (source->class == &dmtf_resource_pool)
        return hv_emit_allocation_capabilities(call, pool->kind, list_view(&view, CIM_NS_INTEROP, sink));
    if (source->class == &dmtf_snapshot_service)
        return dmtf_emit_service_capabilities(call, sink);
    if (source->class == &dmtf_computer_system && system->vm)
        return emit_of_machine(call, system->vm, sink);
    return 0;
}

static const struct cim_property element_properties[] = {
    REF_KEY("Capabilities"),
    FIXED_ARRAY("Characteristics", UINT16, "3" /* Current */),
    REF_KEY("ManagedElement"),
};

const struct cim_class dmtf_element_capabilities = {
    .ns = CIM_NS_INTEROP,
    .name = "CIM_ElementCapabilities",
    .super = (const char *const[]){ NULL },
    .properties = element_properties,
    .property_count = COUNT(element_properties),
    .association = &(const struct cim_association){
        .role = { "Capabilities", "ManagedElement" },
        .class = { "CIM_Capabilities", "CIM_ManagedElement" },
        .walk = capabilities_walk,
    },
};
