/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/representation.h"

#include "wsman/any.h"
#include "wsman/names.h"
#include "wsman/uri.h"
#include "wsman/values.h"

#include <string.h>
#include <strings.h>

static int make_room(struct op *op, const struct cim_class *class, struct changes *out)
{
    if (!out->items)
        out->items = arena_alloc(&op->arena, (cim_property_most(class) + 1) * sizeof(*out->items));
    return out->items ? 0 : error_set(&op->err, ERR_NO_MEMORY, NULL);
}

/* The root must be the class, or one it derives from, in the namespace of that name. */
static int check_root(struct op *op, const struct cim_class *class, const struct any *root)
{
    struct target target = { 0 };
    struct error ignored = { 0 };

    if (!cim_class_is(class, any_name(root)))
        return error_set(&op->err, ERR_REPRESENTATION_VALUES, "The representation is one of %.100s, not of %.100s.",
                         any_name(root), class->name);
    if (uri_parse(any_ns(root), &target, &op->arena, &ignored) != 0 ||
        strcasecmp(target.class, any_name(root)) != 0)
        return error_set(&op->err, ERR_REPRESENTATION_NAMESPACE, NULL);
    return 0;
}

static int fail(struct op *op, const struct cim_property *property, const char *what)
{
    if (!arena_ok(&op->arena))
        return error_set(&op->err, ERR_NO_MEMORY, NULL);
    return error_set(&op->err, ERR_REPRESENTATION_VALUES, "The property %s %s.", property->name, what);
}

static int read_reference(struct op *op, const struct cim_property *property,
                          const struct any *node, struct cim_value *out)
{
    struct error why = { 0 };

    out->ref = any_reference(node, NULL, &op->arena, &why);
    return out->ref ? 0 : fail(op, property, "has a reference that makes no sense");
}

static int read_array(struct op *op, const struct cim_property *property, const struct any *first,
                      struct cim_value *out)
{
    const char **items;
    size_t room = 0;

    for (const struct any *c = first; c; c = any_next(c))
        room++;
    items = arena_alloc(&op->arena, (room + 1) * sizeof(*items));
    if (!items)
        return error_set(&op->err, ERR_NO_MEMORY, NULL);
    out->items = items;
    for (const struct any *c = first; c; c = any_next(c)) {
        if (strcmp(any_name(c), property->name) != 0 || any_is_nil(c))
            continue;
        items[out->count] = values_read(property->type, c, &op->arena);
        if (!items[out->count++])
            return fail(op, property, "has a value that is not of its type");
    }
    return 0;
}

/* The value that starts at node; of an array its siblings of the same name too. */
static int read_value(struct op *op, const struct cim_property *property, const struct any *node,
                      struct cim_value *out)
{
    *out = (struct cim_value){ 0 };
    if (property->flags & CIM_ARRAY)
        return read_array(op, property, node, out);
    if (any_is_nil(node))
        return 0;
    if (property->type == CIM_REFERENCE)
        return read_reference(op, property, node, out);
    out->text = values_read(property->type, node, &op->arena);
    return out->text ? 0 : fail(op, property, "has a value that is not of its type");
}

/* The property that an element stands for; *repeated when a sibling before it has the same name. */
static const struct cim_property *find(struct op *op, const struct cim_class *class,
                                       const struct any *first, const struct any *node,
                                       bool *repeated)
{
    const struct cim_property *property = cim_property_find(class, any_name(node));

    *repeated = false;
    if (!property || strcmp(property->name, any_name(node)) != 0) {
        error_set(&op->err, ERR_REPRESENTATION_VALUES, "%s has no property %.100s.", class->name,
                  any_name(node));
        return NULL;
    }
    for (const struct any *c = first; c != node && !*repeated; c = any_next(c))
        *repeated = strcmp(any_name(c), any_name(node)) == 0;
    if (*repeated && !(property->flags & CIM_ARRAY)) {
        fail(op, property, "is there twice");
        return NULL;
    }
    return property;
}

int representation_change(struct op *op, const struct cim_instance *instance,
                          const struct cim_property *property, const struct cim_value *value,
                          struct changes *out)
{
    struct cim_value now;

    if (make_room(op, instance->class, out) != 0)
        return -1;
    cim_get(instance, property, &op->arena, &now);
    if (values_equal(property, &now, value, &op->arena))
        return 0;
    if (!(property->flags & CIM_WRITE))
        return fail(op, property, "cannot be changed");
    out->items[out->count++] = (struct cim_change){ property, *value };
    return 0;
}

int representation_read_properties(struct op *op, const struct cim_instance *instance,
                                   const struct any *first, struct changes *out)
{
    for (const struct any *c = first; c; c = any_next(c)) {
        struct cim_value value;
        bool repeated;
        const struct cim_property *property = find(op, instance->class, first, c, &repeated);
        if (!property)
            return -1;
        if (!repeated && (read_value(op, property, c, &value) != 0 ||
                          representation_change(op, instance, property, &value, out) != 0))
            return -1;
    }
    return 0;
}

int representation_read(struct op *op, const struct cim_instance *instance, struct changes *out)
{
    const struct any *root = op->request.body.invoke.root;

    if (check_root(op, instance->class, root) != 0)
        return -1;
    return representation_read_properties(op, instance, any_first(root), out);
}

int representation_read_new(struct op *op, const struct cim_class *class, struct changes *out)
{
    const struct any *root = op->request.body.invoke.root, *first = any_first(root);

    if (check_root(op, class, root) != 0 || make_room(op, class, out) != 0)
        return -1;
    for (const struct any *c = first; c; c = any_next(c)) {
        struct cim_value value;
        bool repeated;
        const struct cim_property *property = find(op, class, first, c, &repeated);
        if (!property || (!repeated && read_value(op, property, c, &value) != 0))
            return -1;
        if (!repeated && (value.text || value.ref || value.count))
            out->items[out->count++] = (struct cim_change){ property, value };
    }
    return 0;
}
