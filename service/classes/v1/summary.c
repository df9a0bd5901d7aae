/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * V1's Msvm_SummaryInformation: what GetSummaryInformation answers there.
 */
#include "classes/v1/v1.h"

static void get_enabled_state(const void *object, struct arena *arena, struct cim_value *out)
{
    cim_get_named(&msvm_summary_information, object, "EnabledState", arena, out);
    out->text = v1_enabled_state(out->text);
}

/* Embedded instances, as the classes here show them. */
static void get_instances(const void *object, const char *name, struct arena *arena, struct cim_value *out)
{
    struct cim_instance *seen;

    cim_get_named(&msvm_summary_information, object, name, arena, out);
    seen = out->count ? arena_alloc(arena, out->count * sizeof(*seen)) : NULL;
    if (!seen) {
        *out = (struct cim_value){ 0 };
        return;
    }
    for (size_t i = 0; i < out->count; i++)
        seen[i] = (struct cim_instance){ cim_class_view(out->instances[i].class, CIM_NS_V1),
                                         out->instances[i].object };
    out->instances = seen;
}

static void get_snapshots(const void *object, struct arena *arena, struct cim_value *out)
{
    get_instances(object, "Snapshots", arena, out);
}

static void get_tasks(const void *object, struct arena *arena, struct cim_value *out)
{
    get_instances(object, "AsynchronousTasks", arena, out);
}

static const struct cim_property properties[] = {
    SAME("AllocatedGPU", STRING),
    GET_ARRAY("AsynchronousTasks", INSTANCE, get_tasks),
    SAME("AvailableMemoryBuffer", SINT32),
    SAME("CreationTime", DATETIME),
    SAME("ElementName", STRING),
    GET("EnabledState", UINT16, get_enabled_state),
    SAME("GuestOperatingSystem", STRING),
    SAME("HealthState", UINT16),
    SAME("Heartbeat", UINT16),
    SAME("MemoryAvailable", SINT32),
    SAME("MemoryUsage", UINT64),
    SAME_KEY("Name"),
    SAME("Notes", STRING),
    SAME("NumberOfProcessors", UINT16),
    SAME_ARRAY("OperationalStatus", UINT16),
    SAME("ProcessorLoad", UINT16),
    SAME_ARRAY("ProcessorLoadHistory", UINT16),
    GET_ARRAY("Snapshots", INSTANCE, get_snapshots),
    SAME_ARRAY("StatusDescriptions", STRING),
    SAME("ThumbnailImage", STRING),
    SAME("UpTime", UINT64),
};

const struct cim_class v1_summary_information = {
    .ns = CIM_NS_V1,
    .origin = &msvm_summary_information,
    .name = "Msvm_SummaryInformation",
    .super = (const char *const[]){ NULL },
    .properties = properties,
    .property_count = COUNT(properties),
};
