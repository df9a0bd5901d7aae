/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CIM_VirtualSystemSettingData: a machine's settings as they are ("state"), and those of each snapshot.
 */
#include "classes/dmtf/dmtf.h"

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

static const struct cim_property properties[] = {
    SAME("AutomaticRecoveryAction", UINT16),
    SAME("AutomaticShutdownAction", UINT16),
    SAME("AutomaticStartupAction", UINT16),
    SAME("AutomaticStartupActionDelay", INTERVAL),
    SAME("AutomaticStartupActionSequenceNumber", UINT16),
    FIXED("Caption", STRING, "Virtual system settings"),
    NIL("ChangeableType", UINT16),
    SAME("ConfigurationDataRoot", STRING),
    SAME("ConfigurationFile", STRING),
    SAME("ConfigurationID", STRING),
    NIL("ConfigurationName", STRING),
    SAME("CreationTime", DATETIME),
    SAME("Description", STRING),
    SAME("ElementName", STRING),
    KEY("InstanceID", get_instance_id),
    SAME("LogDataRoot", STRING),
    SAME_ARRAY("Notes", STRING),
    SAME("RecoveryFile", STRING),
    SAME("SnapshotDataRoot", STRING),
    SAME("SuspendDataRoot", STRING),
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
