/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Msvm_ComputerSystem: the host and every machine.
 */
#include "classes/hyperv/hyperv.h"

#include "base/clock.h"

#include <stdlib.h>
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

/* What goes on with a machine, by the job that does it. */
static const struct doing {
    enum job_kind kind;
    const char *status, *description; /* of OperationalStatus and StatusDescriptions, or NULL */
    const char *state, *other;        /* EnabledState and OtherEnabledState meanwhile, or NULL */
    const char *asked;                /* RequestedState */
} doings[] = {
    { JOB_SNAPSHOT_CREATE, "32768", "Creating checkpoint", NULL, NULL, NULL },
    { JOB_SNAPSHOT_APPLY, "32769", "Applying checkpoint", NULL, NULL, NULL },
    { JOB_SNAPSHOT_DESTROY, "32770", "Deleting checkpoint", NULL, NULL, NULL },
    { JOB_SNAPSHOT_DESTROY_TREE, "32770", "Deleting checkpoint", NULL, NULL, NULL },
#define CHANGE(change) (enum job_kind)(JOB_VM_CHANGE + (change))
    { CHANGE(CHANGE_START), NULL, NULL, "10", NULL, "2" },
    { CHANGE(CHANGE_RESUME), NULL, NULL, "1", "Resuming", "2" },
    { CHANGE(CHANGE_PAUSE), NULL, NULL, "1", "Pausing", "9" },
    { CHANGE(CHANGE_SAVE), NULL, NULL, "1", "Saving", "6" },
    { CHANGE(CHANGE_FORGET), NULL, NULL, NULL, NULL, "3" },
    { CHANGE(CHANGE_OFF), NULL, NULL, "4", NULL, "3" },
    { CHANGE(CHANGE_SHUTDOWN), NULL, NULL, "4", NULL, "4" },
    { CHANGE(CHANGE_REBOOT), NULL, NULL, NULL, NULL, "10" },
    { CHANGE(CHANGE_RESET), NULL, NULL, NULL, NULL, "11" },
};

static const struct doing *doing_of(enum job_kind kind)
{
    static const struct doing nothing;

    for (size_t i = 0; i < COUNT(doings); i++)
        if (doings[i].kind == kind)
            return &doings[i];
    return &nothing;
}

const char *hv_enabled_state(const struct vm *vm)
{
    /* V2 codes; V1 and its 32768 and 32769 are not spoken here */
    static const char *const codes[] = {
        [VM_UNKNOWN] = "0", [VM_RUNNING] = "2",  [VM_PAUSED] = "9",  [VM_OFF] = "3",
        [VM_SAVED] = "6",   [VM_STOPPING] = "4", [VM_CRASHED] = "3",
    };
    const char *meanwhile = doing_of(vm->doing)->state;

    return meanwhile ? meanwhile : codes[vm->state];
}

const char *hv_other_enabled_state(const struct vm *vm)
{
    return doing_of(vm->doing)->other;
}

/* 2 OK; or 11 In Service, and with what. */
void hv_operational_status(const struct vm *vm, struct arena *arena, struct cim_value *out)
{
    const char *status = vm ? doing_of(vm->doing)->status : NULL;

    if (status)
        hv_list(out, arena, (const char *const[]){ "11", status }, 2);
    else
        hv_list(out, arena, (const char *const[]){ "2" }, 1);
}

void hv_status_descriptions(const struct vm *vm, struct arena *arena, struct cim_value *out)
{
    const char *text = vm ? doing_of(vm->doing)->description : NULL;

    if (text)
        hv_list(out, arena, (const char *const[]){ "In service", text }, 2);
    else
        hv_list(out, arena, (const char *const[]){ "Operating normally" }, 1);
}

static void get_operational_status(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_operational_status(vm_of(object), arena, out);
}

static void get_status_descriptions(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_status_descriptions(vm_of(object), arena, out);
}

static void get_requested_state(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct vm *vm = vm_of(object);
    const char *asked = vm ? doing_of(vm->asked)->asked : NULL;

    (void)arena;
    out->text = asked ? asked : "12"; /* not applicable */
}

static void get_other_enabled_state(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    if (vm_of(object))
        out->text = hv_other_enabled_state(vm_of(object));
}

static void get_enabled_state(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct vm *vm = vm_of(object);

    (void)arena;
    out->text = vm ? hv_enabled_state(vm) : "2";
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
    GET_ARRAY("OperationalStatus", UINT16, get_operational_status),
    NIL_ARRAY("OtherDedicatedDescriptions", STRING),
    GET("OtherEnabledState", STRING, get_other_enabled_state),
    NIL_ARRAY("OtherIdentifyingInfo", STRING),
    NIL_ARRAY("PowerManagementCapabilities", UINT16),
    NIL("PrimaryOwnerContact", STRING),
    NIL("PrimaryOwnerName", STRING),
    NIL("PrimaryStatus", UINT16),
    GET("ProcessID", UINT32, get_pid),
    FIXED("ReplicationHealth", UINT16, "0"),
    FIXED("ReplicationMode", UINT16, "0"),
    FIXED("ReplicationState", UINT16, "0"),
    GET("RequestedState", UINT16, get_requested_state),
    FIXED("ResetCapability", UINT16, "1"),
    NIL_ARRAY("Roles", STRING),
    NIL("Status", STRING),
    GET_ARRAY("StatusDescriptions", STRING, get_status_descriptions),
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
    return hv_emit_system(call, NULL, sink) || hv_each_named_vm(call, hv_emit_system, sink) ? -1 : 0;
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

/* ---- methods ---- */

enum { JOB, REQUESTED_STATE, TIMEOUT_PERIOD };

const struct cim_parameter hv_state_parameters[HV_STATE_PARAMETERS] = {
    [JOB] = { "Job", CIM_REFERENCE, CIM_OUT, "Msvm_ConcreteJob" },
    [REQUESTED_STATE] = { "RequestedState", CIM_UINT16, CIM_IN | CIM_REQUIRED, NULL },
    [TIMEOUT_PERIOD] = { "TimeoutPeriod", CIM_INTERVAL, CIM_IN, NULL },
};

/* What a RequestedState asks for: of a machine in any state, or of one that is paused or saved. Those from 32768
 * on are V1's names for the same, which some clients send. */
static const struct {
    unsigned long value;
    enum vm_change change, when_paused, when_saved;
} requests[] = {
    { 2, CHANGE_START, CHANGE_RESUME, CHANGE_START }, /* Enabled */
    { 3, CHANGE_OFF, CHANGE_OFF, CHANGE_FORGET },     /* Disabled */
    { 4, CHANGE_SHUTDOWN, CHANGE_SHUTDOWN, CHANGE_SHUTDOWN },
    { 6, CHANGE_SAVE, CHANGE_SAVE, CHANGE_SAVE },    /* Offline */
    { 9, CHANGE_PAUSE, CHANGE_PAUSE, CHANGE_PAUSE }, /* Quiesce */
    { 10, CHANGE_REBOOT, CHANGE_REBOOT, CHANGE_REBOOT },
    { 11, CHANGE_RESET, CHANGE_RESET, CHANGE_RESET },
    { 32768, CHANGE_PAUSE, CHANGE_PAUSE, CHANGE_PAUSE },       /* Paused */
    { 32769, CHANGE_SAVE, CHANGE_SAVE, CHANGE_SAVE },          /* Suspended */
    { 32770, CHANGE_START, CHANGE_RESUME, CHANGE_START },      /* Starting */
    { 32773, CHANGE_SAVE, CHANGE_SAVE, CHANGE_SAVE },          /* Saving */
    { 32774, CHANGE_SHUTDOWN, CHANGE_SHUTDOWN, CHANGE_SHUTDOWN }, /* Stopping */
    { 32776, CHANGE_PAUSE, CHANGE_PAUSE, CHANGE_PAUSE },       /* Pausing */
    { 32777, CHANGE_RESUME, CHANGE_RESUME, CHANGE_RESUME },    /* Resuming */
};

/* 0, or -1 with ERR_NOT_SUPPORTED for what is in CIM's map, ERR_INVALID_PARAMETER for what is not. */
static int read_request(const char *text, const struct vm *vm, enum vm_change *out, struct error *err)
{
    unsigned long value = strtoul(text, NULL, 10);

    for (size_t i = 0; i < COUNT(requests); i++) {
        if (requests[i].value != value)
            continue;
        *out = vm->state == VM_PAUSED  ? requests[i].when_paused
               : vm->state == VM_SAVED ? requests[i].when_saved
                                       : requests[i].change;
        return 0;
    }
    if (value <= 11 || value >= 32768)
        return error_set(err, ERR_NOT_SUPPORTED, "RequestedState %lu is not supported.", value);
    return error_set(err, ERR_INVALID_PARAMETER, "RequestedState %lu is reserved.", value);
}

int hv_request_state_change(struct cim_call *call, const struct cim_instance *self,
                            const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    const struct vm *vm = vm_of(self->object);
    struct snapshot_ticket ticket;
    enum vm_change change = CHANGES;

    if (!vm)
        return error_set(call->err, ERR_NOT_SUPPORTED, "The host's state cannot be changed.");
    if (read_request(in[REQUESTED_STATE].value.text, vm, &change, call->err) != 0 ||
        core_vm_change(call->core, call->who, &vm->id, change, &ticket, call->err) != 0)
        return -1;
    return hv_ticket(call, self, &ticket, &out[JOB], ret);
}

static const struct cim_parameter power_parameters[] = {
    { "PowerState", CIM_UINT32, CIM_IN, NULL },
    { "Time", CIM_DATETIME, CIM_IN, NULL },
};

static const struct cim_parameter replication_parameters[] = {
    { "Job", CIM_REFERENCE, CIM_OUT, "Msvm_ConcreteJob" },
    { "RequestedState", CIM_UINT16, CIM_IN, NULL },
    { "TimeoutPeriod", CIM_INTERVAL, CIM_IN, NULL },
};

static const struct cim_parameter interrupt_parameters[] = {
    { "Job", CIM_REFERENCE, CIM_OUT, "Msvm_ConcreteJob" },
};

#define METHOD(name_, parameters_, invoke_)                                                        \
    { .name = name_, .role = ROLE_OPERATOR, .family_b = true, .parameters = parameters_,              \
      .parameter_count = COUNT(parameters_), .invoke = invoke_ }

const struct cim_method hv_system_methods[HV_SYSTEM_METHODS] = {
    METHOD("InjectNonMaskableInterrupt", interrupt_parameters, hv_not_supported),
    METHOD("RequestReplicationStateChange", replication_parameters, hv_not_supported),
    METHOD("RequestStateChange", hv_state_parameters, hv_request_state_change),
    METHOD("SetPowerState", power_parameters, hv_not_supported),
};

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
    .by_name = true,
    .methods = hv_system_methods,
    .method_count = HV_SYSTEM_METHODS,
};
