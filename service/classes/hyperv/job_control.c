/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a client can do with a job: RequestStateChange, GetError, GetErrorEx (the DMTF's GetErrors), Put, Delete; and
 * Msvm_Error, which what is asked for errors answers with.
 */
#include "classes/hyperv/hyperv.h"

#include "cim/datetime.h"
#include "cim/embedded.h"
#include "cim/reference.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- Msvm_Error ---- */

/* The object is a struct job that failed. */
static const struct error_row *row_of(const void *object)
{
    return error_row(((const struct job *)object)->error);
}

/* 4 Software Error, 6 Environmental Error, 7 Security Error, 9 Unavailable Resource Error, 10 Unsupported
 * Operation Error. */
static void get_error_type(const void *object, struct arena *arena, struct cim_value *out)
{
    static const struct {
        enum error_code code;
        const char *type;
    } types[] = {
        { ERR_NO_SPACE, "6" },    { ERR_NO_MEMORY, "6" },   { ERR_ACCESS_DENIED, "7" },
        { ERR_UNAVAILABLE, "9" }, { ERR_NOT_FOUND, "9" },   { ERR_TIMEOUT, "9" },
        { ERR_IN_USE, "9" },      { ERR_INVALID_TYPE, "10" }, { ERR_NOT_SUPPORTED, "10" },
    };

    (void)arena;
    out->text = "4";
    for (size_t i = 0; i < COUNT(types); i++)
        if (types[i].code == ((const struct job *)object)->error)
            out->text = types[i].type;
}

static void get_message(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct job *job = object;

    hv_text(out, arena, job->error_text ? job->error_text : row_of(object)->text);
}

static void get_message_id(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = row_of(object)->name;
}

static void get_cim_code(const void *object, struct arena *arena, struct cim_value *out)
{
    unsigned code = row_of(object)->cim;

    hv_number(out, arena, code ? code : 1); /* CIM_ERR_FAILED */
}

static void get_source(const void *object, struct arena *arena, struct cim_value *out)
{
    const char *id = arena_strdup(arena, GUID_STR(&((const struct job *)object)->id));
    const struct cim_ref *ref = id ? hv_ref("Msvm_ConcreteJob", "InstanceID", id, arena) : NULL;

    if (ref)
        out->text = cim_ref_path(ref, NULL, arena);
}

static const struct cim_property error_properties[] = {
    GET("CIMStatusCode", UINT32, get_cim_code),
    NIL("CIMStatusCodeDescription", STRING),
    GET("ErrorSource", STRING, get_source),
    FIXED("ErrorSourceFormat", UINT16, "2"),
    GET("ErrorType", UINT16, get_error_type),
    GET("Message", STRING, get_message),
    NIL_ARRAY("MessageArguments", STRING),
    { "MessageID", CIM_STRING, CIM_KEY, NULL, get_message_id },
    NIL("OtherErrorSourceFormat", STRING),
    NIL("OtherErrorType", STRING),
    FIXED("OwningEntity", STRING, "cimsnapd"),
    FIXED("PerceivedSeverity", UINT16, "4"),
    FIXED("ProbableCause", UINT16, "0"),
    NIL("ProbableCauseDescription", STRING),
    NIL_ARRAY("RecommendedActions", STRING),
};

/* It is only ever a value. */
static int list_none(struct cim_call *call, struct cim_sink *sink)
{
    (void)call;
    (void)sink;
    return 0;
}

const struct cim_class msvm_error = {
    .ns = CIM_NS_V2,
    .name = "Msvm_Error",
    .super = (const char *const[]){ "CIM_Error", NULL },
    .properties = error_properties,
    .property_count = COUNT(error_properties),
    .list = list_none,
};

/* ---- methods ---- */

static const struct cim_parameter error_parameters[] = {
    { "Error", CIM_STRING, CIM_OUT, "Msvm_Error" },
};

static const struct cim_parameter errors_parameters[] = {
    { "Errors", CIM_STRING, CIM_OUT | CIM_ARRAY, "Msvm_Error" },
};

/* The error as text, of the class that the job's model has for it; NULL for a job that has none. */
static int write_error(struct cim_call *call, const struct cim_instance *self, const char **out)
{
    const struct cim_class *seen = cim_class_view(&msvm_error, self->class->ns);
    const struct job *job = self->object;
    const struct cim_instance error = { seen ? seen : &msvm_error, job };
    struct strbuf text = STRBUF_INIT;

    *out = NULL;
    if (!job_finished(job) || job->state == JOB_COMPLETED)
        return 0;
    cim_embedded_write(&text, &error, call->arena);
    if (strbuf_ok(&text))
        *out = arena_strndup(call->arena, strbuf_str(&text), text.len);
    strbuf_free(&text);
    return *out ? 0 : error_set(call->err, ERR_NO_MEMORY, NULL);
}

static int get_error(struct cim_call *call, const struct cim_instance *self,
                     const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    (void)in;
    *ret = 0;
    return write_error(call, self, &out[0].text);
}

static int get_errors(struct cim_call *call, const struct cim_instance *self,
                      const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    const char **items = arena_alloc(call->arena, sizeof(*items));

    (void)in;
    *ret = 0;
    if (!items)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    if (write_error(call, self, items) != 0)
        return -1;
    out[0].items = *items ? items : NULL;
    out[0].count = *items ? 1 : 0;
    return 0;
}

enum { REQUESTED_STATE, TIMEOUT_PERIOD };

static const struct cim_parameter state_parameters[] = {
    [REQUESTED_STATE] = { "RequestedState", CIM_UINT16, CIM_IN | CIM_REQUIRED, NULL },
    [TIMEOUT_PERIOD] = { "TimeoutPeriod", CIM_INTERVAL, CIM_IN, NULL },
};

/* Return codes of the DMTF's RequestStateChange: a family of its own. */
enum { NOT_SUPPORTED = 1, TIMEOUT = 3, FAILED = 4, INVALID_PARAMETER = 5, IN_USE = 6, INVALID_TRANSITION = 4097,
       NO_TIMEOUT = 4098 };

unsigned hv_transition_code(const struct error *err)
{
    static const struct {
        enum error_code code;
        unsigned returned;
    } codes[] = {
        { ERR_NOT_SUPPORTED, NOT_SUPPORTED },      { ERR_TIMEOUT, TIMEOUT },
        { ERR_INVALID_PARAMETER, INVALID_PARAMETER }, { ERR_IN_USE, IN_USE },
        { ERR_INVALID_STATE, INVALID_TRANSITION },
    };

    for (size_t i = 0; i < COUNT(codes); i++)
        if (codes[i].code == err->code)
            return codes[i].returned;
    return FAILED;
}

static int request_state_change(struct cim_call *call, const struct cim_instance *self,
                                const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    enum { START = 2, TERMINATE = 4, KILL = 5, SERVICE = 6 };
    unsigned long wanted = strtoul(in[REQUESTED_STATE].value.text, NULL, 10);
    const struct job *job = self->object;

    (void)out;
    if (wanted < START || wanted > SERVICE)
        *ret = INVALID_PARAMETER;
    else if (wanted != TERMINATE && wanted != KILL)
        *ret = NOT_SUPPORTED;
    else if (in[TIMEOUT_PERIOD].given && strcmp(in[TIMEOUT_PERIOD].value.text, "P0DT0H0M0S") != 0)
        *ret = NO_TIMEOUT;
    else if (core_job_cancel(call->core, call->who, &job->id,
                             wanted == KILL ? JOB_KILLED : JOB_TERMINATED, call->err) == 0)
        *ret = 0;
    else if (!error_row(call->err->code)->returns || call->err->code == ERR_NOT_FOUND)
        return -1;
    else
        *ret = hv_transition_code(call->err);
    error_clear(call->err);
    return 0;
}

#define ERRORS(name_)                                                                              \
    {                                                                                              \
        .name = name_,                                                                             \
        .role = ROLE_VIEWER,                                                                       \
        .family_b = true,                                                                          \
        .parameters = errors_parameters,                                                           \
        .parameter_count = COUNT(errors_parameters),                                               \
        .invoke = get_errors,                                                                      \
    }

const struct cim_method hv_job_methods[HV_JOB_METHODS + 1] = {
    ERRORS("GetErrorEx"),
    {
        .name = "GetError",
        .role = ROLE_VIEWER,
        .family_b = true,
        .parameters = error_parameters,
        .parameter_count = COUNT(error_parameters),
        .invoke = get_error,
    },
    {
        .name = "RequestStateChange",
        .role = ROLE_OPERATOR,
        .parameters = state_parameters,
        .parameter_count = COUNT(state_parameters),
        .invoke = request_state_change,
    },
    ERRORS("GetErrors"),
};

int hv_job_put(struct cim_call *call, const struct cim_instance *self, const struct cim_change *changes,
               size_t count)
{
    const struct job *job = self->object;
    struct job_stay stay = job->stay;

    for (size_t i = 0; i < count; i++) {
        const char *name = changes[i].property->name, *text = changes[i].value.text;
        if (!text)
            return error_set(call->err, ERR_INVALID_PARAMETER, "%s cannot be without a value.", name);
        if (strcasecmp(name, "DeleteOnCompletion") == 0)
            stay.remove = strcmp(text, "true") == 0;
        else if (cim_interval_parse(text, &stay.us) != 0)
            return error_set(call->err, ERR_INVALID_PARAMETER, "%s is no interval.", name);
    }
    return core_job_stay(call->core, call->who, &job->id, &stay, call->err);
}

int hv_job_remove(struct cim_call *call, const struct cim_instance *self)
{
    return core_job_forget(call->core, call->who, &((const struct job *)self->object)->id, call->err);
}

/* ---- Msvm_OwningJobElement: the service whose method began the job ---- */

const struct cim_class *hv_job_owner(const struct job *job)
{
    switch (job->kind) {
    case JOB_SNAPSHOT_CREATE:
    case JOB_SNAPSHOT_APPLY:
    case JOB_SNAPSHOT_DESTROY:
    case JOB_SNAPSHOT_DESTROY_TREE:
        return &msvm_virtual_system_snapshot_service;
    default:
        return &msvm_virtual_system_management_service;
    }
}

static int owned_jobs(struct cim_call *call, const struct cim_class *owner, struct cim_sink *sink)
{
    const struct job_list *jobs = hv_jobs(call);

    for (size_t i = 0; jobs && i < jobs->count; i++)
        if (hv_job_owner(&jobs->items[i]) == owner && hv_emit_job(&jobs->items[i], sink) != 0)
            return -1;
    return jobs ? 0 : -1;
}

static int owning_walk(struct cim_call *call, const struct cim_instance *source, int from,
                       struct cim_sink *sink)
{
    return from == 0 ? hv_job_owner(source->object)->list(call, sink)
                     : owned_jobs(call, source->class, sink);
}

static const struct cim_property owning_properties[] = {
    REF_KEY("OwnedElement"),
    REF_KEY("OwningElement"),
};

const struct cim_class msvm_owning_job_element = {
    .ns = CIM_NS_V2,
    .name = "Msvm_OwningJobElement",
    .super = (const char *const[]){ "CIM_OwningJobElement", NULL },
    .properties = owning_properties,
    .property_count = COUNT(owning_properties),
    .association = &(const struct cim_association){
        .role = { "OwnedElement", "OwningElement" },
        .class = { "Msvm_ConcreteJob", "CIM_Service" },
        .walk = owning_walk,
    },
};
