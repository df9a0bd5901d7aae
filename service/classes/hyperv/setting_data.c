/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Msvm_VirtualSystemSettingData: a machine's settings as they are, and those of each snapshot.
 */
#include "classes/hyperv/hyperv.h"

#include "cim/datetime.h"
#include "cim/reference.h"

static void get_instance_id(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_settings *settings = object;

    out->text = hv_settings_id(settings->snapshot ? &settings->snapshot->id : &settings->vm->id, arena);
}

static void get_description(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_settings *settings = object;
    const char *left = settings->snapshot ? settings->snapshot->left_out : NULL;

    out->text = settings->snapshot ? "Snapshot settings for the virtual machine"
                                   : "Active settings for the virtual machine";
    if (left)
        out->text = arena_printf(arena, "%s; the snapshot is without the disks %s", out->text, left);
}

static void get_element_name(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_settings *settings = object;

    hv_text(out, arena, settings->snapshot ? settings->snapshot->name : settings->vm->title);
}

static void get_vm(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_settings *settings = object;

    hv_guid(out, arena, settings->snapshot ? &settings->snapshot->vm : &settings->vm->id);
}

static void get_type(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct snapshot *snapshot = ((const struct hv_settings *)object)->snapshot;

    (void)arena;
    if (!snapshot)
        out->text = "Microsoft:Hyper-V:System:Realized";
    else if (snapshot->kind == SNAPSHOT_RECOVERY)
        out->text = "Microsoft:Hyper-V:Snapshot:Recovery";
    else
        out->text = "Microsoft:Hyper-V:Snapshot:Realized";
}

/* What users said of the machine; NULL for a snapshot. */
static const struct vm_settings *said_of(const struct hv_settings *settings)
{
    return settings->snapshot ? NULL : hv_said(settings->call, &settings->vm->id);
}

static void get_notes(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_settings *settings = object;
    const struct vm_settings *said = said_of(settings);
    const char *notes = settings->snapshot ? settings->snapshot->notes : said ? said->notes : NULL;

    if (notes)
        hv_list(out, arena, (const char *const[]){ notes }, 1);
}

/* Of a snapshot it is the machine's at the time, which is not known. */
static void get_policy(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct vm_settings *said = said_of(object);

    if (said)
        hv_number(out, arena, said->policy);
    else
        out->text = "5";
}

/* 4 always start, 2 none. */
static void get_startup_action(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct vm_settings *said = said_of(object);

    (void)arena;
    if (said)
        out->text = said->autostart ? "4" : "2";
}

static void get_creation_time(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct snapshot *snapshot = ((const struct hv_settings *)object)->snapshot;

    if (snapshot)
        out->text = cim_datetime(snapshot->created_us, arena);
}

static void get_configuration_id(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_settings *settings = object;

    hv_guid(out, arena, settings->snapshot ? &settings->snapshot->id : &settings->vm->id);
}

static void get_parent(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_settings *settings = object;
    const struct guid *parent = hv_parent(settings);
    const struct cim_ref *ref;

    if (!parent)
        return;
    ref = hv_ref("Msvm_VirtualSystemSettingData", "InstanceID", hv_settings_id(parent, arena), arena);
    if (ref)
        out->text = cim_ref_path(ref, settings->host, arena);
}

static void get_is_saved(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hv_settings *settings = object;
    bool saved = settings->snapshot ? settings->snapshot->has_memory : settings->vm->state == VM_SAVED;

    (void)arena;
    out->text = saved ? "true" : "false";
}

static const struct cim_property properties[] = {
    NIL("AdditionalRecoveryInformation", STRING),
    FIXED("AllowFullSCSICommandSet", BOOLEAN, "false"),
    FIXED("AllowReducedFcRedundancy", BOOLEAN, "false"),
    GET("Architecture", STRING, hv_get_architecture),
    NIL("AutomaticCriticalErrorAction", UINT16),
    NIL("AutomaticCriticalErrorActionTimeout", INTERVAL),
    GET("AutomaticRecoveryAction", UINT16, hv_get_recovery_action),
    NIL("AutomaticShutdownAction", UINT16),
    FIXED("AutomaticSnapshotsEnabled", BOOLEAN, "false"),
    { "AutomaticStartupAction", CIM_UINT16, CIM_WRITE, NULL, get_startup_action },
    FIXED("AutomaticStartupActionDelay", INTERVAL, "P0DT0H0M0S"),
    NIL("AutomaticStartupActionSequenceNumber", UINT16),
    GET("BaseBoardSerialNumber", STRING, hv_get_board_serial),
    GET("BIOSGUID", STRING, hv_get_bios_id),
    FIXED("BIOSNumLock", BOOLEAN, "false"),
    GET("BIOSSerialNumber", STRING, hv_get_bios_serial),
    GET_ARRAY("BootOrder", UINT16, hv_get_boot_order),
    NIL_ARRAY("BootSourceOrder", STRING),
    FIXED("Caption", STRING, "Virtual Machine Settings"),
    GET("ChassisAssetTag", STRING, hv_get_chassis_tag),
    GET("ChassisSerialNumber", STRING, hv_get_chassis_serial),
    GET("ConfigurationDataRoot", STRING, hv_get_config_root),
    GET("ConfigurationFile", STRING, hv_get_config_file),
    GET("ConfigurationID", STRING, get_configuration_id),
    FIXED("ConsoleMode", UINT16, "0"),
    GET("CreationTime", DATETIME, get_creation_time),
    NIL("DebugChannelId", UINT32),
    FIXED("DebugPort", UINT32, "0"),
    FIXED("DebugPortEnabled", UINT16, "0"),
    GET("Description", STRING, get_description),
    { "ElementName", CIM_STRING, CIM_WRITE, NULL, get_element_name },
    NIL("EnhancedSessionTransportType", UINT16),
    FIXED("GuestControlledCacheTypes", BOOLEAN, "false"),
    GET("GuestStateDataRoot", STRING, hv_get_guest_state_root),
    GET("GuestStateFile", STRING, hv_get_guest_state_file),
    NIL("HighMmioGapSize", UINT64),
    FIXED("IncrementalBackupEnabled", BOOLEAN, "false"),
    { "InstanceID", CIM_STRING, CIM_KEY, NULL, get_instance_id },
    FIXED("IsAutomaticSnapshot", BOOLEAN, "false"),
    GET("IsSaved", BOOLEAN, get_is_saved),
    FIXED("LockOnDisconnect", BOOLEAN, "false"),
    GET("LogDataRoot", STRING, hv_get_log_root),
    NIL("LowMmioGapSize", UINT64),
    FIXED("NetworkBootPreferredProtocol", UINT16, "4096"),
    { "Notes", CIM_STRING, CIM_WRITE | CIM_ARRAY, NULL, get_notes },
    GET("Parent", STRING, get_parent),
    NIL("ParentPackage", STRING),
    FIXED("PauseAfterBootFailure", BOOLEAN, "false"),
    NIL("RecoveryFile", STRING),
    GET("SecureBootEnabled", BOOLEAN, hv_get_secure_boot),
    NIL("SecureBootTemplateId", STRING),
    GET("SnapshotDataRoot", STRING, hv_get_snapshot_root),
    GET("SuspendDataRoot", STRING, hv_get_suspend_root),
    NIL("SwapFileDataRoot", STRING), /* no machine swaps to a file of its own */
    { "UserSnapshotType", CIM_UINT16, CIM_WRITE, NULL, get_policy },
    FIXED("Version", STRING, "9.0"), /* of the Windows that Win32_OperatingSystem tells of */
    GET("VirtualNumaEnabled", BOOLEAN, hv_get_numa),
    GET("VirtualSystemIdentifier", STRING, get_vm),
    GET("VirtualSystemSubType", STRING, hv_get_generation),
    GET("VirtualSystemType", STRING, get_type),
};

static int emit(struct cim_call *call, const struct hv_settings *settings, struct cim_sink *sink)
{
    struct hv_settings *object = arena_alloc(call->arena, sizeof(*object));
    struct cim_instance instance = { &msvm_virtual_system_setting_data, object };

    if (!object)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    *object = *settings;
    object->call = call;
    object->host = core_host_name(call->core);
    return sink->emit(sink, &instance);
}

int hv_emit_snapshot(struct cim_call *call, const struct snapshot *snapshot, struct cim_sink *sink)
{
    return emit(call, &(struct hv_settings){ .snapshot = snapshot }, sink);
}

int hv_emit_active(struct cim_call *call, const struct vm *vm, struct cim_sink *sink)
{
    return emit(call, &(struct hv_settings){ .vm = vm }, sink);
}

/* A machine's own settings derive from the newest snapshot of the branch it runs on. */
const struct guid *hv_parent(const struct hv_settings *settings)
{
    if (!settings->snapshot)
        return hv_current(settings->call, &settings->vm->id);
    return settings->snapshot->has_parent ? &settings->snapshot->parent : NULL;
}

/* A machine's own come first: some clients take the first that is associated with it. */
static int emit_vm(struct cim_call *call, const struct vm *vm, struct cim_sink *sink)
{
    const struct list_part named = { .title = call->element_name };
    const struct snapshot_list *snapshots;

    if (call->cursor)
        return hv_each_snapshot(call, vm, hv_emit_active, sink);
    if (hv_emit_active(call, vm, sink) != 0)
        return -1;
    snapshots = named.title ? hv_snapshots_part(call, &vm->id, &named) : hv_snapshots(call, &vm->id);
    if (!snapshots && call->err->code == ERR_NOT_FOUND) {
        error_clear(call->err);
        return 0;
    }
    for (size_t i = 0; snapshots && i < snapshots->count; i++)
        if (hv_emit_snapshot(call, &snapshots->items[i], sink) != 0)
            return -1;
    return snapshots ? 0 : -1;
}

static int list(struct cim_call *call, struct cim_sink *sink)
{
    return hv_each_vm(call, emit_vm, sink);
}

static int get(struct cim_call *call, const char *key, struct cim_sink *sink)
{
    const struct snapshot *snapshot;
    const struct vm *vm;
    struct guid id;

    if (hv_id_parse(key, &id) != 0)
        return 0;
    vm = hv_vm(call, &id);
    if (vm)
        return hv_emit_active(call, vm, sink);
    snapshot = call->err->code ? NULL : hv_snapshot(call, &id);
    if (snapshot)
        return hv_emit_snapshot(call, snapshot, sink);
    return call->err->code ? -1 : 0;
}

const struct cim_class msvm_virtual_system_setting_data = {
    .ns = CIM_NS_V2,
    .name = "Msvm_VirtualSystemSettingData",
    .super = (const char *const[]){ "CIM_VirtualSystemSettingData", "CIM_SettingData",
                                    "CIM_ManagedElement", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .list = list,
    .get_key = "InstanceID",
    .get = get,
    .by_name = true,
    .put = hv_settings_put,
};
