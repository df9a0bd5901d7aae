/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Msvm_ComputerSystem: the host and every machine.
 */
#include "classes/hyperv/hyperv.h"

#include "base/clock.h"

#include <strings.h>

static const struct vm *vm_of(const void *object)
{
    return ((const struct hv_system *)object)->vm;
}

static void get_name(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_system *system = object;

    if (system->vm)
        hv_guid(out, arena, &system->vm->id);
    else
        hv_text(out, arena, system->host);
}

static void get_element_name(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_system *system = object;

    hv_text(out, arena, system->vm ? system->vm->title : system->host);
}

static void get_caption(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = vm_of(object) ? "Virtual Machine" : "Hosting Computer System";
}

static void get_description(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = vm_of(object) ? "Microsoft Virtual Computer System"
                              : "Microsoft Hosting Computer System";
}

/* V2 codes; V1 and its 32768 and 32769 are not spoken here. */
static void get_enabled_state(const void *object, struct arena *arena, struct cim_value *out)
{
    static const char *const codes[] = {
        [VM_UNKNOWN] = "0", [VM_RUNNING] = "2",  [VM_PAUSED] = "9",  [VM_OFF] = "3",
        [VM_SAVED] = "6",   [VM_STOPPING] = "4", [VM_CRASHED] = "3",
    };
    const struct vm *vm = vm_of(object);

    (void)arena;
    out->text = vm ? codes[vm->state] : "2";
}

static void get_health_state(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct vm *vm = vm_of(object);

    (void)arena;
    out->text = vm && vm->state == VM_CRASHED ? "20" : "5";
}

static void get_uptime(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct vm *vm = vm_of(object);

    if (vm && vm->started_us && vm->started_us < clock_now_us())
        hv_number(out, arena, (unsigned long long)(clock_now_us() - vm->started_us) / 1000);
    else if (vm && vm->state != VM_RUNNING && vm->state != VM_PAUSED)
        out->text = "0";
}

static void get_pid(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct vm *vm = vm_of(object);

    if (vm && vm->pid)
        hv_number(out, arena, vm->pid);
}

static const struct cim_property properties[] = {
    NIL_ARRAY("AvailableRequestedStates", UINT16),
    GET("Caption", STRING, get_caption),
    NIL("CommunicationStatus", UINT16),
    FIXED_KEY("CreationClassName", "Msvm_ComputerSystem"),
    NIL_ARRAY("Dedicated", UINT16),
    GET("Description", STRING, get_description),
    NIL("DetailedStatus", UINT16),
    GET("ElementName", STRING, get_element_name),
    FIXED("EnabledDefault", UINT16, "2"),
    GET("EnabledState", UINT16, get_enabled_state),
    NIL("EnhancedSessionModeState", UINT16),
    NIL("FailedOverReplicationType", UINT16),
    GET("HealthState", UINT16, get_health_state),
    NIL_ARRAY("IdentifyingDescriptions", STRING),
    NIL("InstallDate", DATETIME),
    NIL("InstanceID", STRING),
    NIL("LastApplicationConsistentReplicationTime", DATETIME),
    NIL("LastReplicationTime", DATETIME),
    NIL("LastReplicationType", UINT16),
    NIL("LastSuccessfulBackupTime", DATETIME),
    KEY("Name", get_name),
    NIL("NameFormat", STRING),
    NIL("NumberOfNumaNodes", UINT16),
    GET("OnTimeInMilliseconds", UINT64, get_uptime),
    NIL("OperatingStatus", UINT16),
    FIXED_ARRAY("OperationalStatus", UINT16, "2"),
    NIL_ARRAY("OtherDedicatedDescriptions", STRING),
    NIL("OtherEnabledState", STRING),
    NIL_ARRAY("OtherIdentifyingInfo", STRING),
    NIL_ARRAY("PowerManagementCapabilities", UINT16),
    NIL("PrimaryOwnerContact", STRING),
    NIL("PrimaryOwnerName", STRING),
    NIL("PrimaryStatus", UINT16),
    GET("ProcessID", UINT32, get_pid),
    FIXED("ReplicationHealth", UINT16, "0"),
    FIXED("ReplicationMode", UINT16, "0"),
    FIXED("ReplicationState", UINT16, "0"),
    FIXED("RequestedState", UINT16, "12"),
    FIXED("ResetCapability", UINT16, "1"),
    NIL_ARRAY("Roles", STRING),
    NIL("Status", STRING),
    FIXED_ARRAY("StatusDescriptions", STRING, "Operating normally"),
    NIL("TimeOfLastConfigurationChange", DATETIME),
    NIL("TimeOfLastStateChange", DATETIME),
    FIXED("TransitioningToState", UINT16, "12"),
};

int hv_emit_system(struct cim_call *call, const struct vm *vm, struct cim_sink *sink)
{
    struct hv_system *object = arena_alloc(call->arena, sizeof(*object));
    struct cim_instance instance = { &msvm_computer_system, object };

    if (!object)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    object->vm = vm;
    object->host = core_host_name(call->core);
    return sink->emit(sink, &instance);
}

static int list(struct cim_call *call, struct cim_sink *sink)
{
    return hv_emit_system(call, NULL, sink) || hv_each_vm(call, hv_emit_system, sink) ? -1 : 0;
}

static int get(struct cim_call *call, const char *key, struct cim_sink *sink)
{
    const struct vm *vm = NULL;
    struct guid id;

    if (strcasecmp(key, core_host_name(call->core)) == 0)
        return hv_emit_system(call, NULL, sink);
    if (guid_parse(&id, key) == 0)
        vm = hv_vm(call, &id);
    if (vm)
        return hv_emit_system(call, vm, sink);
    return call->err->code ? -1 : 0;
}

const struct cim_class msvm_computer_system = {
    .ns = CIM_NS_V2,
    .name = "Msvm_ComputerSystem",
    .super = (const char *const[]){ "CIM_ComputerSystem", "CIM_System", "CIM_EnabledLogicalElement",
                                    "CIM_LogicalElement", "CIM_ManagedSystemElement",
                                    "CIM_ManagedElement", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .list = list,
    .get_key = "Name",
    .get = get,
};
