/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CIM_VirtualSystemSettingData: a machine's settings as they are ("state"), and those of each snapshot.
 */
#include "classes/dmtf/dmtf.h"

#include "base/strbuf.h"

#include <ctype.h>
#include <string.h>

void dmtf_instance_id(struct cim_value *out, struct arena *arena, const struct guid *id)
{
    out->text = arena_printf(arena, DMTF_ORGANIZATION ":%s", GUID_STR(id));
}

static void get_instance_id(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_settings *settings = object;

    dmtf_instance_id(out, arena, settings->snapshot ? &settings->snapshot->id : &settings->vm->id);
}

/* ORGANIZATION:TYPE; the DMTF itself has only DMTF:unknown. */
static void get_type(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct snapshot *snapshot = ((const struct hv_settings *)object)->snapshot;

    (void)arena;
    out->text = !snapshot                             ? DMTF_ORGANIZATION ":System"
                : snapshot->kind == SNAPSHOT_RECOVERY ? DMTF_ORGANIZATION ":Snapshot:Recovery"
                                                      : DMTF_ORGANIZATION ":Snapshot";
}

const char *dmtf_uri(const char *path, struct arena *arena)
{
    struct strbuf uri = STRBUF_INIT;
    const char *copy;

    strbuf_puts(&uri, path[0] == '/' ? "file://" : "");
    for (; *path; path++)
        if (isalnum((unsigned char)*path) || strchr("/-._~", *path))
            strbuf_add(&uri, path, 1);
        else
            strbuf_printf(&uri, "%%%02X", (unsigned)(unsigned char)*path);
    copy = arena_strdup(arena, strbuf_str(&uri));
    strbuf_free(&uri);
    return copy;
}

/* The path that Hyper-V's class has under this name. */
#define URI(function, name)                                                                           \
    static void function(const void *object, struct arena *arena, struct cim_value *out)              \
    {                                                                                                 \
        cim_get_named(&msvm_virtual_system_setting_data, object, name, arena, out);                   \
        if (out->text)                                                                                \
            out->text = dmtf_uri(out->text, arena);                                                     \
    }

URI(get_config_root, "ConfigurationDataRoot")
URI(get_config_file, "ConfigurationFile")
URI(get_log_root, "LogDataRoot")
URI(get_snapshot_root, "SnapshotDataRoot")
URI(get_suspend_root, "SuspendDataRoot")

static const struct cim_property properties[] = {
    SAME("AutomaticRecoveryAction", UINT16),
    SAME("AutomaticShutdownAction", UINT16),
    SAME("AutomaticStartupAction", UINT16),
    SAME("AutomaticStartupActionDelay", INTERVAL),
    SAME("AutomaticStartupActionSequenceNumber", UINT16),
    FIXED("Caption", STRING, "Virtual system settings"),
    NIL("ChangeableType", UINT16),
    GET("ConfigurationDataRoot", STRING, get_config_root),
    GET("ConfigurationFile", STRING, get_config_file),
    SAME("ConfigurationID", STRING),
    NIL("ConfigurationName", STRING),
    SAME("CreationTime", DATETIME),
    SAME("Description", STRING),
    SAME("ElementName", STRING),
    KEY("InstanceID", get_instance_id),
    GET("LogDataRoot", STRING, get_log_root),
    SAME_ARRAY("Notes", STRING),
    SAME("RecoveryFile", STRING),
    GET("SnapshotDataRoot", STRING, get_snapshot_root),
    GET("SuspendDataRoot", STRING, get_suspend_root),
    SAME("SwapFileDataRoot", STRING),
    SAME("VirtualSystemIdentifier", STRING),
    GET("VirtualSystemType", STRING, get_type),
};

const struct cim_class dmtf_virtual_system_setting_data = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_virtual_system_setting_data,
    .name = "CIM_VirtualSystemSettingData",
    .super = (const char *const[]){ "CIM_SettingData", "CIM_ManagedElement", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .get_key = "InstanceID",
};
