/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CIM_RegisteredProfile: what this service conforms to, and where that begins (the central instances).
 */
#include "classes/dmtf/dmtf.h"

#include "cim/list.h"

enum { SYSTEM_VIRTUALIZATION, VIRTUAL_SYSTEM, JOB_CONTROL, PROFILE_REGISTRATION, PROFILES };

struct profile {
    const char *id, *name, *version;
    const char *central; /* class of its central instances */
};

static const struct profile profiles[PROFILES] = {
    [SYSTEM_VIRTUALIZATION] = { DMTF_ORGANIZATION ":DSP1042-SystemVirtualization-1.0.0",
                                "System Virtualization", "1.0.0", "CIM_ComputerSystem" },
    [VIRTUAL_SYSTEM] = { DMTF_ORGANIZATION ":DSP1057-VirtualSystem-1.0.0", "Virtual System Profile", "1.0.0",
                         "CIM_ComputerSystem" },
    [JOB_CONTROL] = { DMTF_ORGANIZATION ":DSP1103-JobControl-1.0.0", "Job Control", "1.0.0",
                      "CIM_ConcreteJob" },
    [PROFILE_REGISTRATION] = { DMTF_ORGANIZATION ":DSP1033-ProfileRegistration-1.0.0",
                               "Profile Registration", "1.0.0", "CIM_RegisteredProfile" },
};

static void get_id(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = ((const struct profile *)object)->id;
}

static void get_name(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = ((const struct profile *)object)->name;
}

static void get_version(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = ((const struct profile *)object)->version;
}

static const struct cim_property properties[] = {
    NIL_ARRAY("AdvertiseTypeDescriptions", STRING),
    FIXED_ARRAY("AdvertiseTypes", UINT16, "2" /* Not Advertised */),
    GET("Caption", STRING, get_name),
    GET("Description", STRING, get_name),
    GET("ElementName", STRING, get_name),
    NIL_ARRAY("ImplementedFeatures", STRING),
    KEY("InstanceID", get_id),
    NIL("OtherRegisteredOrganization", STRING),
    GET("RegisteredName", STRING, get_name),
    FIXED("RegisteredOrganization", UINT16, "2" /* DMTF */),
    GET("RegisteredVersion", STRING, get_version),
    FIXED("SpecificationType", UINT16, "2" /* Profile */),
};

static int emit_profile(size_t which, struct cim_sink *sink)
{
    struct cim_instance instance = { &dmtf_registered_profile, &profiles[which] };

    return sink->emit(sink, &instance);
}

static int list(struct cim_call *call, struct cim_sink *sink)
{
    (void)call;
    for (size_t i = 0; i < PROFILES; i++)
        if (emit_profile(i, sink) != 0)
            return -1;
    return 0;
}

const struct cim_class dmtf_registered_profile = {
    .ns = CIM_NS_INTEROP,
    .name = "CIM_RegisteredProfile",
    .super = (const char *const[]){ "CIM_RegisteredSpecification", "CIM_ManagedElement", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .list = list,
};

/* ---- CIM_ElementConformsToProfile ---- */

/* The profile whose central instance this is, or PROFILES. */
static size_t central_of(const struct cim_instance *element)
{
    if (element->class == &dmtf_computer_system)
        return ((const struct hv_system *)element->object)->vm ? VIRTUAL_SYSTEM : SYSTEM_VIRTUALIZATION;
    if (element->class == &dmtf_concrete_job)
        return JOB_CONTROL;
    return element->class == &dmtf_registered_profile ? PROFILE_REGISTRATION : PROFILES;
}

/* Passes on the central instances of one profile. */
struct central {
    struct cim_sink sink;
    size_t profile;
    struct cim_sink *next;
};

static int emit_central(struct cim_sink *sink, const struct cim_instance *element)
{
    struct central *central = (struct central *)sink;

    return central_of(element) == central->profile ? central->next->emit(central->next, element) : 0;
}

static int conforms_walk(struct cim_call *call, const struct cim_instance *source, int from,
                         struct cim_sink *sink)
{
    const struct profile *profile = source->object;
    struct central central = { { emit_central }, 0, sink };
    size_t which = from == 1 ? central_of(source) : PROFILES;

    if (from == 1)
        return which < PROFILES ? emit_profile(which, sink) : 0;
    if (source->class != &dmtf_registered_profile)
        return 0;
    central.profile = (size_t)(profile - profiles);
    return list_class(call, cim_class_find(CIM_NS_INTEROP, profile->central), &central.sink);
}

static const struct cim_property conforms_properties[] = {
    REF_KEY("ConformantStandard"),
    REF_KEY("ManagedElement"),
};

const struct cim_class dmtf_element_conforms_to_profile = {
    .ns = CIM_NS_INTEROP,
    .name = "CIM_ElementConformsToProfile",
    .super = (const char *const[]){ NULL },
    .properties = conforms_properties,
    .property_count = COUNT(conforms_properties),
    .association = &(const struct cim_association){
        .role = { "ConformantStandard", "ManagedElement" },
        .class = { "CIM_RegisteredProfile", "CIM_ManagedElement" },
        .walk = conforms_walk,
    },
};

/* ---- CIM_ReferencedProfile: System Virtualization builds on all others ---- */

static int referenced_walk(struct cim_call *call, const struct cim_instance *source, int from,
                           struct cim_sink *sink)
{
    const bool whole = source->object == &profiles[SYSTEM_VIRTUALIZATION];

    (void)call;
    if (source->class != &dmtf_registered_profile || whole != (from == 1))
        return 0;
    if (from == 0)
        return emit_profile(SYSTEM_VIRTUALIZATION, sink);
    for (size_t i = 0; i < PROFILES; i++)
        if (i != SYSTEM_VIRTUALIZATION && emit_profile(i, sink) != 0)
            return -1;
    return 0;
}

static const struct cim_property referenced_properties[] = {
    REF_KEY("Antecedent"), /* the one that is built on */
    REF_KEY("Dependent"),
};

const struct cim_class dmtf_referenced_profile = {
    .ns = CIM_NS_INTEROP,
    .name = "CIM_ReferencedProfile",
    .super = (const char *const[]){ "CIM_ReferencedSpecification", "CIM_Dependency", NULL },
    .properties = referenced_properties,
    .property_count = COUNT(referenced_properties),
    .association = &(const struct cim_association){
        .role = { "Antecedent", "Dependent" },
        .class = { "CIM_RegisteredProfile", "CIM_RegisteredProfile" },
        .walk = referenced_walk,
    },
};
