/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * V1's Msvm_ConcreteJob.
 */
#include "classes/v1/v1.h"

static const struct cim_property properties[] = {
    SAME("Cancellable", BOOLEAN),
    SAME("Caption", STRING),
    { "DeleteOnCompletion", CIM_BOOLEAN, CIM_SAME | CIM_WRITE, NULL, NULL },
    SAME("Description", STRING),
    SAME("ElapsedTime", INTERVAL),
    SAME("ElementName", STRING),
    SAME("ErrorCode", UINT16),
    SAME("ErrorDescription", STRING),
    SAME("ErrorSummaryDescription", STRING),
    SAME("HealthState", UINT16),
    SAME("InstallDate", DATETIME),
    SAME_KEY("InstanceID"),
    SAME("JobRunTimes", UINT32),
    SAME("JobState", UINT16),
    SAME("JobStatus", STRING),
    SAME("JobType", UINT16),
    SAME("LocalOrUtcTime", UINT16),
    SAME("Name", STRING),
    SAME("Notify", STRING),
    SAME_ARRAY("OperationalStatus", UINT16),
    SAME("OtherRecoveryAction", STRING),
    SAME("Owner", STRING),
    SAME("PercentComplete", UINT16),
    SAME("Priority", UINT32),
    SAME("RecoveryAction", UINT16),
    SAME("RunDay", SINT8),
    SAME("RunDayOfWeek", SINT8),
    SAME("RunMonth", UINT8),
    SAME("RunStartInterval", INTERVAL),
    SAME("ScheduledStartTime", DATETIME),
    SAME("StartTime", DATETIME),
    SAME("Status", STRING),
    SAME_ARRAY("StatusDescriptions", STRING),
    { "TimeBeforeRemoval", CIM_INTERVAL, CIM_SAME | CIM_WRITE, NULL, NULL },
    SAME("TimeOfLastStateChange", DATETIME),
    SAME("TimeSubmitted", DATETIME),
    SAME("UntilTime", DATETIME),
};

const struct cim_class v1_concrete_job = {
    .ns = CIM_NS_V1,
    .origin = &msvm_concrete_job,
    .name = "Msvm_ConcreteJob",
    .super = (const char *const[]){ "CIM_ConcreteJob", "CIM_Job", "CIM_LogicalElement",
                                    "CIM_ManagedSystemElement", "CIM_ManagedElement", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .get_key = "InstanceID",
    .methods = hv_job_methods,
    .method_count = HV_JOB_METHODS,
    .put = hv_job_put,
};
