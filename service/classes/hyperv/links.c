/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Associations between machines, their settings and parts, and the services. End 0 is the one from which all
 * instances are listed.
 */
#include "classes/hyperv/logical.h"

#include "cim/list.h"

static bool is(const struct cim_instance *instance, const char *class)
{
    return cim_class_is(instance->class, class);
}

/* The machine that source is: NULL for the host. */
static const struct vm *vm_of(const struct cim_instance *source)
{
    return ((const struct hv_system *)source->object)->vm;
}

static const struct hv_logical *logical_of(const struct cim_instance *source)
{
    for (size_t i = 0; i < HV_LOGICALS; i++)
        if (hv_logicals[i].class == source->class)
            return &hv_logicals[((const struct hv_device *)source->object)->logical];
    return NULL;
}

static bool is_settings(const struct cim_instance *source)
{
    for (size_t i = 0; i < HV_KINDS; i++)
        if (hv_kinds[i].settings == source->class)
            return true;
    return false;
}

/* ---- Msvm_SettingsDefineState: what is, and the settings that it is by ---- */

/* Passes on the part at the same place as another. */
struct same {
    struct cim_sink sink;
    const struct hv_device *device;
    struct cim_sink *next;
};

static int emit_same(struct cim_sink *sink, const struct cim_instance *found)
{
    const struct same *same = (const struct same *)sink;
    const struct hv_device *device = found->object;

    /* Setting data there is for all processors together. */
    if (device->kind != same->device->kind ||
        (device->kind != HV_PROCESSOR && device->index != same->device->index))
        return 0;
    return same->next->emit(same->next, found);
}

static int part_settings(struct cim_call *call, const struct cim_instance *source,
                         struct cim_sink *sink)
{
    const struct hv_device *device = source->object;
    const struct hv_settings owner = { .vm = device->vm };
    struct same same = { { emit_same }, device, sink };

    return hv_emit_device_settings(call, &owner, hv_kinds[device->kind].settings, &same.sink);
}

static int settings_part(struct cim_call *call, const struct cim_instance *source,
                         struct cim_sink *sink)
{
    const struct hv_device *device = source->object;
    struct same same = { { emit_same }, device, sink };
    const struct vm *vm = device->hardware ? hv_vm(call, &device->owner) : NULL; /* none of a snapshot */

    if (!vm)
        return call->err->code ? -1 : 0;
    return hv_emit_logical(call, vm, NULL, &same.sink);
}

static int state_walk(struct cim_call *call, const struct cim_instance *source, int from,
                      struct cim_sink *sink)
{
    const struct hv_settings *settings = source->object;

    if (from == 0 && source->class == &msvm_computer_system)
        return vm_of(source) ? hv_emit_active(call, vm_of(source), sink) : 0;
    if (from == 0)
        return logical_of(source) ? part_settings(call, source, sink) : 0;
    if (source->class == &msvm_virtual_system_setting_data)
        return settings->snapshot ? 0 : hv_emit_system(call, settings->vm, sink);
    return is_settings(source) ? settings_part(call, source, sink) : 0;
}

static const struct cim_property state_rows[] = {
    REF_KEY("ManagedElement"),
    REF_KEY("SettingData"),
};

const struct cim_class msvm_settings_define_state = {
    .ns = CIM_NS_V2,
    .name = "Msvm_SettingsDefineState",
    .super = (const char *const[]){ "CIM_SettingsDefineState", NULL },
    .properties = state_rows,
    .property_count = COUNT(state_rows),
    .association = &(const struct cim_association){
        .role = { "ManagedElement", "SettingData" },
        .class = { "CIM_LogicalElement", "CIM_SettingData" },
        .walk = state_walk,
    },
};

/* ---- Msvm_ElementSettingData: a machine and the settings that its snapshots keep ---- */

static int element_walk(struct cim_call *call, const struct cim_instance *source, int from,
                        struct cim_sink *sink)
{
    if (source->class != (from == 0 ? &msvm_computer_system : &msvm_virtual_system_setting_data))
        return 0; /* a view's ends may be of any class */
    return msvm_snapshot_of_virtual_system.association->walk(call, source, from, sink);
}

static const struct cim_property element_rows[] = {
    FIXED("IsCurrent", UINT16, "0"), FIXED("IsDefault", UINT16, "0"), FIXED("IsNext", UINT16, "0"),
    REF_KEY("ManagedElement"),       REF_KEY("SettingData"),
};

const struct cim_class msvm_element_setting_data = {
    .ns = CIM_NS_V2,
    .name = "Msvm_ElementSettingData",
    .super = (const char *const[]){ "CIM_ElementSettingData", NULL },
    .properties = element_rows,
    .property_count = COUNT(element_rows),
    .association = &(const struct cim_association){
        .role = { "ManagedElement", "SettingData" },
        .class = { "Msvm_ComputerSystem", "Msvm_VirtualSystemSettingData" },
        .walk = element_walk,
    },
};

/* ---- Msvm_SystemDevice ---- */

static void system_name(struct cim_call *call, const struct cim_instance *device,
                        struct cim_value *out)
{
    const struct cim_property *name = cim_property_find(device->class, "SystemName");

    *out = (struct cim_value){ 0 };
    if (name)
        cim_get(device, name, call->arena, out);
}

/* Passes on the devices of one machine, and not those that have been emitted as parts of it. */
struct belonging {
    struct cim_sink sink;
    struct cim_call *call;
    const struct vm *vm;
    struct cim_sink *next;
};

static int emit_belonging(struct cim_sink *sink, const struct cim_instance *device)
{
    const struct belonging *belonging = (const struct belonging *)sink;
    struct cim_value name;
    struct guid id;

    system_name(belonging->call, device, &name);
    if (!name.text || guid_parse(&id, name.text) != 0 || !guid_equal(&id, &belonging->vm->id))
        return 0;
    return belonging->next->emit(belonging->next, device);
}

static bool has_row(const struct cim_class *class)
{
    for (size_t i = 0; i < HV_LOGICALS; i++)
        if (hv_logicals[i].class == class)
            return true;
    return class == &msvm_s3_display_controller;
}

static int system_devices(struct cim_call *call, const struct vm *vm, struct cim_sink *sink)
{
    struct belonging belonging = { { emit_belonging }, call, vm, sink };
    const struct cim_class *class;
    struct cim_cursor *cursor = call->cursor;
    size_t position = 0;
    int rc = hv_emit_logical(call, vm, NULL, sink);

    call->cursor = NULL; /* that of the listing of systems */
    while (rc == 0 && (class = cim_class_next(CIM_NS_V2, "CIM_LogicalDevice", &position)))
        if (!has_row(class))
            rc = list_class(call, class, &belonging.sink);
    call->cursor = cursor;
    return rc;
}

static int device_system(struct cim_call *call, const struct cim_instance *device,
                         struct cim_sink *sink)
{
    const struct vm *vm = NULL;
    struct cim_value name;
    struct guid id;

    system_name(call, device, &name);
    if (name.text && guid_parse(&id, name.text) == 0)
        vm = hv_vm(call, &id);
    if (vm)
        return hv_emit_system(call, vm, sink);
    return call->err->code ? -1 : 0;
}

static int device_walk(struct cim_call *call, const struct cim_instance *source, int from,
                       struct cim_sink *sink)
{
    if (from == 1)
        return device_system(call, source, sink);
    return vm_of(source) ? system_devices(call, vm_of(source), sink) : 0;
}

static const struct cim_property part_rows[] = {
    REF_KEY("GroupComponent"),
    REF_KEY("PartComponent"),
};

const struct cim_class msvm_system_device = {
    .ns = CIM_NS_V2,
    .name = "Msvm_SystemDevice",
    .super = (const char *const[]){ "CIM_SystemDevice", "CIM_SystemComponent", "CIM_Component", NULL },
    .properties = part_rows,
    .property_count = COUNT(part_rows),
    .association = &(const struct cim_association){
        .role = { "GroupComponent", "PartComponent" },
        .class = { "Msvm_ComputerSystem", "CIM_LogicalDevice" },
        .walk = device_walk,
    },
};

/* ---- services: the host has them, and they act on machines ---- */

static int each_service(struct cim_call *call, struct cim_sink *sink)
{
    const struct cim_class *class;
    struct cim_cursor *cursor = call->cursor;
    size_t position = 0;
    int rc = 0;

    call->cursor = NULL;
    while (rc == 0 && (class = cim_class_next(CIM_NS_V2, "CIM_Service", &position)))
        rc = list_class(call, class, sink);
    call->cursor = cursor;
    return rc;
}

static int hosted_walk(struct cim_call *call, const struct cim_instance *source, int from,
                       struct cim_sink *sink)
{
    if (from == 1)
        return hv_emit_system(call, NULL, sink);
    return vm_of(source) ? 0 : each_service(call, sink);
}

static const struct cim_property hosted_rows[] = {
    REF_KEY("Antecedent"),
    REF_KEY("Dependent"),
};

const struct cim_class msvm_hosted_service = {
    .ns = CIM_NS_V2,
    .name = "Msvm_HostedService",
    .super = (const char *const[]){ "CIM_HostedService", "CIM_HostedDependency", "CIM_Dependency", NULL },
    .properties = hosted_rows,
    .property_count = COUNT(hosted_rows),
    .association = &(const struct cim_association){
        .role = { "Antecedent", "Dependent" },
        .class = { "Msvm_ComputerSystem", "CIM_Service" },
        .walk = hosted_walk,
    },
};

static int affects_walk(struct cim_call *call, const struct cim_instance *source, int from,
                        struct cim_sink *sink)
{
    if (from == 1)
        return hv_each_vm(call, hv_emit_system, sink);
    return is(source, "Msvm_ComputerSystem") && vm_of(source) ? each_service(call, sink) : 0;
}

static const struct cim_property affects_rows[] = {
    REF_KEY("AffectedElement"),
    REF_KEY("AffectingElement"),
    FIXED_ARRAY("ElementEffects", UINT16, "5"),
    NIL_ARRAY("OtherElementEffectsDescriptions", STRING),
};

const struct cim_class msvm_service_affects_element = {
    .ns = CIM_NS_V2,
    .name = "Msvm_ServiceAffectsElement",
    .super = (const char *const[]){ "CIM_ServiceAffectsElement", NULL },
    .properties = affects_rows,
    .property_count = COUNT(affects_rows),
    .association = &(const struct cim_association){
        .role = { "AffectedElement", "AffectingElement" },
        .class = { "Msvm_ComputerSystem", "CIM_Service" },
        .walk = affects_walk,
    },
};
