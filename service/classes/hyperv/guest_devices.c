/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Msvm_Keyboard and Msvm_ShutdownComponent: how a client reaches the guest of a machine; each machine has one of
 * both.
 */
#include "classes/hyperv/hyperv.h"

#include "classes/hyperv/keys.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Their parts of a DeviceID: that of the keyboard's setting data, and Hyper-V's own for the shutdown. */
#define KEYBOARD "BAA7F3C6-D4F6-4CD8-9A0E-7C1A1B6EE6C9"
#define SHUTDOWN "9F8233AC-BE49-4C79-8EE3-E7E1985B2077"

/* The object is a struct hv_system with a machine. */
static const struct vm *vm_of(const void *object)
{
    return ((const struct hv_system *)object)->vm;
}

static void get_system_name(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_guid(out, arena, &vm_of(object)->id);
}

static void get_device_id(const void *object, const char *part, struct arena *arena,
                          struct cim_value *out)
{
    out->text = arena_printf(arena, "Microsoft:%s\\%s", GUID_STR(&vm_of(object)->id), part);
}

static void get_keyboard_id(const void *object, struct arena *arena, struct cim_value *out)
{
    get_device_id(object, KEYBOARD, arena, out);
}

static void get_shutdown_id(const void *object, struct arena *arena, struct cim_value *out)
{
    get_device_id(object, SHUTDOWN, arena, out);
}

/* They work while the machine runs. */
static void get_enabled_state(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = vm_of(object)->state == VM_RUNNING ? "2" : "3";
}

/* ---- Msvm_Keyboard ---- */

enum { TEXT_MOST = 512, CODES_MOST = 512 };

/* Sends keys to the machine whose keyboard this is. */
static int send(struct cim_call *call, const struct cim_instance *self, const struct key_event *events,
                size_t count, unsigned *ret)
{
    *ret = 0;
    return core_vm_keys(call->core, call->who, &vm_of(self->object)->id, events, count, call->err);
}

/* Msvm_Keyboard's keyCode, as a scan code; 0 with call->err. */
static uint8_t read_key(struct cim_call *call, const struct cim_argument *in)
{
    unsigned long key = strtoul(in[0].value.text, NULL, 10);
    unsigned code = keys_of_windows(key);

    if (!code)
        error_set(call->err, ERR_INVALID_PARAMETER, "There is no key with the code %lu.", key);
    return (uint8_t)code;
}

static int press_key(struct cim_call *call, const struct cim_instance *self,
                     const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    const struct key_event event = { read_key(call, in), true };

    (void)out;
    return event.code ? send(call, self, &event, 1, ret) : -1;
}

static int release_key(struct cim_call *call, const struct cim_instance *self,
                       const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    const struct key_event event = { read_key(call, in), false };

    (void)out;
    return event.code ? send(call, self, &event, 1, ret) : -1;
}

static int type_key(struct cim_call *call, const struct cim_instance *self,
                    const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    const uint8_t code = read_key(call, in);
    const struct key_event events[] = { { code, true }, { code, false } };

    (void)out;
    return code ? send(call, self, events, COUNT(events), ret) : -1;
}

static int type_ctrl_alt_del(struct cim_call *call, const struct cim_instance *self,
                             const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    static const struct key_event events[] = { { 0x1D, true },  { 0x38, true },  { 0xD3, true },
                                               { 0xD3, false }, { 0x38, false }, { 0x1D, false } };

    (void)in;
    (void)out;
    return send(call, self, events, COUNT(events), ret);
}

static int type_text(struct cim_call *call, const struct cim_instance *self,
                     const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    const char *text = in[0].value.text;
    struct key_event events[4 * TEXT_MOST];
    size_t count, bad = 0;

    (void)out;
    if (strlen(text) > TEXT_MOST)
        return error_set(call->err, ERR_INVALID_PARAMETER, "The text is longer than %d characters.",
                         TEXT_MOST);
    count = keys_of_text(text, events, &bad);
    if (!count && *text)
        return error_set(call->err, ERR_INVALID_PARAMETER,
                         "Octet %zu of the text is none that this keyboard can type.", bad);
    return send(call, self, events, count, ret);
}

static int type_scancodes(struct cim_call *call, const struct cim_instance *self,
                          const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    struct key_event events[CODES_MOST];
    unsigned char octets[CODES_MOST];
    size_t count = in[0].value.count;
    long codes;

    (void)out;
    if (count > CODES_MOST)
        return error_set(call->err, ERR_INVALID_PARAMETER, "There are more than %d scan codes.",
                         CODES_MOST);
    for (size_t i = 0; i < count; i++)
        octets[i] = (unsigned char)strtoul(in[0].value.items[i], NULL, 10);
    codes = keys_of_scancodes(octets, count, events);
    if (codes < 0)
        return error_set(call->err, ERR_INVALID_PARAMETER,
                         "The scan codes end in the middle of a key.");
    return send(call, self, events, (size_t)codes, ret);
}

static const struct cim_parameter key_parameters[] = {
    { "keyCode", CIM_UINT32, CIM_IN | CIM_REQUIRED, NULL },
};

static const struct cim_parameter pressed_parameters[] = {
    { "keyCode", CIM_UINT32, CIM_IN | CIM_REQUIRED, NULL },
    { "KeyState", CIM_BOOLEAN, CIM_OUT, NULL },
};

static const struct cim_parameter text_parameters[] = {
    { "asciiText", CIM_STRING, CIM_IN | CIM_REQUIRED, NULL },
};

static const struct cim_parameter scancode_parameters[] = {
    { "Scancodes", CIM_UINT8, CIM_IN | CIM_REQUIRED | CIM_ARRAY, NULL },
};

#define METHOD(name_, parameters_, invoke_)                                                        \
    { .name = name_, .role = ROLE_OPERATOR, .family_b = true, .parameters = parameters_,              \
      .parameter_count = COUNT(parameters_), .invoke = invoke_ }

static const struct cim_method keyboard_methods[] = {
    METHOD("IsKeyPressed", pressed_parameters, hv_not_supported),
    METHOD("PressKey", key_parameters, press_key),
    METHOD("ReleaseKey", key_parameters, release_key),
    { .name = "TypeCtrlAltDel", .role = ROLE_OPERATOR, .family_b = true, .invoke = type_ctrl_alt_del },
    METHOD("TypeKey", key_parameters, type_key),
    METHOD("TypeScancodes", scancode_parameters, type_scancodes),
    METHOD("TypeText", text_parameters, type_text),
};

static const struct cim_property keyboard_properties[] = {
    NIL_ARRAY("AdditionalAvailability", UINT16),
    NIL("Availability", UINT16),
    NIL_ARRAY("AvailableRequestedStates", UINT16),
    FIXED("Caption", STRING, "Keyboard"),
    NIL("CommunicationStatus", UINT16),
    FIXED_KEY("CreationClassName", "Msvm_Keyboard"),
    FIXED("Description", STRING, "Microsoft Synthetic Keyboard"),
    NIL("DetailedStatus", UINT16),
    KEY("DeviceID", get_keyboard_id),
    FIXED("ElementName", STRING, "Keyboard"),
    FIXED("EnabledDefault", UINT16, "2"),
    GET("EnabledState", UINT16, get_enabled_state),
    NIL("ErrorCleared", BOOLEAN),
    NIL("ErrorDescription", STRING),
    FIXED("HealthState", UINT16, "5"),
    NIL_ARRAY("IdentifyingDescriptions", STRING),
    NIL("InstallDate", DATETIME),
    NIL("InstanceID", STRING),
    NIL("IsLocked", BOOLEAN),
    NIL("LastErrorCode", UINT32),
    NIL("Layout", STRING),
    NIL("MaxQuiesceTime", UINT64),
    NIL("Name", STRING),
    FIXED("NumberOfFunctionKeys", UINT16, "12"),
    NIL("OperatingStatus", UINT16),
    FIXED_ARRAY("OperationalStatus", UINT16, "2"),
    NIL("OtherEnabledState", STRING),
    NIL_ARRAY("OtherIdentifyingInfo", STRING),
    NIL("Password", UINT16),
    NIL_ARRAY("PowerManagementCapabilities", UINT16),
    NIL("PowerManagementSupported", BOOLEAN),
    NIL("PowerOnHours", UINT64),
    NIL("PrimaryStatus", UINT16),
    FIXED("RequestedState", UINT16, "12"),
    NIL("Status", STRING),
    FIXED_ARRAY("StatusDescriptions", STRING, "OK"),
    NIL("StatusInfo", UINT16),
    FIXED_KEY("SystemCreationClassName", "Msvm_ComputerSystem"),
    KEY("SystemName", get_system_name),
    NIL("TimeOfLastStateChange", DATETIME),
    NIL("TotalPowerOnHours", UINT64),
    FIXED("TransitioningToState", UINT16, "12"),
    FIXED("UnicodeSupported", BOOLEAN, "false"),
};

/* ---- Msvm_ShutdownComponent ---- */

enum { FORCE, REASON };

static const struct cim_parameter shutdown_parameters[] = {
    [FORCE] = { "Force", CIM_BOOLEAN, CIM_IN | CIM_REQUIRED, NULL },
    [REASON] = { "Reason", CIM_STRING, CIM_IN, NULL },
};

static const struct cim_parameter hibernate_parameters[] = {
    { "Reason", CIM_STRING, CIM_IN, NULL },
};

/* 0 as soon as the guest has been asked, by its agent or the power button: what it makes of that, and of the
 * reason, is its own affair. There is no stronger way to ask, so Force changes nothing. */
static int initiate(struct cim_call *call, const struct cim_instance *self, enum vm_change change,
                    unsigned *ret)
{
    *ret = 0;
    return core_vm_ask(call->core, call->who, &vm_of(self->object)->id, change, call->err);
}

static int initiate_shutdown(struct cim_call *call, const struct cim_instance *self,
                             const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    (void)in;
    (void)out;
    return initiate(call, self, CHANGE_SHUTDOWN, ret);
}

static int initiate_reboot(struct cim_call *call, const struct cim_instance *self,
                           const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    (void)in;
    (void)out;
    return initiate(call, self, CHANGE_REBOOT, ret);
}

static const struct cim_method shutdown_methods[] = {
    METHOD("InitiateHibernate", hibernate_parameters, hv_not_supported),
    METHOD("InitiateReboot", shutdown_parameters, initiate_reboot),
    METHOD("InitiateShutdown", shutdown_parameters, initiate_shutdown),
};

static const struct cim_property shutdown_properties[] = {
    NIL_ARRAY("AdditionalAvailability", UINT16),
    NIL("Availability", UINT16),
    NIL_ARRAY("AvailableRequestedStates", UINT16),
    FIXED("Caption", STRING, "Shutdown"),
    NIL("CommunicationStatus", UINT16),
    FIXED_KEY("CreationClassName", "Msvm_ShutdownComponent"),
    FIXED("Description", STRING, "Microsoft Guest Shutdown Component"),
    NIL("DetailedStatus", UINT16),
    KEY("DeviceID", get_shutdown_id),
    FIXED("ElementName", STRING, "Shutdown"),
    FIXED("EnabledDefault", UINT16, "2"),
    GET("EnabledState", UINT16, get_enabled_state),
    NIL("ErrorCleared", BOOLEAN),
    NIL("ErrorDescription", STRING),
    FIXED("HealthState", UINT16, "5"),
    NIL_ARRAY("IdentifyingDescriptions", STRING),
    NIL("InstallDate", DATETIME),
    NIL("InstanceID", STRING),
    NIL("LastErrorCode", UINT32),
    NIL("MaxQuiesceTime", UINT64),
    NIL("Name", STRING),
    NIL("OperatingStatus", UINT16),
    FIXED_ARRAY("OperationalStatus", UINT16, "2"),
    NIL("OtherEnabledState", STRING),
    NIL_ARRAY("OtherIdentifyingInfo", STRING),
    NIL_ARRAY("PowerManagementCapabilities", UINT16),
    NIL("PowerManagementSupported", BOOLEAN),
    NIL("PowerOnHours", UINT64),
    NIL("PrimaryStatus", UINT16),
    FIXED("RequestedState", UINT16, "12"),
    NIL("Status", STRING),
    FIXED_ARRAY("StatusDescriptions", STRING, "OK"),
    NIL("StatusInfo", UINT16),
    FIXED_KEY("SystemCreationClassName", "Msvm_ComputerSystem"),
    KEY("SystemName", get_system_name),
    NIL("TimeOfLastStateChange", DATETIME),
    NIL("TotalPowerOnHours", UINT64),
    FIXED("TransitioningToState", UINT16, "12"),
};

/* ---- both ---- */

static int emit(struct cim_call *call, const struct cim_class *class, const struct vm *vm,
                struct cim_sink *sink)
{
    struct hv_system *object = arena_alloc(call->arena, sizeof(*object));
    struct cim_instance instance = { class, object };

    if (!object)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    object->vm = vm;
    object->host = core_host_name(call->core);
    return sink->emit(sink, &instance);
}

static int emit_keyboard(struct cim_call *call, const struct vm *vm, struct cim_sink *sink)
{
    return emit(call, &msvm_keyboard, vm, sink);
}

static int emit_shutdown(struct cim_call *call, const struct vm *vm, struct cim_sink *sink)
{
    return emit(call, &msvm_shutdown_component, vm, sink);
}

static int list_keyboards(struct cim_call *call, struct cim_sink *sink)
{
    return hv_each_vm(call, emit_keyboard, sink);
}

static int list_shutdowns(struct cim_call *call, struct cim_sink *sink)
{
    return hv_each_vm(call, emit_shutdown, sink);
}

/* The machine that a DeviceID with this part names, given to each(). */
static int get(struct cim_call *call, const char *key, const char *part, hv_vm_fn *each,
               struct cim_sink *sink)
{
    const char *at = strchr(key, '\\');
    char owner[GUID_TEXT + sizeof("Microsoft:")];
    const struct vm *vm = NULL;
    struct guid id;

    if (!at || strcasecmp(at + 1, part) != 0 || (size_t)(at - key) >= sizeof(owner))
        return 0;
    memcpy(owner, key, (size_t)(at - key));
    owner[at - key] = '\0';
    if (hv_id_parse(owner, &id) == 0)
        vm = hv_vm(call, &id);
    if (vm)
        return each(call, vm, sink);
    return call->err->code ? -1 : 0;
}

static int get_keyboard(struct cim_call *call, const char *key, struct cim_sink *sink)
{
    return get(call, key, KEYBOARD, emit_keyboard, sink);
}

static int get_shutdown(struct cim_call *call, const char *key, struct cim_sink *sink)
{
    return get(call, key, SHUTDOWN, emit_shutdown, sink);
}

const struct cim_class msvm_keyboard = {
    .ns = CIM_NS_V2,
    .name = "Msvm_Keyboard",
    .super = (const char *const[]){ "CIM_Keyboard", "CIM_UserDevice", "CIM_LogicalDevice",
                                    "CIM_EnabledLogicalElement", "CIM_LogicalElement",
                                    "CIM_ManagedSystemElement", "CIM_ManagedElement", NULL },
    .properties = keyboard_properties,
    .property_count = COUNT(keyboard_properties),
    .methods = keyboard_methods,
    .method_count = COUNT(keyboard_methods),
    .list = list_keyboards,
    .get_key = "DeviceID",
    .get = get_keyboard,
};

const struct cim_class msvm_shutdown_component = {
    .ns = CIM_NS_V2,
    .name = "Msvm_ShutdownComponent",
    .super = (const char *const[]){ "CIM_LogicalDevice", "CIM_EnabledLogicalElement",
                                    "CIM_LogicalElement", "CIM_ManagedSystemElement",
                                    "CIM_ManagedElement", NULL },
    .properties = shutdown_properties,
    .property_count = COUNT(shutdown_properties),
    .methods = shutdown_methods,
    .method_count = COUNT(shutdown_methods),
    .list = list_shutdowns,
    .get_key = "DeviceID",
    .get = get_shutdown,
};
