/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Msvm_VirtualSystemGlobalSettingData: what V1 says once of a machine, whatever its snapshots; V2 has it in the machine's
 * own setting data.
 */
#include "classes/v1/v1.h"

#include <stdlib.h>
#include <string.h>

#define SUFFIX "\\Global"

#define PLAIN &msvm_virtual_system_setting_data

/* Apart from that of the machine's own settings, as both derive from CIM_SettingData. */
static void get_instance_id(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = arena_printf(arena, "%s" SUFFIX, hv_settings_id(&((const struct hv_settings *)object)->vm->id, arena));
}

/* V1 counts actions from 0, V2 from 2. */
static void get_action(const void *object, const char *name, struct arena *arena, struct cim_value *out)
{
    cim_get_named(PLAIN, object, name, arena, out);
    if (out->text)
        hv_number(out, arena, strtoul(out->text, NULL, 10) - 2);
}

static void get_recovery(const void *object, struct arena *arena, struct cim_value *out)
{
    get_action(object, "AutomaticRecoveryAction", arena, out);
}

static void get_shutdown(const void *object, struct arena *arena, struct cim_value *out)
{
    get_action(object, "AutomaticShutdownAction", arena, out);
}

static void get_startup(const void *object, struct arena *arena, struct cim_value *out)
{
    get_action(object, "AutomaticStartupAction", arena, out);
}

#define SAID(function, name)                                                                          \
    static void function(const void *object, struct arena *arena, struct cim_value *out)              \
    {                                                                                                 \
        cim_get_named(PLAIN, object, name, arena, out);                                               \
    }

SAID(get_configuration_root, "ConfigurationDataRoot")
SAID(get_creation_time, "CreationTime")
SAID(get_name, "ElementName")
SAID(get_snapshot_root, "SnapshotDataRoot")
SAID(get_vm, "VirtualSystemIdentifier")

static const struct cim_property properties[] = {
    NIL("AdditionalRecoveryInformation", STRING),
    FIXED("AllowFullSCSICommandSet", BOOLEAN, "false"),
    GET("AutomaticRecoveryAction", UINT16, get_recovery),
    GET("AutomaticShutdownAction", UINT16, get_shutdown),
    GET("AutomaticStartupAction", UINT16, get_startup),
    FIXED("AutomaticStartupActionDelay", INTERVAL, "P0DT0H0M0S"),
    FIXED("Caption", STRING, "Virtual Machine Global Settings"),
    GET("CreationTime", DATETIME, get_creation_time),
    NIL("DebugChannelId", UINT32),
    FIXED("Description", STRING, "Global settings for the virtual machine"),
    GET("ElementName", STRING, get_name),
    GET("ExternalDataRoot", STRING, get_configuration_root),
    KEY("InstanceID", get_instance_id),
    NIL("ScopeOfResidence", STRING),
    GET("SnapshotDataRoot", STRING, get_snapshot_root),
    GET("SystemName", STRING, get_vm),
};

/* Makes what comes as a machine's own setting data an instance of this class. */
struct wrap {
    struct cim_sink sink;
    struct cim_sink *next;
};

static int emit_wrapped(struct cim_sink *sink, const struct cim_instance *settings)
{
    const struct cim_instance instance = { &v1_virtual_system_global_setting_data, settings->object };
    struct cim_sink *next = ((struct wrap *)sink)->next;

    return next->emit(next, &instance);
}

int v1_emit_global(struct cim_call *call, const struct vm *vm, struct cim_sink *sink)
{
    struct wrap wrap = { { emit_wrapped }, sink };

    return hv_emit_active(call, vm, &wrap.sink);
}

static int list(struct cim_call *call, struct cim_sink *sink)
{
    return hv_each_vm(call, v1_emit_global, sink);
}

static int get(struct cim_call *call, const char *key, struct cim_sink *sink)
{
    const char *end = strchr(key, SUFFIX[0]);
    const char *begin = end ? arena_strndup(call->arena, key, (size_t)(end - key)) : NULL;
    const struct vm *vm = NULL;
    struct guid id;

    if (begin && hv_id_parse(begin, &id) == 0)
        vm = hv_vm(call, &id);
    if (vm)
        return v1_emit_global(call, vm, sink);
    return call->err->code ? -1 : 0;
}

const struct cim_class v1_virtual_system_global_setting_data = {
    .ns = CIM_NS_V1,
    .name = "Msvm_VirtualSystemGlobalSettingData",
    .super = (const char *const[]){ "CIM_SettingData", "CIM_ManagedElement", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .list = list,
    .get_key = "InstanceID",
    .get = get,
};
