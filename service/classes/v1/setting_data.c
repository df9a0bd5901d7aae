/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * V1's Msvm_VirtualSystemSettingData: SettingType tells a machine's own settings from a snapshot's,
 * SystemName whose they are.
 */
#include "classes/v1/v1.h"

#include "base/strbuf.h"
#include "cim/reference.h"

static void get_setting_type(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = ((const struct hv_settings *)object)->snapshot ? "5" /* Snapshot */ : "3" /* Current */;
}

/* One text, where V2 has an array. */
static void get_notes(const void *object, struct arena *arena, struct cim_value *out)
{
    struct strbuf all = STRBUF_INIT;
    struct cim_value lines;

    cim_get_named(&msvm_virtual_system_setting_data, object, "Notes", arena, &lines);
    for (size_t i = 0; i < lines.count; i++) {
        strbuf_puts(&all, i ? "\n" : "");
        strbuf_puts(&all, lines.items[i]);
    }
    if (lines.count)
        out->text = arena_strdup(arena, strbuf_str(&all));
    strbuf_free(&all);
}

/* A path in this namespace. */
static void get_parent(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_settings *settings = object;
    const struct guid *parent = hv_parent(settings);
    const struct cim_ref *found = NULL;
    struct cim_ref ref;

    if (parent)
        found = hv_ref("Msvm_VirtualSystemSettingData", "InstanceID", hv_settings_id(parent, arena), arena);
    if (!found)
        return;
    ref = *found;
    ref.ns = CIM_NS_V1;
    out->text = cim_ref_path(&ref, settings->host, arena);
}

static const struct cim_property properties[] = {
    NIL("AutoActivate", BOOLEAN),
    SAME("BaseBoardSerialNumber", STRING),
    SAME("BIOSGUID", STRING),
    SAME("BIOSNumLock", BOOLEAN),
    SAME("BIOSSerialNumber", STRING),
    SAME_ARRAY("BootOrder", UINT16),
    FIXED("Caption", STRING, "Virtual Machine"),
    SAME("ChassisAssetTag", STRING),
    SAME("ChassisSerialNumber", STRING),
    SAME("CreationTime", DATETIME),
    SAME("Description", STRING),
    SAME("ElementName", STRING),
    SAME_KEY("InstanceID"),
    GET("Notes", STRING, get_notes),
    NIL_ARRAY("NumaNodeList", UINT16),
    NIL("NumaNodesAreRequired", BOOLEAN),
    NIL("OtherVirtualSystemType", STRING),
    GET("Parent", STRING, get_parent),
    GET("SettingType", UINT16, get_setting_type),
    SAME_AS("SystemName", STRING, "VirtualSystemIdentifier"),
    FIXED("VirtualSystemType", UINT16, "301"),
};

const struct cim_class v1_virtual_system_setting_data = {
    .ns = CIM_NS_V1,
    .origin = &msvm_virtual_system_setting_data,
    .name = "Msvm_VirtualSystemSettingData",
    .super = (const char *const[]){ "CIM_VirtualSystemSettingData", "CIM_SettingData",
                                    "CIM_ManagedElement", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .get_key = "InstanceID",
};
