/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Msvm_RegisteredProfile: the profiles of the DMTF that this resembles, of the host and of machines. Hyper-V has its
 * profiles in root/interop; they are in root/virtualization/v2 too, where an association leads to them. By name they
 * derive from nothing of the DMTF's: who asks for CIM_RegisteredProfile shall find the DMTF's own.
 */
#include "classes/hyperv/hyperv.h"

struct profile {
    const char *id, *name, *version;
};

static const struct profile of_host = { "DMTF:DSP1042-SystemVirtualization-1.0.0", "System Virtualization",
                                        "1.0.0" };
static const struct profile of_machine = { "DMTF:DSP1057-VirtualSystem-1.0.0", "Virtual System Profile",
                                           "1.0.0" };

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

static const struct cim_property profile_rows[] = {
    NIL_ARRAY("AdvertiseTypeDescriptions", STRING),
    FIXED_ARRAY("AdvertiseTypes", UINT16, "2"), /* not advertised */
    GET("Caption", STRING, get_name),
    GET("Description", STRING, get_name),
    GET("ElementName", STRING, get_name),
    KEY("InstanceID", get_id),
    NIL("OtherRegisteredOrganization", STRING),
    GET("RegisteredName", STRING, get_name),
    FIXED("RegisteredOrganization", UINT16, "2"), /* DMTF */
    GET("RegisteredVersion", STRING, get_version),
};

static int emit(const struct cim_class *class, const struct profile *profile, struct cim_sink *sink)
{
    const struct cim_instance instance = { class, profile };

    return sink->emit(sink, &instance);
}

static int list(struct cim_call *call, struct cim_sink *sink)
{
    (void)call;
    return emit(&msvm_registered_profile, &of_host, sink) ||
                   emit(&msvm_registered_profile, &of_machine, sink)
               ? -1
               : 0;
}

static int list_interop(struct cim_call *call, struct cim_sink *sink)
{
    (void)call;
    return emit(&msvm_registered_profile_interop, &of_host, sink) ||
                   emit(&msvm_registered_profile_interop, &of_machine, sink)
               ? -1
               : 0;
}

#define PROFILE(symbol, namespace, lists)                                                             \
    const struct cim_class symbol = {                                                                 \
        .ns = namespace,                                                                              \
        .name = "Msvm_RegisteredProfile",                                                             \
        .super = (const char *const[]){ "CIM_ManagedElement", NULL },                                 \
        .properties = profile_rows,                                                                   \
        .property_count = COUNT(profile_rows),                                                        \
        .list = lists,                                                                                \
    };

PROFILE(msvm_registered_profile, CIM_NS_V2, list)
PROFILE(msvm_registered_profile_interop, "root/interop", list_interop)

/* ---- Msvm_ReferencedProfile: that of the host builds on that of machines ---- */

static int referenced_walk(struct cim_call *call, const struct cim_instance *source, int from,
                           struct cim_sink *sink)
{
    (void)call;
    if (source->object != (from == 0 ? &of_machine : &of_host))
        return 0;
    return emit(&msvm_registered_profile, from == 0 ? &of_host : &of_machine, sink);
}

static const struct cim_property referenced_rows[] = {
    REF_KEY("Antecedent"), /* the one that is built on */
    REF_KEY("Dependent"),
};

const struct cim_class msvm_referenced_profile = {
    .ns = CIM_NS_V2,
    .name = "Msvm_ReferencedProfile",
    .super = (const char *const[]){ NULL },
    .properties = referenced_rows,
    .property_count = COUNT(referenced_rows),
    .association = &(const struct cim_association){
        .role = { "Antecedent", "Dependent" },
        .class = { "Msvm_RegisteredProfile", "Msvm_RegisteredProfile" },
        .walk = referenced_walk,
    },
};

/* ---- Msvm_ElementConformsToProfile ---- */

static int conforms_walk(struct cim_call *call, const struct cim_instance *source, int from,
                         struct cim_sink *sink)
{
    if (from == 1)
        return emit(&msvm_registered_profile,
                    ((const struct hv_system *)source->object)->vm ? &of_machine : &of_host, sink);
    return source->object == &of_host ? hv_emit_system(call, NULL, sink)
                                      : hv_each_vm(call, hv_emit_system, sink);
}

static const struct cim_property conforms_rows[] = {
    REF_KEY("ConformantStandard"),
    REF_KEY("ManagedElement"),
};

const struct cim_class msvm_element_conforms_to_profile = {
    .ns = CIM_NS_V2,
    .name = "Msvm_ElementConformsToProfile",
    .super = (const char *const[]){ NULL },
    .properties = conforms_rows,
    .property_count = COUNT(conforms_rows),
    .association = &(const struct cim_association){
        .role = { "ConformantStandard", "ManagedElement" },
        .class = { "Msvm_RegisteredProfile", "Msvm_ComputerSystem" },
        .walk = conforms_walk,
    },
};
