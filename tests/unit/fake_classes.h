/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A small world of classes for the tests of the CIM layer; a test file that includes this defines
 * cim_class_registry by it.
 *
 *   root/virtualization/v2
 *     Fake_Host     "localhost"                                      : CIM_ComputerSystem
 *     Fake_System   vm "A" (settings a, snapshots a1, a2), "B"  : CIM_ComputerSystem
 *     Fake_Setting  a <- a1 <- a2 (parents), b                  : CIM_SettingData
 *     Fake_Service  one, its only key is fixed
 *     Fake_Bare     one, without keys
 *     Fake_Defines, Fake_SnapshotOf, Fake_ParentChild           associations
 *   root/cimv2
 *     Fake_Processor "cpu0"
 */
#ifndef CIMSNAPD_TESTS_FAKE_CLASSES_H
#define CIMSNAPD_TESTS_FAKE_CLASSES_H

#include "cim/class.h"
#include "cim/reference.h"

#include <string.h>
#include <strings.h>

struct fake_object {
    const char *name, *title, *state, *pid, *started, *on, *memory, *uptime;
    const char *owner;  /* Fake_Setting: its system */
    const char *parent; /* Fake_Setting */
    int snapshot;       /* Fake_Setting */
};

#define FAKE_GETTER(member)                                                                        \
    static inline void fake_get_##member(const void *object, struct arena *arena,                  \
                                         struct cim_value *out)                                    \
    {                                                                                              \
        out->text = arena_strdup(arena, ((const struct fake_object *)object)->member);             \
    }
FAKE_GETTER(name)
FAKE_GETTER(title)
FAKE_GETTER(state)
FAKE_GETTER(pid)
FAKE_GETTER(started)
FAKE_GETTER(on)
FAKE_GETTER(memory)
FAKE_GETTER(uptime)

/* What the short cuts and lists were asked; tests reset it. */
static int fake_listed, fake_got, fake_walked;
/* How often more than once Fake_SnapshotOf finds everything. */
static int fake_repeat;

static inline int fake_emit(struct cim_sink *sink, const struct cim_class *class,
                            const void *object)
{
    const struct cim_instance instance = { class, object };

    return sink->emit(sink, &instance);
}

static inline int fake_emit_named(struct cim_sink *sink, const struct cim_class *class,
                                  const struct fake_object *objects, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!name || !strcasecmp(objects[i].name, name))
            if (fake_emit(sink, class, &objects[i]))
                return -1;
    return 0;
}

#define FAKE_COUNT(array) (sizeof(array) / sizeof((array)[0]))

extern const struct cim_class fake_host, fake_system, fake_setting, fake_service, fake_bare;
extern const struct cim_class fake_processor, fake_defines, fake_snapshot_of, fake_parent_child;

static const struct fake_object fake_hosts[] = { { .name = "localhost", .title = "Host" } };

static const struct fake_object fake_systems[] = {
    { "A", "Alpha", "2", "4711", "2020-01-02T03:04:05Z", "true", "18446744073709551615",
      "P0DT0H0M7.25S", NULL, NULL, 0 },
    { "B", "It's \\ Beta", "3", NULL, NULL, "false", "10", "P0DT1H0M0S", NULL, NULL, 0 },
};

static const struct fake_object fake_settings[] = {
    { .name = "Microsoft:a", .title = "Alpha", .owner = "A", .parent = "Microsoft:a2" },
    { .name = "Microsoft:a1", .title = "first", .owner = "A", .snapshot = 1 },
    { .name = "Microsoft:a2",
      .title = "second",
      .owner = "A",
      .parent = "Microsoft:a1",
      .snapshot = 1 },
    { .name = "Microsoft:b", .title = "Beta", .owner = "B" },
};

static const struct fake_object fake_processors[] = { { .name = "cpu0" } };
static const struct fake_object fake_one = { .name = "one" };

static const struct cim_property fake_system_properties[] = {
    { "CreationClassName", CIM_STRING, CIM_KEY, "Fake_System", NULL },
    { "ElementName", CIM_STRING, 0, NULL, fake_get_title },
    { "EnabledState", CIM_UINT16, 0, NULL, fake_get_state },
    { "InstallDate", CIM_DATETIME, 0, NULL, fake_get_started },
    { "Memory", CIM_UINT64, 0, NULL, fake_get_memory },
    { "Name", CIM_STRING, CIM_KEY, NULL, fake_get_name },
    { "On", CIM_BOOLEAN, 0, NULL, fake_get_on },
    { "OperationalStatus", CIM_UINT16, CIM_ARRAY, "2", NULL },
    { "ProcessID", CIM_UINT32, 0, NULL, fake_get_pid },
    { "UpTime", CIM_INTERVAL, 0, NULL, fake_get_uptime },
};

static const struct cim_property fake_host_properties[] = {
    { "CreationClassName", CIM_STRING, CIM_KEY, "Fake_Host", NULL },
    { "ElementName", CIM_STRING, 0, NULL, fake_get_title },
    { "Name", CIM_STRING, CIM_KEY, NULL, fake_get_name },
};

static const struct cim_property fake_setting_properties[] = {
    { "ElementName", CIM_STRING, 0, NULL, fake_get_title },
    { "InstanceID", CIM_STRING, CIM_KEY, NULL, fake_get_name },
};

static const struct cim_property fake_service_properties[] = {
    { "CreationClassName", CIM_STRING, CIM_KEY, "Fake_Service", NULL },
};

static const struct cim_property fake_bare_properties[] = {
    { "Caption", CIM_STRING, 0, "bare", NULL },
};

static const struct cim_property fake_processor_properties[] = {
    { "DeviceID", CIM_STRING, CIM_KEY, NULL, fake_get_name },
};

static const struct cim_property fake_defines_properties[] = {
    { "IsCurrent", CIM_UINT16, 0, "1", NULL },
    { "ManagedElement", CIM_REFERENCE, CIM_KEY, NULL, NULL },
    { "SettingData", CIM_REFERENCE, CIM_KEY, NULL, NULL },
};

static const struct cim_property fake_dependency_properties[] = {
    { "Antecedent", CIM_REFERENCE, CIM_KEY, NULL, NULL },
    { "Dependent", CIM_REFERENCE, CIM_KEY, NULL, NULL },
};

#define FAKE_LIST(plural, class)                                                                   \
    static inline int fake_list_##plural(struct cim_call *call, struct cim_sink *sink)             \
    {                                                                                              \
        (void)call;                                                                                \
        fake_listed++;                                                                             \
        return fake_emit_named(sink, &class, fake_##plural, FAKE_COUNT(fake_##plural), NULL);      \
    }
FAKE_LIST(hosts, fake_host)
FAKE_LIST(systems, fake_system)
FAKE_LIST(settings, fake_setting)
FAKE_LIST(processors, fake_processor)

static inline int fake_list_service(struct cim_call *call, struct cim_sink *sink)
{
    (void)call;
    return fake_emit(sink, &fake_service, &fake_one);
}

static inline int fake_list_bare(struct cim_call *call, struct cim_sink *sink)
{
    (void)call;
    return fake_emit(sink, &fake_bare, &fake_one);
}

static inline int fake_get_system(struct cim_call *call, const char *key, struct cim_sink *sink)
{
    (void)call;
    fake_got++;
    return fake_emit_named(sink, &fake_system, fake_systems, FAKE_COUNT(fake_systems), key);
}

/* Systems (end 0) and those of their settings whose snapshot mark is `snapshot`. */
static inline int fake_walk_settings(const struct cim_instance *source, int from, int snapshot,
                                     struct cim_sink *sink)
{
    const struct fake_object *object = source->object;

    fake_walked++;
    if (from == 1)
        return object->snapshot != snapshot
                   ? 0
                   : fake_emit_named(sink, &fake_system, fake_systems, FAKE_COUNT(fake_systems),
                                     object->owner);
    for (size_t i = 0; i < FAKE_COUNT(fake_settings); i++)
        if (fake_settings[i].snapshot == snapshot && !strcmp(fake_settings[i].owner, object->name))
            if (fake_emit(sink, &fake_setting, &fake_settings[i]))
                return -1;
    return 0;
}

static inline int fake_walk_defines(struct cim_call *call, const struct cim_instance *source,
                                    int from, struct cim_sink *sink)
{
    (void)call;
    return fake_walk_settings(source, from, 0, sink);
}

static inline int fake_walk_snapshots(struct cim_call *call, const struct cim_instance *source,
                                      int from, struct cim_sink *sink)
{
    (void)call;
    for (int i = 0; i <= fake_repeat; i++)
        if (fake_walk_settings(source, from, 1, sink))
            return -1;
    return 0;
}

static inline int fake_walk_parents(struct cim_call *call, const struct cim_instance *source,
                                    int from, struct cim_sink *sink)
{
    const struct fake_object *object = source->object;

    (void)call;
    fake_walked++;
    if (from == 1)
        return object->parent ? fake_emit_named(sink, &fake_setting, fake_settings,
                                                FAKE_COUNT(fake_settings), object->parent)
                              : 0;
    for (size_t i = 0; i < FAKE_COUNT(fake_settings); i++)
        if (fake_settings[i].parent && !strcmp(fake_settings[i].parent, object->name))
            if (fake_emit(sink, &fake_setting, &fake_settings[i]))
                return -1;
    return 0;
}

static const struct cim_association fake_defines_ends = {
    .role = { "ManagedElement", "SettingData" },
    .class = { "Fake_System", "Fake_Setting" },
    .walk = fake_walk_defines,
};
static const struct cim_association fake_snapshot_of_ends = {
    .role = { "Antecedent", "Dependent" },
    .class = { "CIM_ComputerSystem", "CIM_SettingData" },
    .walk = fake_walk_snapshots,
};
static const struct cim_association fake_parent_child_ends = {
    .role = { "Antecedent", "Dependent" },
    .class = { "Fake_Setting", "Fake_Setting" },
    .walk = fake_walk_parents,
};

static const struct cim_method fake_methods[] = {
    { .name = "DoThis", .role = ROLE_VIEWER },
    { .name = "DoThat", .role = ROLE_OPERATOR },
};

static const char *const fake_computer_super[] = { "CIM_ComputerSystem", "CIM_ManagedElement",
                                                   NULL };
static const char *const fake_setting_super[] = { "CIM_SettingData", "CIM_ManagedElement", NULL };
static const char *const fake_dependency_super[] = { "CIM_Dependency", NULL };

#define FAKE_PROPERTIES(name) .properties = name, .property_count = FAKE_COUNT(name)

const struct cim_class fake_host = {
    .ns = CIM_NS_V2,
    .name = "Fake_Host",
    .super = fake_computer_super,
    FAKE_PROPERTIES(fake_host_properties),
    .list = fake_list_hosts,
};
const struct cim_class fake_system = {
    .ns = CIM_NS_V2,
    .name = "Fake_System",
    .super = fake_computer_super,
    FAKE_PROPERTIES(fake_system_properties),
    .methods = fake_methods,
    .method_count = FAKE_COUNT(fake_methods),
    .list = fake_list_systems,
    .get_key = "Name",
    .get = fake_get_system,
};
const struct cim_class fake_setting = {
    .ns = CIM_NS_V2,
    .name = "Fake_Setting",
    .super = fake_setting_super,
    FAKE_PROPERTIES(fake_setting_properties),
    .list = fake_list_settings,
};
const struct cim_class fake_service = {
    .ns = CIM_NS_V2,
    .name = "Fake_Service",
    FAKE_PROPERTIES(fake_service_properties),
    .list = fake_list_service,
};
const struct cim_class fake_bare = {
    .ns = CIM_NS_V2,
    .name = "Fake_Bare",
    FAKE_PROPERTIES(fake_bare_properties),
    .list = fake_list_bare,
};
const struct cim_class fake_processor = {
    .ns = "root/cimv2",
    .name = "Fake_Processor",
    FAKE_PROPERTIES(fake_processor_properties),
    .list = fake_list_processors,
};
const struct cim_class fake_defines = {
    .ns = CIM_NS_V2,
    .name = "Fake_Defines",
    FAKE_PROPERTIES(fake_defines_properties),
    .association = &fake_defines_ends,
};
const struct cim_class fake_snapshot_of = {
    .ns = CIM_NS_V2,
    .name = "Fake_SnapshotOf",
    .super = fake_dependency_super,
    FAKE_PROPERTIES(fake_dependency_properties),
    .association = &fake_snapshot_of_ends,
};
const struct cim_class fake_parent_child = {
    .ns = CIM_NS_V2,
    .name = "Fake_ParentChild",
    .super = fake_dependency_super,
    FAKE_PROPERTIES(fake_dependency_properties),
    .association = &fake_parent_child_ends,
};

const struct cim_class *const cim_class_registry[] = {
    &fake_host,      &fake_system,  &fake_setting,     &fake_service,      &fake_bare,
    &fake_processor, &fake_defines, &fake_snapshot_of, &fake_parent_child, NULL,
};

/* The real one would draw in all of core. */
const char *core_host_name(const struct core *core)
{
    (void)core;
    return "HOST";
}

/* A call by nobody, without a core: the tests' classes ask neither. */
struct fake_call {
    struct arena arena;
    struct error err;
    struct cim_call call;
};

static inline void fake_begin(struct fake_call *fake)
{
    fake->arena = (struct arena)ARENA_INIT;
    fake->err = (struct error){ 0 };
    fake->call = (struct cim_call){ .arena = &fake->arena, .err = &fake->err };
    fake_listed = fake_got = fake_walked = 0;
}

/* Takes names of instances as "A B": the key that tells them apart, or the class. */
struct fake_sink {
    struct cim_sink sink;
    char text[512];
    size_t count, stop_after; /* 0: never */
};

static inline int fake_take(struct cim_sink *sink, const struct cim_instance *instance)
{
    struct fake_sink *taken = (struct fake_sink *)sink;
    const struct fake_object *object = instance->object;
    const struct cim_pair *pair = instance->object;
    size_t used = strlen(taken->text);
    const char *space = used ? " " : "";

    if (instance->class->association)
        snprintf(taken->text + used, sizeof(taken->text) - used, "%s%s-%s", space,
                 ((const struct fake_object *)pair->end[0].object)->name,
                 ((const struct fake_object *)pair->end[1].object)->name);
    else
        snprintf(taken->text + used, sizeof(taken->text) - used, "%s%s", space, object->name);
    return ++taken->count == taken->stop_after ? -1 : 0;
}

#define FAKE_SINK                                                                                  \
    {                                                                                              \
        { fake_take }, "", 0, 0                                                                    \
    }

#endif
