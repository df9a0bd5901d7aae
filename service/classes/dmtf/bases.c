/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The DMTF's base classes (CIM Schema 2.42): without instances of their own. A client names one to ask for what
 * derives from it, and with ExcludeSubClassProperties reads these properties of it and no more.
 */
#include "classes/dmtf/dmtf.h"

static const struct cim_property managed_element[] = {
    NIL("Caption", STRING),
    NIL("Description", STRING),
    NIL("ElementName", STRING),
    NIL("InstanceID", STRING),
};

static const struct cim_property managed_system_element[] = {
    NIL("Caption", STRING),
    NIL("CommunicationStatus", UINT16),
    NIL("Description", STRING),
    NIL("DetailedStatus", UINT16),
    NIL("ElementName", STRING),
    NIL("HealthState", UINT16),
    NIL("InstallDate", DATETIME),
    NIL("InstanceID", STRING),
    NIL("Name", STRING),
    NIL("OperatingStatus", UINT16),
    NIL_ARRAY("OperationalStatus", UINT16),
    NIL("PrimaryStatus", UINT16),
    NIL("Status", STRING),
    NIL_ARRAY("StatusDescriptions", STRING),
};

static const struct cim_property enabled_logical_element[] = {
    NIL_ARRAY("AvailableRequestedStates", UINT16),
    NIL("Caption", STRING),
    NIL("CommunicationStatus", UINT16),
    NIL("Description", STRING),
    NIL("DetailedStatus", UINT16),
    NIL("ElementName", STRING),
    NIL("EnabledDefault", UINT16),
    NIL("EnabledState", UINT16),
    NIL("HealthState", UINT16),
    NIL("InstallDate", DATETIME),
    NIL("InstanceID", STRING),
    NIL("Name", STRING),
    NIL("OperatingStatus", UINT16),
    NIL_ARRAY("OperationalStatus", UINT16),
    NIL("OtherEnabledState", STRING),
    NIL("PrimaryStatus", UINT16),
    NIL("RequestedState", UINT16),
    NIL("Status", STRING),
    NIL_ARRAY("StatusDescriptions", STRING),
    NIL("TimeOfLastStateChange", DATETIME),
    NIL("TransitioningToState", UINT16),
};

static const struct cim_property system[] = {
    NIL_ARRAY("AvailableRequestedStates", UINT16),
    NIL("Caption", STRING),
    NIL("CommunicationStatus", UINT16),
    { "CreationClassName", CIM_STRING, CIM_KEY, NULL, NULL },
    NIL("Description", STRING),
    NIL("DetailedStatus", UINT16),
    NIL("ElementName", STRING),
    NIL("EnabledDefault", UINT16),
    NIL("EnabledState", UINT16),
    NIL("HealthState", UINT16),
    NIL_ARRAY("IdentifyingDescriptions", STRING),
    NIL("InstallDate", DATETIME),
    NIL("InstanceID", STRING),
    { "Name", CIM_STRING, CIM_KEY, NULL, NULL },
    NIL("NameFormat", STRING),
    NIL("OperatingStatus", UINT16),
    NIL_ARRAY("OperationalStatus", UINT16),
    NIL("OtherEnabledState", STRING),
    NIL_ARRAY("OtherIdentifyingInfo", STRING),
    NIL("PrimaryOwnerContact", STRING),
    NIL("PrimaryOwnerName", STRING),
    NIL("PrimaryStatus", UINT16),
    NIL("RequestedState", UINT16),
    NIL_ARRAY("Roles", STRING),
    NIL("Status", STRING),
    NIL_ARRAY("StatusDescriptions", STRING),
    NIL("TimeOfLastStateChange", DATETIME),
    NIL("TransitioningToState", UINT16),
};

static const struct cim_property service[] = {
    NIL_ARRAY("AvailableRequestedStates", UINT16),
    NIL("Caption", STRING),
    NIL("CommunicationStatus", UINT16),
    { "CreationClassName", CIM_STRING, CIM_KEY, NULL, NULL },
    NIL("Description", STRING),
    NIL("DetailedStatus", UINT16),
    NIL("ElementName", STRING),
    NIL("EnabledDefault", UINT16),
    NIL("EnabledState", UINT16),
    NIL("HealthState", UINT16),
    NIL("InstallDate", DATETIME),
    NIL("InstanceID", STRING),
    { "Name", CIM_STRING, CIM_KEY, NULL, NULL },
    NIL("OperatingStatus", UINT16),
    NIL_ARRAY("OperationalStatus", UINT16),
    NIL("OtherEnabledState", STRING),
    NIL("PrimaryOwnerContact", STRING),
    NIL("PrimaryOwnerName", STRING),
    NIL("PrimaryStatus", UINT16),
    NIL("RequestedState", UINT16),
    NIL("Started", BOOLEAN),
    NIL("StartMode", STRING),
    NIL("Status", STRING),
    NIL_ARRAY("StatusDescriptions", STRING),
    { "SystemCreationClassName", CIM_STRING, CIM_KEY, NULL, NULL },
    { "SystemName", CIM_STRING, CIM_KEY, NULL, NULL },
    NIL("TimeOfLastStateChange", DATETIME),
    NIL("TransitioningToState", UINT16),
};

static const struct cim_property job[] = {
    NIL("Caption", STRING),
    NIL("CommunicationStatus", UINT16),
    NIL("DeleteOnCompletion", BOOLEAN),
    NIL("Description", STRING),
    NIL("DetailedStatus", UINT16),
    NIL("ElapsedTime", INTERVAL),
    NIL("ElementName", STRING),
    NIL("ErrorCode", UINT16),
    NIL("ErrorDescription", STRING),
    NIL("HealthState", UINT16),
    NIL("InstallDate", DATETIME),
    NIL("InstanceID", STRING),
    NIL("JobRunTimes", UINT32),
    NIL("JobStatus", STRING),
    NIL("LocalOrUtcTime", UINT16),
    NIL("Name", STRING),
    NIL("Notify", STRING),
    NIL("OperatingStatus", UINT16),
    NIL_ARRAY("OperationalStatus", UINT16),
    NIL("OtherRecoveryAction", STRING),
    NIL("Owner", STRING),
    NIL("PercentComplete", UINT16),
    NIL("PrimaryStatus", UINT16),
    NIL("Priority", UINT32),
    NIL("RecoveryAction", UINT16),
    NIL("RunDay", SINT8),
    NIL("RunDayOfWeek", SINT8),
    NIL("RunMonth", UINT8),
    NIL("RunStartInterval", INTERVAL),
    NIL("ScheduledStartTime", DATETIME),
    NIL("StartTime", DATETIME),
    NIL("Status", STRING),
    NIL_ARRAY("StatusDescriptions", STRING),
    NIL("TimeSubmitted", DATETIME),
    NIL("UntilTime", DATETIME),
};

static const struct cim_property setting_data[] = {
    NIL("Caption", STRING),
    NIL("ChangeableType", UINT16),
    NIL("ConfigurationName", STRING),
    NIL("Description", STRING),
    NIL("ElementName", STRING),
    { "InstanceID", CIM_STRING, CIM_KEY, NULL, NULL },
};

static const struct cim_property capabilities[] = {
    NIL("Caption", STRING),
    NIL("Description", STRING),
    NIL("ElementName", STRING),
    { "InstanceID", CIM_STRING, CIM_KEY, NULL, NULL },
};

static const struct cim_property registered_specification[] = {
    NIL_ARRAY("AdvertiseTypeDescriptions", STRING),
    NIL_ARRAY("AdvertiseTypes", UINT16),
    NIL("Caption", STRING),
    NIL("Description", STRING),
    NIL("ElementName", STRING),
    { "InstanceID", CIM_STRING, CIM_KEY, NULL, NULL },
    NIL("OtherRegisteredOrganization", STRING),
    NIL("RegisteredName", STRING),
    NIL("RegisteredOrganization", UINT16),
    NIL("RegisteredVersion", STRING),
    NIL("SpecificationType", UINT16),
};

static const struct cim_property dependency[] = {
    REF_KEY("Antecedent"),
    REF_KEY("Dependent"),
};

static const struct cim_property component[] = {
    REF_KEY("GroupComponent"),
    REF_KEY("PartComponent"),
};

#define BASE(text, table, ...)                                                                     \
    {                                                                                              \
        .ns = CIM_NS_INTEROP, .abstract = true, .name = text,                                      \
        .super = (const char *const[]){ __VA_ARGS__ }, .properties = table,                        \
        .property_count = COUNT(table),                                                            \
    }

const struct cim_class dmtf_managed_element = BASE("CIM_ManagedElement", managed_element, NULL);
const struct cim_class dmtf_managed_system_element =
    BASE("CIM_ManagedSystemElement", managed_system_element, "CIM_ManagedElement", NULL);
const struct cim_class dmtf_logical_element =
    BASE("CIM_LogicalElement", managed_system_element,
         "CIM_ManagedSystemElement", "CIM_ManagedElement", NULL);
const struct cim_class dmtf_enabled_logical_element =
    BASE("CIM_EnabledLogicalElement", enabled_logical_element, "CIM_LogicalElement",
         "CIM_ManagedSystemElement", "CIM_ManagedElement", NULL);
const struct cim_class dmtf_system =
    BASE("CIM_System", system, "CIM_EnabledLogicalElement", "CIM_LogicalElement",
         "CIM_ManagedSystemElement", "CIM_ManagedElement", NULL);
const struct cim_class dmtf_service =
    BASE("CIM_Service", service, "CIM_EnabledLogicalElement", "CIM_LogicalElement",
         "CIM_ManagedSystemElement", "CIM_ManagedElement", NULL);
const struct cim_class dmtf_job =
    BASE("CIM_Job", job, "CIM_LogicalElement",
         "CIM_ManagedSystemElement", "CIM_ManagedElement", NULL);
const struct cim_class dmtf_setting_data =
    BASE("CIM_SettingData", setting_data, "CIM_ManagedElement", NULL);
const struct cim_class dmtf_base_capabilities =
    BASE("CIM_Capabilities", capabilities, "CIM_ManagedElement", NULL);
const struct cim_class dmtf_registered_specification =
    BASE("CIM_RegisteredSpecification", registered_specification, "CIM_ManagedElement", NULL);
const struct cim_class dmtf_dependency = BASE("CIM_Dependency", dependency, NULL);
const struct cim_class dmtf_hosted_dependency =
    BASE("CIM_HostedDependency", dependency, "CIM_Dependency", NULL);
const struct cim_class dmtf_component = BASE("CIM_Component", component, NULL);
