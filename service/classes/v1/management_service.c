/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * V1's Msvm_VirtualSystemManagementService: in V1 snapshots are its business.
 */
#include "classes/v1/v1.h"

#define CLASS    "Msvm_VirtualSystemManagementService"
#define SETTINGS "CIM_VirtualSystemSettingData"

/* Parameters stand in the order of their names, as replies have them. */

#define SYSTEM_IN(name)   { name, CIM_REFERENCE, CIM_IN | CIM_REQUIRED, "CIM_ComputerSystem" }
#define SNAPSHOT_IN       { "SnapshotSettingData", CIM_REFERENCE, CIM_IN | CIM_REQUIRED, SETTINGS }
#define JOB_OUT           { "Job", CIM_REFERENCE, CIM_OUT, "CIM_ConcreteJob" }

static const struct cim_parameter create_parameters[] = {
    JOB_OUT,
    { "SnapshotSettingData", CIM_REFERENCE, CIM_OUT, SETTINGS },
    SYSTEM_IN("SourceSystem"),
};
static const struct cim_parameter apply_parameters[] = { SYSTEM_IN("ComputerSystem"), SNAPSHOT_IN };
static const struct cim_parameter apply_ex_parameters[] = { SYSTEM_IN("ComputerSystem"), JOB_OUT, SNAPSHOT_IN };
static const struct cim_parameter remove_parameters[] = { JOB_OUT, SNAPSHOT_IN };

static const struct cim_parameter modify_parameters[] = {
    SYSTEM_IN("ComputerSystem"),
    JOB_OUT,
    { "ModifiedSettingData", CIM_REFERENCE, CIM_OUT, SETTINGS },
    { "SystemSettingData", CIM_INSTANCE, CIM_IN | CIM_REQUIRED, "Msvm_VirtualSystemSettingData" },
};

static int create(struct cim_call *call, const struct cim_instance *self,
                  const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    struct snapshot_order order = { .kind = SNAPSHOT_FULL, .consistency = CONSISTENCY_ANY };
    struct snapshot_ticket ticket;

    if (hv_name_vm(call, self, in[2].value.ref, "SourceSystem", &order.vm) != 0 ||
        core_snapshot_create(call->core, call->who, &order, &ticket, call->err) != 0 ||
        hv_ticket(call, self, &ticket, &out[0], ret) != 0)
        return -1;
    out[1].ref = hv_snapshot_ref(call, self, &ticket.snapshot);
    return 0;
}

/* Begins to apply a snapshot of that very machine. */
static int begin_apply(struct cim_call *call, const struct cim_instance *self, const struct cim_ref *system,
                       const struct cim_ref *settings, struct snapshot_ticket *ticket)
{
    const struct snapshot *snapshot;
    struct guid vm;

    if (hv_read_vm(call, self, system, "ComputerSystem", &vm) != 0)
        return -1;
    snapshot = hv_read_snapshot(call, self, settings);
    if (!snapshot)
        return -1;
    if (!guid_equal(&snapshot->vm, &vm))
        return error_set(call->err, ERR_INVALID_PARAMETER, "The snapshot is of another machine.");
    return core_snapshot_apply(call->core, call->who, snapshot, ticket, call->err);
}

/* Has no job to answer with, so it waits for the end. */
static int apply(struct cim_call *call, const struct cim_instance *self, const struct cim_argument *in,
                 struct cim_value *out, unsigned *ret)
{
    struct snapshot_ticket ticket;

    (void)out;
    *ret = 0;
    if (begin_apply(call, self, in[0].value.ref, in[1].value.ref, &ticket) != 0)
        return -1;
    return hv_wait(call, &ticket);
}

static int apply_ex(struct cim_call *call, const struct cim_instance *self, const struct cim_argument *in,
                    struct cim_value *out, unsigned *ret)
{
    struct snapshot_ticket ticket;

    if (begin_apply(call, self, in[0].value.ref, in[2].value.ref, &ticket) != 0)
        return -1;
    return hv_ticket(call, self, &ticket, &out[1], ret);
}

static int begin_removal(struct cim_call *call, const struct cim_instance *self, const struct cim_argument *in,
                         bool tree, struct snapshot_ticket *ticket)
{
    const struct snapshot *snapshot = hv_read_snapshot(call, self, in[1].value.ref);

    return snapshot ? core_snapshot_destroy(call->core, call->who, snapshot, tree, ticket, call->err) : -1;
}

static int remove_one(struct cim_call *call, const struct cim_instance *self, const struct cim_argument *in,
                      struct cim_value *out, unsigned *ret)
{
    struct snapshot_ticket ticket;

    return begin_removal(call, self, in, false, &ticket) ? -1 : hv_ticket(call, self, &ticket, &out[0], ret);
}

static int remove_tree(struct cim_call *call, const struct cim_instance *self, const struct cim_argument *in,
                       struct cim_value *out, unsigned *ret)
{
    struct snapshot_ticket ticket;

    return begin_removal(call, self, in, true, &ticket) ? -1 : hv_ticket(call, self, &ticket, &out[0], ret);
}

/* Of the machine's own settings, or of a snapshot of it. */
static int modify(struct cim_call *call, const struct cim_instance *self, const struct cim_argument *in,
                  struct cim_value *out, unsigned *ret)
{
    const struct hv_settings *of;
    struct snapshot_ticket ticket;
    struct guid vm;

    if (hv_read_vm(call, self, in[0].value.ref, "ComputerSystem", &vm) != 0 ||
        hv_modify(call, &v1_virtual_system_setting_data, in[3].instance, &vm, &of, &ticket) != 0)
        return -1;
    if (hv_ticket(call, self, &ticket, &out[1], ret) != 0)
        return -1;
    out[2].ref = hv_snapshot_ref(call, self, of->snapshot ? &of->snapshot->id : &of->vm->id);
    return 0;
}

static const struct cim_method methods[] = {
    {
        .name = "CreateVirtualSystemSnapshot",
        .role = ROLE_OPERATOR,
        .family_b = true,
        .parameters = create_parameters,
        .parameter_count = COUNT(create_parameters),
        .invoke = create,
    },
    {
        .name = "ApplyVirtualSystemSnapshot",
        .role = ROLE_OPERATOR,
        .family_b = true,
        .parameters = apply_parameters,
        .parameter_count = COUNT(apply_parameters),
        .invoke = apply,
    },
    {
        .name = "ApplyVirtualSystemSnapshotEx",
        .role = ROLE_OPERATOR,
        .family_b = true,
        .parameters = apply_ex_parameters,
        .parameter_count = COUNT(apply_ex_parameters),
        .invoke = apply_ex,
    },
    {
        .name = "RemoveVirtualSystemSnapshot",
        .role = ROLE_OPERATOR,
        .family_b = true,
        .parameters = remove_parameters,
        .parameter_count = COUNT(remove_parameters),
        .invoke = remove_one,
    },
    {
        .name = "RemoveVirtualSystemSnapshotTree",
        .role = ROLE_OPERATOR,
        .family_b = true,
        .parameters = remove_parameters,
        .parameter_count = COUNT(remove_parameters),
        .invoke = remove_tree,
    },
    {
        .name = "ModifyVirtualSystem",
        .role = ROLE_OPERATOR,
        .family_b = true,
        .parameters = modify_parameters,
        .parameter_count = COUNT(modify_parameters),
        .invoke = modify,
    },
    {
        .name = "GetSummaryInformation",
        .role = ROLE_VIEWER,
        .family_b = true,
        .parameters = hv_summary_parameters,
        .parameter_count = COUNT(hv_summary_parameters),
        .invoke = hv_get_summaries,
    },
    {
        .name = "GetVirtualSystemThumbnailImage",
        .role = ROLE_OPERATOR,
        .family_b = true,
        .parameters = hv_thumbnail_parameters,
        .parameter_count = COUNT(hv_thumbnail_parameters),
        .invoke = hv_get_thumbnail,
    },
    REFUSED_B("AddKvpItems"),
    REFUSED_B("AddVirtualSystemResources"),
    REFUSED_B("CheckSystemCompatibilityInfo"),
    REFUSED_B("CloneVirtualSystem"),
    REFUSED_B("DefineVirtualSystem"),
    REFUSED_B("DestroyVirtualSystem"),
    REFUSED_B("ExportVirtualSystem"),
    REFUSED_B("ExportVirtualSystemEx"),
    REFUSED_B("FormatError"),
    REFUSED_B("GetSystemCompatibilityInfo"),
    REFUSED_B("GetVirtualSystemImportSettingData"),
    REFUSED_B("ImportVirtualSystem"),
    REFUSED_B("ImportVirtualSystemEx"),
    REFUSED_B("InstantiateVirtualSystem"),
    REFUSED_B("ModifyKvpItems"),
    REFUSED_B("ModifyServiceSettings"),
    REFUSED_B("ModifyVirtualSystemResources"),
    REFUSED_B("PlanVirtualSystem"),
    REFUSED_B("RemoveKvpItems"),
    REFUSED_B("RemoveVirtualSystemResources"),
    REFUSED("RequestStateChange"),
    REFUSED("StartService"),
    REFUSED("StopService"),
};

static void get_host(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_text(out, arena, ((const struct hv_service *)object)->host);
}

static const struct cim_property properties[] = {
    FIXED("Caption", STRING, "Virtual System Management Service"),
    FIXED_KEY("CreationClassName", CLASS),
    FIXED("Description", STRING, "Service for creating, manipulating, and managing virtual systems"),
    FIXED("ElementName", STRING, "Virtual System Management Service"),
    FIXED("EnabledDefault", UINT16, "2"),
    FIXED("EnabledState", UINT16, "2"),
    FIXED("HealthState", UINT16, "5"),
    NIL("InstallDate", DATETIME),
    FIXED_KEY("Name", "vmms"),
    FIXED_ARRAY("OperationalStatus", UINT16, "2"),
    NIL("OtherEnabledState", STRING),
    NIL("PrimaryOwnerContact", STRING),
    NIL("PrimaryOwnerName", STRING),
    FIXED("RequestedState", UINT16, "12"),
    FIXED("Started", BOOLEAN, "true"),
    NIL("StartMode", STRING),
    NIL("Status", STRING),
    FIXED_ARRAY("StatusDescriptions", STRING, "The service is running normally"),
    FIXED_KEY("SystemCreationClassName", "Msvm_ComputerSystem"),
    KEY("SystemName", get_host),
    NIL("TimeOfLastStateChange", DATETIME),
};

const struct cim_class v1_virtual_system_management_service = {
    .ns = CIM_NS_V1,
    .origin = &msvm_virtual_system_management_service,
    .name = CLASS,
    .super = (const char *const[]){ "CIM_VirtualSystemManagementService", "CIM_Service",
                                    "CIM_EnabledLogicalElement", "CIM_LogicalElement",
                                    "CIM_ManagedSystemElement", "CIM_ManagedElement", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .methods = methods,
    .method_count = COUNT(methods),
};
