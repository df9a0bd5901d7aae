/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Msvm_VirtualSystemSnapshotService and its methods.
 */
#include "classes/hyperv/hyperv.h"

#include "base/strbuf.h"
#include "cim/embedded.h"
#include "cim/reference.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CLASS    "Msvm_VirtualSystemSnapshotService"
#define SETTINGS "CIM_VirtualSystemSettingData"

/* CreateSnapshot's parameters, in the order of their names, as replies have them. */
enum { AFFECTED_SYSTEM, JOB, RESULTING_SNAPSHOT, SNAPSHOT_SETTINGS, SNAPSHOT_TYPE };

static const struct cim_parameter create_parameters[] = {
    [AFFECTED_SYSTEM] = { "AffectedSystem", CIM_REFERENCE, CIM_IN | CIM_REQUIRED, "CIM_ComputerSystem" },
    [JOB] = { "Job", CIM_REFERENCE, CIM_OUT, "CIM_ConcreteJob" },
    [RESULTING_SNAPSHOT] = { "ResultingSnapshot", CIM_REFERENCE, CIM_IN | CIM_OUT, SETTINGS },
    [SNAPSHOT_SETTINGS] = { "SnapshotSettings", CIM_INSTANCE, CIM_IN, "CIM_SettingData" },
    [SNAPSHOT_TYPE] = { "SnapshotType", CIM_UINT16, CIM_IN | CIM_REQUIRED, NULL },
};

static const struct {
    const char *text;
    enum snapshot_kind kind;
} kinds[] = { { "2", SNAPSHOT_FULL }, { "3", SNAPSHOT_DISK }, { "32768", SNAPSHOT_RECOVERY } };

static int read_kind(const char *text, enum snapshot_kind *kind, struct error *err)
{
    unsigned long number = strtoul(text, NULL, 10); /* arguments_read() saw that it is a uint16 */

    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (strtoul(kinds[i].text, NULL, 10) == number) {
            *kind = kinds[i].kind;
            return 0;
        }
    }
    return error_set(err, ERR_INVALID_TYPE, "SnapshotType %lu is none of 2, 3 and 32768.", number);
}

/* What CreateSnapshot's SnapshotSettings is: only ever a value that a client gives. */
static const struct cim_property setting_rows[] = {
    NIL("Caption", STRING),
    NIL("ConsistencyLevel", UINT8),
    NIL("Description", STRING),
    NIL("ElementName", STRING),
    NIL("GuestBackupType", UINT8),
    NIL("IgnoreNonSnapshottableDisks", BOOLEAN),
    { "InstanceID", CIM_STRING, CIM_KEY, NULL, NULL },
};

const struct cim_class msvm_virtual_system_snapshot_setting_data = {
    .ns = CIM_NS_V2,
    .abstract = true,
    .name = "Msvm_VirtualSystemSnapshotSettingData",
    .super = (const char *const[]){ "CIM_SettingData", "CIM_ManagedElement", NULL },
    .properties = setting_rows,
    .property_count = COUNT(setting_rows),
};

static const char *const setting_classes[] = {
    "", "Msvm_VirtualSystemSnapshotSettingData", "CIM_VirtualSystemSnapshotSettingData",
    "Msvm_VirtualSystemSettingData", "CIM_VirtualSystemSettingData", "CIM_SettingData",
    "SnapshotSettings",
};

static int read_consistency(const char *text, struct snapshot_order *order, struct error *err)
{
    if (!text)
        return 0;
    if (strlen(text) != 1 || *text < '0' || *text > '2')
        return error_set(err, ERR_INVALID_PARAMETER, "ConsistencyLevel is none of 0, 1 and 2.");
    order->consistency = (enum consistency)(*text - '0');
    return 0;
}

/* Lines into one text; NULL for none, or without memory. */
static const char *join(const struct cim_embedded_property *notes, struct arena *arena)
{
    struct strbuf all = STRBUF_INIT;
    const char *text = NULL;

    for (size_t i = 0; notes && i < notes->count; i++) {
        strbuf_puts(&all, i ? "\n" : "");
        strbuf_puts(&all, notes->values[i]);
    }
    if (all.len)
        text = arena_strndup(arena, strbuf_str(&all), all.len);
    strbuf_free(&all);
    return text;
}

static int read_flag(const char *text, bool *flag, struct error *err)
{
    static const char *const words[] = { "false", "true", "0", "1" };

    for (size_t i = 0; text && i < COUNT(words); i++) {
        if (strcasecmp(text, words[i]) == 0) {
            *flag = i % 2;
            return 0;
        }
    }
    return text ? error_set(err, ERR_INVALID_PARAMETER,
                            "IgnoreNonSnapshottableDisks is neither true nor false.")
                : 0;
}

static int read_settings(struct cim_call *call, const struct cim_embedded *settings,
                         struct snapshot_order *order)
{
    bool known = false;

    if (!settings)
        return 0;
    for (size_t i = 0; i < COUNT(setting_classes); i++)
        known |= strcasecmp(settings->class, setting_classes[i]) == 0;
    if (!known)
        return error_set(call->err, ERR_INVALID_PARAMETER,
                         "SnapshotSettings is an instance of %.100s, not of snapshot settings.",
                         settings->class);
    order->name = cim_embedded_text(settings, "ElementName");
    order->notes = join(cim_embedded_find(settings, "Notes"), call->arena);
    if (read_flag(cim_embedded_text(settings, "IgnoreNonSnapshottableDisks"),
                  &order->ignore_unsupported_disks, call->err) != 0)
        return -1;
    return read_consistency(cim_embedded_text(settings, "ConsistencyLevel"), order, call->err);
}

static int create_snapshot(struct cim_call *call, const struct cim_instance *self,
                           const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    struct snapshot_order order = { .consistency = CONSISTENCY_ANY };
    struct snapshot_ticket ticket;

    if (hv_name_vm(call, self, in[AFFECTED_SYSTEM].value.ref, "AffectedSystem", &order.vm) != 0 ||
        read_kind(in[SNAPSHOT_TYPE].value.text, &order.kind, call->err) != 0 ||
        read_settings(call, in[SNAPSHOT_SETTINGS].instance, &order) != 0 ||
        core_snapshot_create(call->core, call->who, &order, &ticket, call->err) != 0)
        return -1;
    if (hv_ticket(call, self, &ticket, &out[JOB], ret) != 0)
        return -1;
    out[RESULTING_SNAPSHOT].ref = hv_snapshot_ref(call, self, &ticket.snapshot);
    return 0;
}

/* What is done to a snapshot that is there. Each method has a parameter name of its own for it. */

#define SNAPSHOT_IN(name) { name, CIM_REFERENCE, CIM_IN | CIM_REQUIRED, SETTINGS }
#define JOB_OUT           { "Job", CIM_REFERENCE, CIM_OUT, "CIM_ConcreteJob" }

static const struct cim_parameter apply_parameters[] = { JOB_OUT, SNAPSHOT_IN("Snapshot") };
static const struct cim_parameter destroy_parameters[] = { SNAPSHOT_IN("AffectedSnapshot"), JOB_OUT };
static const struct cim_parameter settings_parameters[] = { JOB_OUT,
                                                            SNAPSHOT_IN("SnapshotSettingData") };
static int apply_snapshot(struct cim_call *call, const struct cim_instance *self,
                          const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    const struct snapshot *snapshot = hv_read_snapshot(call, self, in[1].value.ref);
    struct snapshot_ticket ticket;

    if (!snapshot || core_snapshot_apply(call->core, call->who, snapshot, &ticket, call->err) != 0)
        return -1;
    return hv_ticket(call, self, &ticket, &out[0], ret);
}

static int destroy_snapshot(struct cim_call *call, const struct cim_instance *self,
                            const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    const struct snapshot *snapshot = hv_read_snapshot(call, self, in[0].value.ref);
    struct snapshot_ticket ticket;

    if (!snapshot ||
        core_snapshot_destroy(call->core, call->who, snapshot, false, &ticket, call->err) != 0)
        return -1;
    return hv_ticket(call, self, &ticket, &out[1], ret);
}

static int destroy_tree(struct cim_call *call, const struct cim_instance *self,
                        const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    const struct snapshot *snapshot = hv_read_snapshot(call, self, in[1].value.ref);
    struct snapshot_ticket ticket;

    if (!snapshot ||
        core_snapshot_destroy(call->core, call->who, snapshot, true, &ticket, call->err) != 0)
        return -1;
    return hv_ticket(call, self, &ticket, &out[0], ret);
}

/* The memory is in the same image as the disk: there is no way to drop it and keep the rest. */
static int clear_state(struct cim_call *call, const struct cim_instance *self,
                       const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    const struct snapshot *snapshot = hv_read_snapshot(call, self, in[1].value.ref);

    (void)out;
    if (!snapshot)
        return -1;
    if (snapshot->has_memory)
        return error_set(call->err, ERR_NOT_SUPPORTED,
                         "The memory of a snapshot cannot be removed without its disks.");
    *ret = 0;
    return 0;
}

const struct cim_method hv_snapshot_methods[HV_SNAPSHOT_METHODS] = {
    {
        .name = "CreateSnapshot",
        .role = ROLE_OPERATOR,
        .parameters = create_parameters,
        .parameter_count = COUNT(create_parameters),
        .invoke = create_snapshot,
    },
    {
        .name = "ApplySnapshot",
        .role = ROLE_OPERATOR,
        .parameters = apply_parameters,
        .parameter_count = COUNT(apply_parameters),
        .invoke = apply_snapshot,
    },
    {
        .name = "DestroySnapshot",
        .role = ROLE_OPERATOR,
        .parameters = destroy_parameters,
        .parameter_count = COUNT(destroy_parameters),
        .invoke = destroy_snapshot,
    },
    REFUSED("RequestStateChange"),
    REFUSED("StartService"),
    REFUSED("StopService"),
    /* Hyper-V's own */
    {
        .name = "DestroySnapshotTree",
        .role = ROLE_OPERATOR,
        .family_b = true,
        .parameters = settings_parameters,
        .parameter_count = COUNT(settings_parameters),
        .invoke = destroy_tree,
    },
    {
        .name = "ClearSnapshotState",
        .role = ROLE_OPERATOR,
        .family_b = true,
        .parameters = settings_parameters,
        .parameter_count = COUNT(settings_parameters),
        .invoke = clear_state,
    },
    REFUSED("ConvertToReferencePoint"),
};

static void get_host(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_text(out, arena, ((const struct hv_service *)object)->host);
}

static const struct cim_property properties[] = {
    NIL_ARRAY("AvailableRequestedStates", UINT16),
    FIXED("Caption", STRING, "Hyper-V Virtual System Snapshot Service"),
    NIL("CommunicationStatus", UINT16),
    FIXED_KEY("CreationClassName", CLASS),
    FIXED("Description", STRING,
          "Service for creating, destroying, and applying virtual machine snapshots"),
    NIL("DetailedStatus", UINT16),
    FIXED("ElementName", STRING, "Hyper-V Virtual System Snapshot Service"),
    FIXED("EnabledDefault", UINT16, "2"),
    FIXED("EnabledState", UINT16, "2"),
    FIXED("HealthState", UINT16, "5"),
    NIL("InstallDate", DATETIME),
    NIL("InstanceID", STRING),
    FIXED_KEY("Name", "vssnapsvc"),
    NIL("OperatingStatus", UINT16),
    FIXED_ARRAY("OperationalStatus", UINT16, "2"),
    NIL("OtherEnabledState", STRING),
    NIL("PrimaryOwnerContact", STRING),
    NIL("PrimaryOwnerName", STRING),
    NIL("PrimaryStatus", UINT16),
    FIXED("RequestedState", UINT16, "12"),
    FIXED("Started", BOOLEAN, "true"),
    NIL("StartMode", STRING),
    NIL("Status", STRING),
    FIXED_ARRAY("StatusDescriptions", STRING, "The service is running normally"),
    FIXED_KEY("SystemCreationClassName", "Msvm_ComputerSystem"),
    KEY("SystemName", get_host),
    NIL("TimeOfLastStateChange", DATETIME),
    FIXED("TransitioningToState", UINT16, "12"),
};

static int list(struct cim_call *call, struct cim_sink *sink)
{
    return hv_emit_service(call, &msvm_virtual_system_snapshot_service, sink);
}

const struct cim_class msvm_virtual_system_snapshot_service = {
    .ns = CIM_NS_V2,
    .name = CLASS,
    .super = (const char *const[]){ "CIM_VirtualSystemSnapshotService", "CIM_Service",
                                    "CIM_EnabledLogicalElement", "CIM_LogicalElement",
                                    "CIM_ManagedSystemElement", "CIM_ManagedElement", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .methods = hv_snapshot_methods,
    .method_count = HV_SNAPSHOT_METHODS,
    .list = list,
};
