/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CIM_ConcreteJob (DSP1103).
 */
#include "classes/dmtf/dmtf.h"

#include "cim/reference.h"

static void get_instance_id(const void *object, struct arena *arena, struct cim_value *out)
{
    dmtf_instance_id(out, arena, &((const struct job *)object)->id);
}

/* The pairs of JobState and OperationalStatus that DSP1103 asks for; Hyper-V has others. */
static const struct {
    enum job_state state;
    const char *codes[2], *texts[2];
} statuses[] = {
    { JOB_COMPLETED, { "17", "2" }, { "Completed", "OK" } },
    { JOB_TERMINATED, { "10", "2" }, { "Stopped", "OK" } },
    { JOB_KILLED, { "10", "6" }, { "Stopped", "Error" } },
    { JOB_EXCEPTION, { "17", "6" }, { "Completed", "Error" } },
};

static void put_status(const struct job *job, bool codes, struct arena *arena, struct cim_value *out)
{
    for (size_t i = 0; i < COUNT(statuses); i++)
        if (statuses[i].state == job->state)
            hv_list(out, arena, codes ? statuses[i].codes : statuses[i].texts, 2);
    if (!out->count)
        hv_list(out, arena, (const char *const[]){ codes ? "2" : "OK" }, 1);
}

static void get_status(const void *object, struct arena *arena, struct cim_value *out)
{
    put_status(object, true, arena, out);
}

static void get_descriptions(const void *object, struct arena *arena, struct cim_value *out)
{
    put_status(object, false, arena, out);
}

static void get_in(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = dmtf_job_in(object, "__JobInParameters", arena);
}

/* NULL until JobState is Completed, by the schema. */
static void get_out(const void *object, struct arena *arena, struct cim_value *out)
{
    if (((const struct job *)object)->state == JOB_COMPLETED)
        out->text = dmtf_job_out(object, "__JobOutParameters", true, arena);
}

static const struct cim_property properties[] = {
    SAME("Caption", STRING),
    SAME("CommunicationStatus", UINT16),
    { "DeleteOnCompletion", CIM_BOOLEAN, CIM_SAME | CIM_WRITE, NULL, NULL },
    SAME("Description", STRING),
    SAME("DetailedStatus", UINT16),
    SAME("ElapsedTime", INTERVAL),
    SAME("ElementName", STRING),
    SAME("ErrorCode", UINT16),
    SAME("ErrorDescription", STRING),
    SAME("HealthState", UINT16),
    SAME("InstallDate", DATETIME),
    KEY("InstanceID", get_instance_id),
    GET("JobInParameters", STRING, get_in),
    GET("JobOutParameters", STRING, get_out),
    SAME("JobRunTimes", UINT32),
    SAME("JobState", UINT16),
    SAME("JobStatus", STRING),
    SAME("LocalOrUtcTime", UINT16),
    SAME_AS("Name", STRING, "ElementName"),
    SAME("Notify", STRING),
    SAME("OperatingStatus", UINT16),
    GET_ARRAY("OperationalStatus", UINT16, get_status),
    SAME("OtherRecoveryAction", STRING),
    SAME("Owner", STRING),
    SAME("PercentComplete", UINT16),
    SAME("PrimaryStatus", UINT16),
    SAME("Priority", UINT32),
    SAME("RecoveryAction", UINT16),
    SAME("RunDay", SINT8),
    SAME("RunDayOfWeek", SINT8),
    SAME("RunMonth", UINT8),
    SAME("RunStartInterval", INTERVAL),
    SAME("ScheduledStartTime", DATETIME),
    SAME("StartTime", DATETIME),
    SAME("Status", STRING),
    GET_ARRAY("StatusDescriptions", STRING, get_descriptions),
    { "TimeBeforeRemoval", CIM_INTERVAL, CIM_SAME | CIM_WRITE, NULL, NULL },
    SAME("TimeOfLastStateChange", DATETIME),
    SAME("TimeSubmitted", DATETIME),
    SAME("UntilTime", DATETIME),
};

const struct cim_class dmtf_concrete_job = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_concrete_job,
    .name = "CIM_ConcreteJob",
    .super = (const char *const[]){ "CIM_Job", "CIM_LogicalElement", "CIM_ManagedSystemElement",
                                    "CIM_ManagedElement", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .get_key = "InstanceID",
    .methods = hv_job_methods + 1,
    .method_count = HV_JOB_METHODS,
    .put = hv_job_put,
    .remove = hv_job_remove,
};

/* ---- CIM_Error, which GetError and GetErrors answer with ---- */

static void get_source(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct cim_instance job = { &dmtf_concrete_job, object };
    const struct cim_ref *ref = cim_ref_of(&job, arena);

    if (ref)
        out->text = cim_ref_path(ref, NULL, arena);
}

static const struct cim_property error_rows[] = {
    SAME("CIMStatusCode", UINT32),
    SAME("CIMStatusCodeDescription", STRING),
    GET("ErrorSource", STRING, get_source),
    SAME("ErrorSourceFormat", UINT16),
    SAME("ErrorType", UINT16),
    SAME("Message", STRING),
    SAME_ARRAY("MessageArguments", STRING),
    SAME_KEY("MessageID"),
    SAME("OtherErrorSourceFormat", STRING),
    SAME("OtherErrorType", STRING),
    SAME("OwningEntity", STRING),
    SAME("PerceivedSeverity", UINT16),
    SAME("ProbableCause", UINT16),
    SAME("ProbableCauseDescription", STRING),
    SAME_ARRAY("RecommendedActions", STRING),
};

const struct cim_class dmtf_error = {
    .ns = CIM_NS_INTEROP,
    .origin = &msvm_error,
    .name = "CIM_Error",
    .super = (const char *const[]){ NULL },
    .properties = error_rows,
    .property_count = COUNT(error_rows),
};
