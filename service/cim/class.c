/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/class.h"

#include "cim/reference.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int compare_property(const void *name, const void *row)
{
    return strcasecmp(name, ((const struct cim_property *)row)->name);
}

bool cim_is_name(const char *text)
{
    if (!isalpha((unsigned char)*text) && *text != '_')
        return false;
    while (isalnum((unsigned char)*text) || *text == '_')
        text++;
    return !*text;
}

static const struct cim_property *find_in(const struct cim_property *rows, size_t count,
                                          const char *name)
{
    return count ? bsearch(name, rows, count, sizeof(*rows), compare_property) : NULL;
}

const struct cim_property *cim_property_find(const struct cim_class *class, const char *name)
{
    const struct cim_property *own = find_in(class->properties, class->property_count, name);

    return own || !class->shared ? own : find_in(class->shared->rows, class->shared->count, name);
}

const struct cim_property *cim_property_next(const struct cim_class *class, struct cim_walk *walk)
{
    bool own = walk->own < class->property_count;
    bool shared = class->shared && walk->shared < class->shared->count;
    int order = own && shared ? strcasecmp(class->properties[walk->own].name,
                                           class->shared->rows[walk->shared].name)
                              : 0;

    if (!own && !shared)
        return NULL;
    if (shared && (!own || order > 0))
        return &class->shared->rows[walk->shared++];
    if (shared && order == 0)
        walk->shared++;
    return &class->properties[walk->own++];
}

size_t cim_property_most(const struct cim_class *class)
{
    return class->property_count + (class->shared ? class->shared->count : 0);
}

const struct cim_method *cim_method_find(const struct cim_class *class, const char *name)
{
    for (size_t i = 0; i < class->method_count; i++)
        if (!strcasecmp(class->methods[i].name, name))
            return &class->methods[i];
    return NULL;
}

/* The end of an association that `property` refers to; NULL when the property is no role. */
static const struct cim_instance *role_end(const struct cim_instance *instance,
                                           const struct cim_property *property)
{
    const struct cim_association *association = instance->class->association;
    const struct cim_pair *pair = instance->object;

    for (int i = 0; association && i < 2; i++)
        if (!strcasecmp(association->role[i], property->name))
            return &pair->end[i];
    return NULL;
}

/* The value that the origin gives; of an association it is told of the ends as the origin knows them. */
static void get_same(const struct cim_instance *instance, const struct cim_property *property,
                     struct arena *arena, struct cim_value *out)
{
    struct cim_instance plain = cim_instance_plain(instance);
    struct cim_pair pair;

    if (plain.class->association) {
        pair = *(const struct cim_pair *)instance->object;
        for (int i = 0; i < 2; i++)
            pair.end[i] = cim_instance_plain(&pair.end[i]);
        plain.object = &pair;
    }
    property = cim_property_find(plain.class, property->fixed ? property->fixed : property->name);
    if (property)
        cim_get(&plain, property, arena, out);
}

void cim_get(const struct cim_instance *instance, const struct cim_property *property,
             struct arena *arena, struct cim_value *out)
{
    const struct cim_instance *end = role_end(instance, property);

    *out = (struct cim_value){ 0 };
    if (end) {
        out->ref = cim_ref_of(end, arena);
    } else if (property->flags & CIM_SAME) {
        get_same(instance, property, arena, out);
    } else if (property->get) {
        property->get(instance->object, arena, out);
    } else if (property->fixed && (property->flags & CIM_ARRAY)) {
        out->items = &property->fixed;
        out->count = 1;
    } else {
        out->text = property->fixed;
    }
}

void cim_get_named(const struct cim_class *class, const void *object, const char *name, struct arena *arena,
                   struct cim_value *out)
{
    const struct cim_instance instance = { class, object };
    const struct cim_property *property = cim_property_find(class, name);

    *out = (struct cim_value){ 0 };
    if (property)
        cim_get(&instance, property, arena, out);
}

/* Beside hundreds of classes: most differ in their first letter already (Msvm_ and CIM_). */
static bool class_named(const char *a, const char *b)
{
    return (*a | 0x20) == (*b | 0x20) && !strcasecmp(a, b);
}

bool cim_class_is(const struct cim_class *class, const char *name)
{
    if (class_named(class->name, name))
        return true;
    for (const char *const *super = class->super; super && *super; super++)
        if (class_named(*super, name))
            return true;
    return false;
}

const struct cim_class *cim_class_plain(const struct cim_class *class)
{
    return class->origin ? class->origin : class;
}

struct cim_instance cim_instance_plain(const struct cim_instance *instance)
{
    const struct cim_class *class = instance->class;

    return (struct cim_instance){ class->which ? class->which(instance->object) : cim_class_plain(class),
                                  instance->object };
}

bool cim_class_shows(const struct cim_class *class, const struct cim_class *plain)
{
    if (class == plain || class->origin == plain)
        return true;
    for (const struct cim_class *const *also = class->also; also && *also; also++)
        if (*also == plain)
            return true;
    return false;
}

const struct cim_class *cim_class_view(const struct cim_class *plain, const char *ns)
{
    if (!strcasecmp(plain->ns, ns))
        return plain;
    for (size_t i = 0; cim_class_registry[i]; i++)
        if (cim_class_shows(cim_class_registry[i], plain) && !strcasecmp(cim_class_registry[i]->ns, ns))
            return cim_class_registry[i];
    return NULL;
}

/* ---- look-up by name ---- */

/* Every name by which a class can be asked for: its own, and those of what it derives from. */
struct named {
    const char *name;
    size_t position; /* in the registry */
};

static struct {
    struct named rows[2048]; /* by name, then by position */
    size_t count;
} names;
static pthread_once_t names_once = PTHREAD_ONCE_INIT;

static int compare_named(const void *a, const void *b)
{
    const struct named *one = a, *other = b;
    int order = strcasecmp(one->name, other->name);

    return order ? order : (one->position > other->position) - (one->position < other->position);
}

static void add_name(const char *name, size_t position)
{
    if (names.count == sizeof(names.rows) / sizeof(names.rows[0]))
        abort(); /* the registry is a constant: seen by whoever adds that class */
    names.rows[names.count++] = (struct named){ name, position };
}

static void make_names(void)
{
    for (size_t i = 0; cim_class_registry[i]; i++) {
        add_name(cim_class_registry[i]->name, i);
        for (const char *const *super = cim_class_registry[i]->super; super && *super; super++)
            add_name(*super, i);
    }
    qsort(names.rows, names.count, sizeof(names.rows[0]), compare_named);
}

/* The first row at or after a name and position, perhaps the end. */
static const struct named *names_from(const char *name, size_t position)
{
    const struct named key = { name, position };
    size_t low = 0, high;

    pthread_once(&names_once, make_names);
    for (high = names.count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (compare_named(&names.rows[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return &names.rows[low];
}

/* The next class at or after *cursor that has this name or derives from one that has; ns: NULL for any. */
static const struct cim_class *next_named(const char *ns, const char *name, size_t *cursor)
{
    const struct named *row = names_from(name, *cursor), *end = names.rows + names.count;

    for (; row < end && !strcasecmp(row->name, name); row++) {
        const struct cim_class *class = cim_class_registry[row->position];
        if (ns && strcasecmp(class->ns, ns))
            continue;
        *cursor = row->position + 1;
        return class;
    }
    return NULL;
}

const struct cim_class *cim_class_find(const char *ns, const char *name)
{
    const struct cim_class *class;
    size_t cursor = 0;

    while ((class = next_named(ns, name, &cursor)))
        if (!strcasecmp(class->name, name))
            return class;
    return NULL;
}

const struct cim_class *cim_class_next(const char *ns, const char *name, size_t *cursor)
{
    const struct cim_class *class;

    if (strcmp(name, "*") != 0)
        return next_named(ns, name, cursor);
    while ((class = cim_class_registry[*cursor])) {
        ++*cursor;
        if (!strcasecmp(class->ns, ns))
            return class;
    }
    return NULL;
}

bool cim_namespace_find(const char *ns, const char **out)
{
    for (size_t i = 0; cim_class_registry[i]; i++)
        if (!strcasecmp(cim_class_registry[i]->ns, ns)) {
            *out = cim_class_registry[i]->ns;
            return true;
        }
    return false;
}

const char *cim_namespace_of(const char *name)
{
    const struct cim_class *class;
    size_t cursor = 0, any = 0;

    if (!strcmp(name, "*") || cim_class_next(CIM_NS_DEFAULT, name, &cursor))
        return CIM_NS_DEFAULT;
    class = next_named(NULL, name, &any);
    return class ? class->ns : CIM_NS_DEFAULT;
}
