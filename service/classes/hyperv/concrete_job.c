/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Msvm_ConcreteJob: every job of the caller, running and finished.
 */
#include "classes/hyperv/hyperv.h"

#include "base/clock.h"
#include "cim/datetime.h"

static void get_instance_id(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_guid(out, arena, &((const struct job *)object)->id);
}

static void get_title(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_text(out, arena, ((const struct job *)object)->title);
}

static void get_owner(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_text(out, arena, ((const struct job *)object)->owner);
}

static void get_state(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_number(out, arena, ((const struct job *)object)->state);
}

static bool failed(const struct job *job)
{
    return job_finished(job) && job->state != JOB_COMPLETED;
}

static void get_status(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct job *job = object;

    (void)arena;
    out->text = !job_finished(job)              ? job->started_us ? "Job is running" : "Job is waiting"
                : job->state == JOB_COMPLETED ? "Job completed"
                : job->state == JOB_EXCEPTION ? "Job ended with an error"
                                              : "Job was cancelled";
}

/* 2 OK while it runs and when it succeeded, 6 Error after a failure: GetError depends on it. */
static void get_operational_status(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_list(out, arena, (const char *const[]){ failed(object) ? "6" : "2" }, 1);
}

static void get_status_descriptions(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_list(out, arena, (const char *const[]){ failed(object) ? "Error" : "OK" }, 1);
}

static void get_health(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = failed(object) ? "10" : "5";
}

static void get_percent(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_number(out, arena, ((const struct job *)object)->percent);
}

static void get_error_code(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct job *job = object;

    hv_number(out, arena, failed(job) ? error_row(job->error)->family_b : 0);
}

static void get_error_text(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_text(out, arena, ((const struct job *)object)->error_text);
}

static void get_error_summary(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct job *job = object;

    if (failed(job))
        hv_text(out, arena, error_row(job->error)->text);
}

static void get_submitted(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = cim_datetime(((const struct job *)object)->submitted_us, arena);
}

static void get_started(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = cim_datetime(((const struct job *)object)->started_us, arena);
}

static void get_changed(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = cim_datetime(((const struct job *)object)->changed_us, arena);
}

static void get_elapsed(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct job *job = object;
    int64_t end = job->ended_us ? job->ended_us : clock_now_us();

    if (job->started_us)
        out->text = cim_interval(end > job->started_us ? end - job->started_us : 0, arena);
}

/* Hyper-V's numbers. */
#define TYPE(change, number) { (enum job_kind)(JOB_VM_CHANGE + (change)), number }

static const struct {
    enum job_kind kind;
    const char *number;
} types[] = {
    { JOB_SNAPSHOT_CREATE, "70" },
    { JOB_SNAPSHOT_APPLY, "71" },
    { JOB_SNAPSHOT_DESTROY, "72" },
    { JOB_SNAPSHOT_DESTROY_TREE, "72" },
    { JOB_SNAPSHOT_EDIT, "2" }, /* Modify Virtual Machine */
    { JOB_VM_EDIT, "2" },
    TYPE(CHANGE_START, "12"),
    TYPE(CHANGE_RESUME, "27"),
    TYPE(CHANGE_PAUSE, "26"),
    TYPE(CHANGE_SAVE, "14"),
    TYPE(CHANGE_FORGET, "13"), /* its saved memory is all that is left of what was on */
    TYPE(CHANGE_OFF, "13"),
    TYPE(CHANGE_SHUTDOWN, "16"),
    TYPE(CHANGE_REBOOT, "29"),
    TYPE(CHANGE_RESET, "28"),
};

static void get_type(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = "0"; /* unknown */
    for (size_t i = 0; i < COUNT(types); i++)
        if (types[i].kind == ((const struct job *)object)->kind)
            out->text = types[i].number;
}

static void get_cancellable(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = ((const struct job *)object)->cancellable ? "true" : "false";
}

static void get_remove(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = ((const struct job *)object)->stay.remove ? "true" : "false";
}

static void get_stay(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = cim_interval(((const struct job *)object)->stay.us, arena);
}

static const struct cim_property properties[] = {
    GET("Cancellable", BOOLEAN, get_cancellable),
    GET("Caption", STRING, get_title),
    NIL("CommunicationStatus", UINT16),
    { "DeleteOnCompletion", CIM_BOOLEAN, CIM_WRITE, NULL, get_remove },
    GET("Description", STRING, get_title),
    NIL("DetailedStatus", UINT16),
    GET("ElapsedTime", INTERVAL, get_elapsed),
    GET("ElementName", STRING, get_title),
    GET("ErrorCode", UINT16, get_error_code),
    GET("ErrorDescription", STRING, get_error_text),
    GET("ErrorSummaryDescription", STRING, get_error_summary),
    GET("HealthState", UINT16, get_health),
    NIL("InstallDate", DATETIME),
    KEY("InstanceID", get_instance_id),
    FIXED("JobRunTimes", UINT32, "1"),
    GET("JobState", UINT16, get_state),
    GET("JobStatus", STRING, get_status),
    GET("JobType", UINT16, get_type),
    FIXED("LocalOrUtcTime", UINT16, "2"),
    FIXED("Name", STRING, "Msvm_ConcreteJob"),
    NIL("Notify", STRING),
    NIL("OperatingStatus", UINT16),
    GET_ARRAY("OperationalStatus", UINT16, get_operational_status),
    NIL("OtherRecoveryAction", STRING),
    GET("Owner", STRING, get_owner),
    GET("PercentComplete", UINT16, get_percent),
    NIL("PrimaryStatus", UINT16),
    NIL("Priority", UINT32),
    NIL("RecoveryAction", UINT16),
    NIL("RunDay", SINT8),
    NIL("RunDayOfWeek", SINT8),
    NIL("RunMonth", UINT8),
    NIL("RunStartInterval", INTERVAL),
    NIL("ScheduledStartTime", DATETIME),
    GET("StartTime", DATETIME, get_started),
    NIL("Status", STRING),
    GET_ARRAY("StatusDescriptions", STRING, get_status_descriptions),
    { "TimeBeforeRemoval", CIM_INTERVAL, CIM_WRITE, NULL, get_stay },
    GET("TimeOfLastStateChange", DATETIME, get_changed),
    GET("TimeSubmitted", DATETIME, get_submitted),
    NIL("UntilTime", DATETIME),
};

int hv_emit_job(const struct job *job, struct cim_sink *sink)
{
    struct cim_instance instance = { &msvm_concrete_job, job };

    return sink->emit(sink, &instance);
}

static int list(struct cim_call *call, struct cim_sink *sink)
{
    const struct job_list *jobs = hv_jobs(call);

    if (!jobs)
        return -1;
    for (size_t i = 0; i < jobs->count; i++)
        if (hv_emit_job(&jobs->items[i], sink) != 0)
            return -1;
    return 0;
}

static int get(struct cim_call *call, const char *key, struct cim_sink *sink)
{
    const struct job *job = NULL;
    struct guid id;

    if (hv_id_parse(key, &id) == 0)
        job = hv_job(call, &id);
    if (job)
        return hv_emit_job(job, sink);
    return call->err->code ? -1 : 0;
}

const struct cim_class msvm_concrete_job = {
    .ns = CIM_NS_V2,
    .name = "Msvm_ConcreteJob",
    .super = (const char *const[]){ "CIM_ConcreteJob", "CIM_Job", "CIM_LogicalElement",
                                    "CIM_ManagedSystemElement", "CIM_ManagedElement", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .list = list,
    .get_key = "InstanceID",
    .get = get,
    .methods = hv_job_methods,
    .method_count = HV_JOB_METHODS,
    .put = hv_job_put,
    .remove = hv_job_remove,
};
