/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Msvm_VirtualSystemManagementService: names, notes and settings, summaries, pictures of screens. Machines are
 * neither made nor changed in their hardware here.
 */
#include "classes/hyperv/hyperv.h"

#include "cim/datetime.h"
#include "cim/embedded.h"
#include "cim/reference.h"
#include "classes/hyperv/summary.h"
#include "classes/hyperv/thumbnail.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CLASS    "Msvm_VirtualSystemManagementService"
#define SETTINGS "Msvm_VirtualSystemSettingData"

/* ---- ModifySystemSettings ---- */

static bool same_time(const char *a, const char *b, enum cim_type type)
{
    int (*parse)(const char *, int64_t *) = type == CIM_INTERVAL ? cim_interval_parse : cim_datetime_parse;
    int64_t x, y;

    return parse(a, &x) == 0 && parse(b, &y) == 0 && x == y;
}

static bool same_text(const char *a, const char *b, enum cim_type type)
{
    if (strcmp(a, b) == 0)
        return true;
    switch (type) {
    case CIM_STRING:
        return false;
    case CIM_DATETIME:
    case CIM_INTERVAL:
        return same_time(a, b, type);
    case CIM_BOOLEAN:
        return strcasecmp(a, b) == 0;
    default:
        return *a && *b && strtoll(a, NULL, 10) == strtoll(b, NULL, 10);
    }
}

static bool same(const struct cim_property *property, const struct cim_embedded_property *wanted,
                 const struct cim_value *now)
{
    size_t count = now->items ? now->count : now->text ? 1 : 0;

    if (count != wanted->count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!same_text(wanted->values[i], now->items ? now->items[i] : now->text, property->type))
            return false;
    return true;
}

/* Clients send back the whole instance with one change: what is as it was, or nil, or not known here, is no
 * change. */
static int read_wish(struct cim_call *call, const struct cim_class *as, const struct cim_embedded *wanted,
                     const struct hv_settings *of, struct hv_wish *wish)
{
    const struct cim_instance self = { as, of };

    for (size_t i = 0; i < wanted->count; i++) {
        const struct cim_embedded_property *given = &wanted->properties[i];
        const struct cim_property *property = cim_property_find(self.class, given->name);
        struct cim_value now = { 0 }, value = { 0 };
        if (!property || given->count == 0)
            continue;
        cim_get(&self, property, call->arena, &now);
        if (same(property, given, &now))
            continue;
        /* V1 has one text where V2 has lines. */
        property = cim_property_find(&msvm_virtual_system_setting_data, given->name);
        if (property && property->flags & CIM_ARRAY)
            value = (struct cim_value){ .items = given->values, .count = given->count };
        else
            value.text = given->values[0];
        if (property && hv_wish_add(wish, of, property, &value, call) != 0)
            return -1;
    }
    return 0;
}

/* The setting data that an embedded instance is of. */
static const struct hv_settings *settings_in(struct cim_call *call, const struct cim_embedded *wanted)
{
    const char *id = wanted ? cim_embedded_text(wanted, "InstanceID") : NULL;
    const struct cim_ref *ref;

    if (!wanted || (strcasecmp(wanted->class, SETTINGS) != 0 && wanted->class[0])) {
        error_set(call->err, ERR_INVALID_PARAMETER, "SystemSettings is no instance of %s.", SETTINGS);
        return NULL;
    }
    if (!id) {
        error_set(call->err, ERR_INVALID_PARAMETER,
                  "SystemSettings has no InstanceID: it does not say which settings it is about.");
        return NULL;
    }
    ref = hv_ref(SETTINGS, "InstanceID", id, call->arena);
    if (!ref) {
        error_set(call->err, ERR_NO_MEMORY, NULL);
        return NULL;
    }
    return hv_settings_of(call, CIM_NS_V2, ref);
}

static const struct guid *machine_of(const struct hv_settings *settings)
{
    return settings->snapshot ? &settings->snapshot->vm : &settings->vm->id;
}

int hv_modify(struct cim_call *call, const struct cim_class *as, const struct cim_embedded *wanted,
              const struct guid *vm, const struct hv_settings **of, struct snapshot_ticket *ticket)
{
    struct hv_wish wish = { 0 };

    *of = settings_in(call, wanted);
    if (!*of)
        return -1;
    if (vm && !guid_equal(vm, machine_of(*of)))
        return error_set(call->err, ERR_INVALID_PARAMETER, "The settings are of another machine.");
    if (read_wish(call, as, wanted, *of, &wish) != 0)
        return -1;
    return hv_wish_make(call, *of, &wish, ticket);
}

enum { MODIFY_JOB, MODIFY_SETTINGS };

static const struct cim_parameter modify_parameters[] = {
    [MODIFY_JOB] = { "Job", CIM_REFERENCE, CIM_OUT, "Msvm_ConcreteJob" },
    [MODIFY_SETTINGS] = { "SystemSettings", CIM_INSTANCE, CIM_IN | CIM_REQUIRED, SETTINGS },
};

static int modify_system_settings(struct cim_call *call, const struct cim_instance *self,
                                  const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    const struct hv_settings *of;
    struct snapshot_ticket ticket;

    if (hv_modify(call, &msvm_virtual_system_setting_data, in[MODIFY_SETTINGS].instance, NULL, &of,
                  &ticket) != 0)
        return -1;
    return hv_ticket(call, self, &ticket, &out[MODIFY_JOB], ret);
}

/* ---- GetVirtualSystemThumbnailImage ---- */

enum { HEIGHT, IMAGE, TARGET, WIDTH };

const struct cim_parameter hv_thumbnail_parameters[HV_THUMBNAIL_PARAMETERS] = {
    [HEIGHT] = { "HeightPixels", CIM_UINT16, CIM_IN | CIM_REQUIRED, NULL },
    /* octets, which go as base64 in one element */
    [IMAGE] = { "ImageData", CIM_STRING, CIM_OUT, NULL },
    [TARGET] = { "TargetSystem", CIM_REFERENCE, CIM_IN | CIM_REQUIRED, SETTINGS },
    [WIDTH] = { "WidthPixels", CIM_UINT16, CIM_IN | CIM_REQUIRED, NULL },
};

int hv_get_thumbnail(struct cim_call *call, const struct cim_instance *self, const struct cim_argument *in,
                     struct cim_value *out, unsigned *ret)
{
    unsigned long width = strtoul(in[WIDTH].value.text, NULL, 10);
    unsigned long height = strtoul(in[HEIGHT].value.text, NULL, 10);
    const struct hv_settings *of = hv_settings_of(call, self->class->ns, in[TARGET].value.ref);
    struct picture picture;

    if (!of)
        return -1;
    if (of->snapshot)
        return error_set(call->err, ERR_NOT_SUPPORTED, "Snapshots keep no picture of the screen.");
    if (!width || !height || width > THUMBNAIL_SIDE_MOST || height > THUMBNAIL_SIDE_MOST)
        return error_set(call->err, ERR_INVALID_PARAMETER,
                         "WidthPixels and HeightPixels go from 1 to %d.", THUMBNAIL_SIDE_MOST);
    if (core_vm_picture(call->core, call->who, &of->vm->id, &picture, call->err) != 0)
        return -1;
    out[IMAGE].text = thumbnail_text(&picture, (unsigned)width, (unsigned)height, call->arena);
    picture_clear(&picture);
    *ret = 0;
    return out[IMAGE].text ? 0 : error_set(call->err, ERR_NO_MEMORY, NULL);
}

/* ---- GetSummaryInformation ---- */

enum { REQUESTED, SETTING_DATA, SUMMARY };

const struct cim_parameter hv_summary_parameters[HV_SUMMARY_PARAMETERS] = {
    [REQUESTED] = { "RequestedInformation", CIM_UINT32, CIM_IN | CIM_ARRAY, NULL },
    [SETTING_DATA] = { "SettingData", CIM_REFERENCE, CIM_IN | CIM_ARRAY, SETTINGS },
    [SUMMARY] = { "SummaryInformation", CIM_INSTANCE, CIM_OUT | CIM_ARRAY, "Msvm_SummaryInformation" },
};

int hv_get_summaries(struct cim_call *call, const struct cim_instance *self, const struct cim_argument *in,
                     struct cim_value *out, unsigned *ret)
{
    bool codes[SUMMARY_CODES] = { false };
    const struct cim_argument *asked = &in[REQUESTED], *of = &in[SETTING_DATA];
    const char *ns = self->class->ns;

    for (size_t i = 0; i < asked->value.count; i++) {
        unsigned long code = asked->value.items[i] ? strtoul(asked->value.items[i], NULL, 10) : 0;
        if (code >= SUMMARY_CODES)
            return error_set(call->err, ERR_INVALID_PARAMETER, "There is no information %lu.", code);
        codes[code] = true;
    }
    *ret = 0;
    if (of->given && of->value.count)
        return hv_summaries_of(call, ns, of->value.refs, of->value.count, codes, &out[SUMMARY]);
    return hv_summaries_of_all(call, ns, codes, &out[SUMMARY]);
}

/* ---- what Hyper-V has besides ---- */

#define JOB_OUT         { "Job", CIM_REFERENCE, CIM_OUT, "Msvm_ConcreteJob" }
#define IN_REF(name)    { name, CIM_REFERENCE, CIM_IN, NULL }
#define IN_REFS(name)   { name, CIM_REFERENCE, CIM_IN | CIM_ARRAY, NULL }
#define IN_TEXT(name)   { name, CIM_STRING, CIM_IN, NULL }
#define IN_TEXTS(name)  { name, CIM_STRING, CIM_IN | CIM_ARRAY, NULL }
#define IN_FLAG(name)   { name, CIM_BOOLEAN, CIM_IN, NULL }
#define OUT_REF(name)   { name, CIM_REFERENCE, CIM_OUT, NULL }
#define OUT_REFS(name)  { name, CIM_REFERENCE, CIM_OUT | CIM_ARRAY, NULL }
#define OUT_TEXT(name)  { name, CIM_STRING, CIM_OUT, NULL }
#define TABLE(name) static const struct cim_parameter name[]

TABLE(add_parameters) = { IN_REF("AffectedConfiguration"), JOB_OUT, IN_TEXTS("ResourceSettings"),
                          OUT_REFS("ResultingResourceSettings") };
TABLE(modify_resource_parameters) = { JOB_OUT, IN_TEXTS("ResourceSettings"),
                                      OUT_REFS("ResultingResourceSettings") };
TABLE(remove_parameters) = { JOB_OUT, IN_REFS("ResourceSettings") };
TABLE(define_parameters) = { JOB_OUT, IN_REF("ReferenceConfiguration"), IN_TEXTS("ResourceSettings"),
                             OUT_REF("ResultingSystem"), IN_TEXT("SystemSettings") };
TABLE(affected_parameters) = { IN_REF("AffectedSystem"), JOB_OUT };
TABLE(export_parameters) = { IN_REF("ComputerSystem"), IN_TEXT("ExportDirectory"),
                             IN_TEXT("ExportSettingData"), JOB_OUT };
TABLE(import_parameters) = { IN_FLAG("GenerateNewSystemIdentifier"), OUT_REF("ImportedSystem"), JOB_OUT,
                             IN_TEXT("SnapshotFolder"), IN_TEXT("SystemDefinitionFile") };
TABLE(import_snapshot_parameters) = { OUT_REFS("ImportedSnapshots"), JOB_OUT, IN_REF("PlannedSystem"),
                                      IN_TEXT("SnapshotFolder") };
TABLE(planned_parameters) = { JOB_OUT, IN_REF("PlannedSystem") };
TABLE(realize_parameters) = { JOB_OUT, IN_REF("PlannedSystem"), OUT_REF("ResultingSystem") };
TABLE(upgrade_parameters) = { IN_REF("ComputerSystem"), JOB_OUT, IN_TEXT("UpgradeSettingData") };
TABLE(format_parameters) = { OUT_TEXT("ErrorMessage"), IN_TEXTS("Errors") };
TABLE(size_parameters) = { { "Size", CIM_UINT64, CIM_OUT, NULL }, IN_REF("Vssd") };
TABLE(service_parameters) = { JOB_OUT, IN_TEXT("SettingData") };
TABLE(state_parameters) = { JOB_OUT, { "RequestedState", CIM_UINT16, CIM_IN, NULL },
                            { "TimeoutPeriod", CIM_INTERVAL, CIM_IN, NULL } };

#define METHOD(name_, family, parameters_, invoke_)                                                \
    { .name = name_, .role = ROLE_OPERATOR, .family_b = family, .parameters = parameters_,            \
      .parameter_count = COUNT(parameters_), .invoke = invoke_ }
#define MISSING(name, family, parameters) METHOD(name, family, parameters, hv_not_supported)

static const struct cim_method methods[] = {
    MISSING("AddBootSourceSettings", false, add_parameters),
    MISSING("AddFeatureSettings", false, add_parameters),
    MISSING("AddGuestServiceSettings", false, add_parameters),
    MISSING("AddResourceSettings", false, add_parameters),
    MISSING("AddSystemComponentSettings", false, add_parameters),
    MISSING("DefinePlannedSystem", false, define_parameters),
    MISSING("DefineSystem", false, define_parameters),
    MISSING("DestroySystem", false, affected_parameters),
    MISSING("ExportSystemDefinition", true, export_parameters),
    MISSING("FormatError", true, format_parameters),
    MISSING("GetSizeOfSystemFiles", true, size_parameters),
    { .name = "GetSummaryInformation",
      .role = ROLE_VIEWER,
      .family_b = true,
      .parameters = hv_summary_parameters,
      .parameter_count = COUNT(hv_summary_parameters),
      .invoke = hv_get_summaries },
    METHOD("GetVirtualSystemThumbnailImage", true, hv_thumbnail_parameters, hv_get_thumbnail),
    MISSING("ImportSnapshotDefinitions", true, import_snapshot_parameters),
    MISSING("ImportSystemDefinition", true, import_parameters),
    MISSING("ModifyFeatureSettings", false, modify_resource_parameters),
    MISSING("ModifyGuestServiceSettings", false, modify_resource_parameters),
    MISSING("ModifyResourceSettings", false, modify_resource_parameters),
    MISSING("ModifyServiceSettings", true, service_parameters),
    METHOD("ModifySystemSettings", false, modify_parameters, modify_system_settings),
    MISSING("RealizePlannedSystem", true, realize_parameters),
    MISSING("RemoveBootSourceSettings", false, remove_parameters),
    MISSING("RemoveFeatureSettings", false, remove_parameters),
    MISSING("RemoveGuestServiceSettings", false, remove_parameters),
    MISSING("RemoveResourceSettings", false, remove_parameters),
    MISSING("RequestStateChange", false, state_parameters),
    { .name = "StartService", .role = ROLE_OPERATOR, .invoke = hv_not_supported },
    { .name = "StopService", .role = ROLE_OPERATOR, .invoke = hv_not_supported },
    MISSING("UpgradeSystemVersion", true, upgrade_parameters),
    MISSING("ValidatePlannedSystem", true, planned_parameters),
};

/* ---- the service ---- */

static void get_host(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_text(out, arena, ((const struct hv_service *)object)->host);
}

static const struct cim_property properties[] = {
    NIL_ARRAY("AvailableRequestedStates", UINT16),
    FIXED("Caption", STRING, "Hyper-V Virtual System Management Service"),
    NIL("CommunicationStatus", UINT16),
    FIXED_KEY("CreationClassName", CLASS),
    FIXED("Description", STRING, "Service for creating, manipulating, and managing virtual machines"),
    NIL("DetailedStatus", UINT16),
    FIXED("ElementName", STRING, "Hyper-V Virtual System Management Service"),
    FIXED("EnabledDefault", UINT16, "2"),
    FIXED("EnabledState", UINT16, "2"),
    FIXED("HealthState", UINT16, "5"),
    NIL("InstallDate", DATETIME),
    NIL("InstanceID", STRING),
    FIXED_KEY("Name", "vmms"),
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
    struct hv_service *service = arena_alloc(call->arena, sizeof(*service));
    struct cim_instance instance = { &msvm_virtual_system_management_service, service };

    if (!service)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    service->host = core_host_name(call->core);
    return sink->emit(sink, &instance);
}

const struct cim_class msvm_virtual_system_management_service = {
    .ns = CIM_NS_V2,
    .name = CLASS,
    .super = (const char *const[]){ "CIM_VirtualSystemManagementService", "CIM_Service",
                                    "CIM_EnabledLogicalElement", "CIM_LogicalElement",
                                    "CIM_ManagedSystemElement", "CIM_ManagedElement", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .methods = methods,
    .method_count = COUNT(methods),
    .list = list,
};
