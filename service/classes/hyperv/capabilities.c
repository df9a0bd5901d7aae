/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What can be done to machines, and by the service for their management. Hyper-V has no class of
 * capabilities for snapshots; those of the DMTF are elsewhere.
 */
#include "classes/hyperv/device.h"

/* The object of Msvm_VirtualSystemCapabilities is a struct vm. */

static void get_vm_id(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = hv_settings_id(&((const struct vm *)object)->id, arena);
}

/* Run, off, saved, paused, rebooted and reset. */
static void get_states(const void *object, struct arena *arena, struct cim_value *out)
{
    static const char *const states[] = { "2", "3", "6", "9", "10", "11" };

    (void)object;
    hv_list(out, arena, states, COUNT(states));
}

static const struct cim_property vm_rows[] = {
    FIXED("Caption", STRING, "Virtual System Capabilities"),
    FIXED("Description", STRING, "Microsoft Virtual System Capabilities"),
    FIXED("ElementName", STRING, "Virtual System Capabilities"),
    FIXED("ElementNameEditSupported", BOOLEAN, "true"),
    NIL("ElementNameMask", STRING),
    KEY("InstanceID", get_vm_id),
    FIXED("MaxElementNameLen", UINT16, "100"),
    GET_ARRAY("RequestedStatesSupported", UINT16, get_states),
};

static int emit_vm(struct cim_call *call, const struct vm *vm, struct cim_sink *sink)
{
    const struct cim_instance instance = { &msvm_virtual_system_capabilities, vm };

    (void)call;
    return sink->emit(sink, &instance);
}

static int list_vms(struct cim_call *call, struct cim_sink *sink)
{
    return hv_each_vm(call, emit_vm, sink);
}

static int get_of_vm(struct cim_call *call, const char *key, struct cim_sink *sink)
{
    const struct vm *vm = NULL;
    struct guid id;

    if (hv_id_parse(key, &id) == 0)
        vm = hv_vm(call, &id);
    if (vm)
        return emit_vm(call, vm, sink);
    return call->err->code ? -1 : 0;
}

#define SUPER_CAPABILITIES                                                                            \
    "CIM_EnabledLogicalElementCapabilities", "CIM_Capabilities", "CIM_ManagedElement", NULL

const struct cim_class msvm_virtual_system_capabilities = {
    .ns = CIM_NS_V2,
    .name = "Msvm_VirtualSystemCapabilities",
    .super = (const char *const[]){ SUPER_CAPABILITIES },
    .properties = vm_rows,
    .property_count = COUNT(vm_rows),
    .list = list_vms,
    .get_key = "InstanceID",
    .get = get_of_vm,
};

/* ---- Msvm_VirtualSystemManagementCapabilities ---- */

#define MANAGEMENT "Hyper-V Virtual System Management Service Capabilities"

/* GetVirtualSystemThumbnailImage and GetSummaryInformation */
static void get_methods(const void *object, struct arena *arena, struct cim_value *out)
{
    static const char *const methods[] = { "32782", "32784" };

    (void)object;
    hv_list(out, arena, methods, COUNT(methods));
}

static const struct cim_property management_rows[] = {
    NIL_ARRAY("AsynchronousMethodsSupported", UINT16),
    FIXED("Caption", STRING, MANAGEMENT),
    FIXED("Description", STRING, "Defines Virtual System Management Service Capabilities"),
    FIXED("ElementName", STRING, MANAGEMENT),
    FIXED("ElementNameEditSupported", BOOLEAN, "true"),
    NIL("ElementNameMask", STRING),
    NIL_ARRAY("IndicationsSupported", UINT16),
    FIXED_KEY("InstanceID", "Microsoft:VirtualSystemManagementCapabilities"),
    FIXED("MaxElementNameLen", UINT16, "100"),
    NIL_ARRAY("RequestedStatesSupported", UINT16),
    GET_ARRAY("SynchronousMethodsSupported", UINT16, get_methods),
    FIXED_ARRAY("VirtualSystemTypesSupported", STRING, "Microsoft:Hyper-V:System:Realized"),
};

static int list_management(struct cim_call *call, struct cim_sink *sink)
{
    static const struct hv_service nothing;
    const struct cim_instance instance = { &msvm_virtual_system_management_capabilities, &nothing };

    (void)call;
    return sink->emit(sink, &instance);
}

const struct cim_class msvm_virtual_system_management_capabilities = {
    .ns = CIM_NS_V2,
    .name = "Msvm_VirtualSystemManagementCapabilities",
    .super = (const char *const[]){ "CIM_VirtualSystemManagementCapabilities", SUPER_CAPABILITIES },
    .properties = management_rows,
    .property_count = COUNT(management_rows),
    .list = list_management,
};

/* ---- Msvm_ElementCapabilities ---- */

static int capabilities_of(struct cim_call *call, const struct cim_instance *source,
                           struct cim_sink *sink)
{
    const struct hv_device *pool = source->object;
    const struct hv_system *system = source->object;

    if (source->class == &msvm_resource_pool)
        return hv_emit_allocation_capabilities(call, pool->kind, sink);
    if (source->class != &msvm_computer_system)
        return 0;
    return system->vm ? emit_vm(call, system->vm, sink) : list_management(call, sink);
}

static int capabilities_walk(struct cim_call *call, const struct cim_instance *source, int from,
                             struct cim_sink *sink)
{
    const struct hv_device *allocation = source->object;

    if (from == 1)
        return capabilities_of(call, source, sink);
    if (source->class == &msvm_virtual_system_capabilities)
        return hv_emit_system(call, source->object, sink);
    if (source->class == &msvm_virtual_system_management_capabilities)
        return hv_emit_system(call, NULL, sink);
    return source->class == &msvm_allocation_capabilities ? hv_emit_pool(call, allocation->kind, sink) : 0;
}

static const struct cim_property element_rows[] = {
    REF_KEY("Capabilities"),
    FIXED_ARRAY("Characteristics", UINT16, "3"),
    REF_KEY("ManagedElement"),
};

const struct cim_class msvm_element_capabilities = {
    .ns = CIM_NS_V2,
    .name = "Msvm_ElementCapabilities",
    .super = (const char *const[]){ "CIM_ElementCapabilities", NULL },
    .properties = element_rows,
    .property_count = COUNT(element_rows),
    .association = &(const struct cim_association){
        .role = { "Capabilities", "ManagedElement" },
        .class = { "CIM_Capabilities", "CIM_ManagedElement" },
        .walk = capabilities_walk,
    },
};
