/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CIM_MethodResult (DSP1103): the call that began a job, and what came of it. The same is in the job's own
 * JobInParameters and JobOutParameters.
 */
#include "classes/dmtf/dmtf.h"

#include "base/strbuf.h"
#include "cim/embedded.h"
#include "cim/list.h"
#include "cim/reference.h"

/* ---- what was called ---- */

/* The method by which a kind of job is begun, and what is known of its parameters once the job is there. */
struct call_row {
    enum job_kind kind;
    const char *method;
    const char *about; /* the parameter that names what it is about; NULL for none */
    bool machine;      /* that is the machine, else the snapshot */
    const char *made;  /* the one that names what it made */
    const char *state; /* RequestedState */
};

#define CHANGE(change, number)                                                                        \
    { .kind = (enum job_kind)(JOB_VM_CHANGE + (change)), .method = "RequestStateChange", .state = number }

static const struct call_row calls[] = {
    { JOB_SNAPSHOT_CREATE, "CreateSnapshot", "AffectedSystem", true, "ResultingSnapshot", NULL },
    { JOB_SNAPSHOT_APPLY, "ApplySnapshot", "Snapshot", false, NULL, NULL },
    { JOB_SNAPSHOT_DESTROY, "DestroySnapshot", "AffectedSnapshot", false, NULL, NULL },
    { JOB_SNAPSHOT_DESTROY_TREE, "DestroySnapshotTree", "SnapshotSettingData", false, NULL, NULL },
    { JOB_SNAPSHOT_EDIT, "ModifySystemSettings", NULL, false, NULL, NULL },
    { JOB_VM_EDIT, "ModifySystemSettings", NULL, false, NULL, NULL },
    CHANGE(CHANGE_START, "2"),
    CHANGE(CHANGE_RESUME, "2"),
    CHANGE(CHANGE_PAUSE, "9"),
    CHANGE(CHANGE_SAVE, "6"),
    CHANGE(CHANGE_FORGET, "3"),
    CHANGE(CHANGE_OFF, "3"),
    { .kind = (enum job_kind)(JOB_VM_CHANGE + CHANGE_SHUTDOWN), .method = "InitiateShutdown" },
    CHANGE(CHANGE_REBOOT, "10"),
    CHANGE(CHANGE_RESET, "11"),
};

/* NULL for a kind that this version does not know. */
static const struct call_row *call_of(const struct job *job)
{
    for (size_t i = 0; i < COUNT(calls); i++)
        if (calls[i].kind == job->kind)
            return &calls[i];
    return NULL;
}

/* ---- embedded instances, as CIM-XML ---- */

static void put(struct strbuf *out, const char *name, const char *type, const char *value)
{
    if (!value)
        return;
    strbuf_printf(out, "<PROPERTY NAME=\"%s\" TYPE=\"%s\"><VALUE>", name, type);
    strbuf_xml(out, value);
    strbuf_puts(out, "</VALUE></PROPERTY>");
}

static const char *finish(struct strbuf *text, struct arena *arena)
{
    const char *copy = strbuf_ok(text) ? arena_strdup(arena, strbuf_str(text)) : NULL;

    strbuf_free(text);
    return copy;
}

/* References stand in parameters as paths, to what may be gone by now. */
static const char *path_of(const char *class, struct cim_key *keys, size_t count, struct arena *arena)
{
    const struct cim_ref ref = { CIM_NS_INTEROP, class, keys, count };

    return cim_ref_path(&ref, NULL, arena);
}

static const char *machine_path(const struct job *job, struct arena *arena)
{
    struct cim_key keys[] = { { .name = "CreationClassName", .text = "CIM_ComputerSystem" },
                              { .name = "Name", .text = arena_strdup(arena, GUID_STR(&job->vm)) } };

    return keys[1].text ? path_of("CIM_ComputerSystem", keys, COUNT(keys), arena) : NULL;
}

static const char *id_path(const char *class, const struct guid *id, struct arena *arena)
{
    struct cim_value value = { 0 };
    struct cim_key key = { .name = "InstanceID" };

    dmtf_instance_id(&value, arena, id);
    key.text = value.text;
    return key.text ? path_of(class, &key, 1, arena) : NULL;
}

const char *dmtf_job_in(const struct job *job, const char *class, struct arena *arena)
{
    const struct call_row *row = call_of(job);
    struct strbuf out = STRBUF_INIT;

    if (!row)
        return NULL;
    strbuf_printf(&out, "<INSTANCE CLASSNAME=\"%s\">", class);
    if (row->about)
        put(&out, row->about, "string",
            row->machine ? machine_path(job, arena) : id_path("CIM_VirtualSystemSettingData", &job->snapshot, arena));
    put(&out, "RequestedState", "uint16", row->state);
    strbuf_puts(&out, "</INSTANCE>");
    return finish(&out, arena);
}

/* What the method would have returned, had it waited. */
static const char *result_of(const struct job *job, struct arena *arena)
{
    unsigned code = error_row(job->error)->family_a;

    return job->state == JOB_COMPLETED ? "0" : arena_printf(arena, "%u", code ? code : 2 /* Failed */);
}

const char *dmtf_job_out(const struct job *job, const char *class, bool result, struct arena *arena)
{
    const struct call_row *row = call_of(job);
    struct strbuf out = STRBUF_INIT;

    if (!row)
        return NULL;
    strbuf_printf(&out, "<INSTANCE CLASSNAME=\"%s\">", class);
    if (result)
        put(&out, "__ReturnValue", "uint32", result_of(job, arena));
    put(&out, "Job", "string", id_path("CIM_ConcreteJob", &job->id, arena));
    if (row->made && job->state == JOB_COMPLETED)
        put(&out, row->made, "string", id_path("CIM_VirtualSystemSettingData", &job->snapshot, arena));
    strbuf_puts(&out, "</INSTANCE>");
    return finish(&out, arena);
}

/* ---- CIM_InstMethodCall: only ever a value ---- */

struct method_call {
    const struct job *job;
    const char *host;
    bool before; /* the call as it came, else what came of it */
};

static void get_method(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = call_of(((const struct method_call *)object)->job)->method;
}

static void get_parameters(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct method_call *call = object;

    out->text = call->before ? dmtf_job_in(call->job, "__MethodParameters", arena)
                             : dmtf_job_out(call->job, "__MethodParameters", false, arena);
}

static void get_before(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = ((const struct method_call *)object)->before ? "true" : "false";
}

static void get_result(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct method_call *call = object;

    if (!call->before)
        out->text = result_of(call->job, arena);
}

/* The service's own instance never changes; what a machine was before is not kept. */
static void get_source(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct method_call *call = object;
    const struct hv_service service = { call->host };
    const struct cim_instance instance = { &dmtf_snapshot_service, &service };
    struct strbuf text = STRBUF_INIT;

    if (!dmtf_is_service_job(call->job))
        return;
    cim_embedded_write(&text, &instance, arena);
    out->text = finish(&text, arena);
}

static void get_source_path(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct method_call *call = object;
    const struct hv_service service = { call->host };
    const struct cim_instance instance = { &dmtf_snapshot_service, &service };
    const struct cim_ref *ref = dmtf_is_service_job(call->job) ? cim_ref_of(&instance, arena) : NULL;

    out->text = ref ? cim_ref_path(ref, NULL, arena) : machine_path(call->job, arena);
}

static void get_host(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_text(out, arena, ((const struct method_call *)object)->host);
}

static const struct cim_property call_rows[] = {
    NIL_ARRAY("CorrelatedIndications", STRING),
    NIL("IndicationFilterName", STRING),
    NIL("IndicationIdentifier", STRING),
    NIL("IndicationTime", DATETIME),
    GET("MethodName", STRING, get_method),
    GET("MethodParameters", STRING, get_parameters),
    NIL("OtherSeverity", STRING),
    FIXED("PerceivedSeverity", UINT16, "2" /* Information */),
    GET("PreCall", BOOLEAN, get_before),
    GET("ReturnValue", STRING, get_result),
    NIL("SequenceContext", STRING),
    NIL("SequenceNumber", SINT64),
    GET("SourceInstance", STRING, get_source),
    GET("SourceInstanceHost", STRING, get_host),
    GET("SourceInstanceModelPath", STRING, get_source_path),
};

const struct cim_class dmtf_inst_method_call = {
    .ns = CIM_NS_INTEROP,
    .abstract = true, /* an indication: no instance of it is in the namespace */
    .name = "CIM_InstMethodCall",
    .super = (const char *const[]){ "CIM_InstIndication", "CIM_Indication", NULL },
    .properties = call_rows,
    .property_count = COUNT(call_rows),
};

/* ---- CIM_MethodResult ---- */

struct method_result {
    const struct job *job;
    const char *host;
};

static void get_id(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = arena_printf(arena, DMTF_ORGANIZATION ":MethodResult:%s",
                             GUID_STR(&((const struct method_result *)object)->job->id));
}

static void get_name(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_text(out, arena, ((const struct method_result *)object)->job->title);
}

static void put_call(const struct method_result *result, bool before, struct arena *arena, struct cim_value *out)
{
    const struct method_call call = { result->job, result->host, before };
    const struct cim_instance instance = { &dmtf_inst_method_call, &call };
    struct strbuf text = STRBUF_INIT;

    if (!call_of(result->job))
        return;
    cim_embedded_write(&text, &instance, arena);
    out->text = finish(&text, arena);
}

static void get_pre_call(const void *object, struct arena *arena, struct cim_value *out)
{
    put_call(object, true, arena, out);
}

/* Not before the job has ended. */
static void get_post_call(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct method_result *result = object;

    if (job_finished(result->job))
        put_call(result, false, arena, out);
}

static const struct cim_property result_rows[] = {
    FIXED("Caption", STRING, "Result of a method"),
    FIXED("Description", STRING, "The call of a method that began a job, and what came of it"),
    GET("ElementName", STRING, get_name),
    KEY("InstanceID", get_id),
    GET("PostCallIndication", STRING, get_post_call),
    GET("PreCallIndication", STRING, get_pre_call),
};

static int emit_result(struct cim_call *call, const struct job *job, struct cim_sink *sink)
{
    struct method_result *object = arena_alloc(call->arena, sizeof(*object));
    struct cim_instance instance = { &dmtf_method_result, object };

    if (!object)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    *object = (struct method_result){ job, core_host_name(call->core) };
    return sink->emit(sink, &instance);
}

static int list(struct cim_call *call, struct cim_sink *sink)
{
    const struct job_list *jobs = hv_jobs(call);

    for (size_t i = 0; jobs && i < jobs->count; i++)
        if (emit_result(call, &jobs->items[i], sink) != 0)
            return -1;
    return jobs ? 0 : -1;
}

static int get(struct cim_call *call, const char *key, struct cim_sink *sink)
{
    const struct job *job;
    struct guid id;

    if (hv_id_parse(key, &id) != 0)
        return 0;
    job = hv_job(call, &id);
    if (job)
        return emit_result(call, job, sink);
    return call->err->code ? -1 : 0;
}

const struct cim_class dmtf_method_result = {
    .ns = CIM_NS_INTEROP,
    .name = "CIM_MethodResult",
    .super = (const char *const[]){ "CIM_ManagedElement", NULL },
    .properties = result_rows,
    .property_count = COUNT(result_rows),
    .list = list,
    .get_key = "InstanceID",
    .get = get,
};

/* ---- CIM_AssociatedJobMethodResult ---- */

static int associated_walk(struct cim_call *call, const struct cim_instance *source, int from, struct cim_sink *sink)
{
    const struct method_result *result = source->object;
    struct list_view view;

    if (from == 0)
        return emit_result(call, source->object, sink);
    return hv_emit_job(result->job, list_view(&view, CIM_NS_INTEROP, sink));
}

static const struct cim_property associated_rows[] = {
    REF_KEY("Job"),
    REF_KEY("JobParameters"),
};

const struct cim_class dmtf_associated_job_method_result = {
    .ns = CIM_NS_INTEROP,
    .name = "CIM_AssociatedJobMethodResult",
    .super = (const char *const[]){ NULL },
    .properties = associated_rows,
    .property_count = COUNT(associated_rows),
    .association = &(const struct cim_association){
        .role = { "Job", "JobParameters" },
        .class = { "CIM_ConcreteJob", "CIM_MethodResult" },
        .walk = associated_walk,
    },
};
