/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/invoke.h"

#include "cim/embedded.h"
#include "wsman/any.h"
#include "wsman/values.h"

#include <string.h>

static const char *read_scalar(struct op *op, const struct cim_parameter *p, const struct any *node)
{
    const char *value = values_read(p->type, node, &op->arena);

    if (!arena_ok(&op->arena))
        error_set(&op->err, ERR_NO_MEMORY, NULL);
    else if (!value)
        error_set(&op->err, ERR_PARAMETER_TYPE, "The value of parameter %s is not of its type.", p->name);
    return value;
}

/* Property elements (DSP0230 7.2.5.2), as some clients send instead of CIM-XML text. */
static const struct cim_embedded *read_nested(struct op *op, const struct any *node)
{
    struct cim_embedded *instance = arena_alloc(&op->arena, sizeof(*instance));
    struct cim_embedded_property *properties;
    const struct any *only = any_first(node);
    size_t room = 0;

    /* the properties themselves, or one element of the class's name around them */
    if (only && !any_next(only) && any_first(only))
        node = only;
    for (const struct any *c = any_first(node); c; c = any_next(c))
        room++;
    properties = arena_alloc(&op->arena, (room + 1) * sizeof(*properties));
    if (!instance || !properties)
        goto no_memory;
    instance->class = node == only ? any_name(node) : "";
    instance->properties = properties;
    for (const struct any *c = any_first(node); c; c = any_next(c)) {
        const char **value = arena_alloc(&op->arena, sizeof(*value));
        if (!value)
            goto no_memory;
        *value = any_text(c);
        properties[instance->count++] =
            (struct cim_embedded_property){ any_name(c), value, any_is_nil(c) ? 0 : 1, 0 };
    }
    return instance;
no_memory:
    error_set(&op->err, ERR_NO_MEMORY, NULL);
    return NULL;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

/* An instance as text or as elements; *out stays NULL for an empty one. */
static int read_instance(struct op *op, const struct any *node, const struct cim_embedded **out)
{
    const char *text = any_text(node);

    if (any_first(node))
        *out = read_nested(op, node);
    else if (!is_blank(text))
        *out = cim_embedded_parse(text, &op->arena, &op->err);
    return op->err.code ? -1 : 0;
}

/* One more element of an array, or the only one: which row fits is told by the type. */
static int read_one(struct op *op, const struct cim_parameter *p, const struct any *node,
                    struct cim_argument *out)
{
    bool array = p->flags & CIM_ARRAY;
    size_t i = out->value.count;

    if (p->type == CIM_INSTANCE) {
        const struct cim_embedded *instance = NULL;
        if (read_instance(op, node, &instance) != 0)
            return -1;
        if (array && instance)
            ((const struct cim_embedded **)out->instances)[out->value.count++] = instance;
        else
            out->instance = instance;
        out->given = array || instance;
        return 0;
    }
    if (p->type == CIM_REFERENCE) {
        const struct cim_ref *ref = any_reference(node, p->class, &op->arena, &op->err);
        if (array)
            ((const struct cim_ref **)out->value.refs)[i] = ref;
        else
            out->value.ref = ref;
    } else if (array) {
        ((const char **)out->value.items)[i] = read_scalar(op, p, node);
    } else {
        out->value.text = read_scalar(op, p, node);
    }
    out->value.count += array ? 1 : 0;
    out->given = true;
    return op->err.code ? -1 : 0;
}

static int read_argument(struct op *op, const struct cim_parameter *p, const struct any *node,
                         struct cim_argument *out)
{
    if (out->seen && !(p->flags & CIM_ARRAY))
        return error_set(&op->err, ERR_PARAMETER_NAME, "The parameter %s is there twice.", p->name);
    out->seen = true;
    return any_is_nil(node) ? 0 : read_one(op, p, node, out);
}

static const struct cim_parameter *find(const struct cim_method *method, const char *name)
{
    for (size_t i = 0; i < method->parameter_count; i++)
        if (strcmp(method->parameters[i].name, name) == 0)
            return &method->parameters[i];
    return NULL;
}

static struct cim_argument *make_room(struct op *op, const struct cim_method *method)
{
    size_t size = (op->request.body.invoke.count + 1) * sizeof(void *);
    struct cim_argument *args;

    args = arena_alloc(&op->arena, (method->parameter_count + 1) * sizeof(*args));
    for (size_t i = 0; args && i < method->parameter_count; i++) {
        const struct cim_parameter *p = &method->parameters[i];
        if (!(p->flags & CIM_ARRAY))
            continue;
        if (p->type == CIM_INSTANCE)
            args[i].instances = arena_alloc(&op->arena, size);
        else if (p->type == CIM_REFERENCE)
            args[i].value.refs = arena_alloc(&op->arena, size);
        else
            args[i].value.items = arena_alloc(&op->arena, size);
    }
    if (!arena_ok(&op->arena))
        error_set(&op->err, ERR_NO_MEMORY, NULL);
    return args;
}

struct cim_argument *arguments_read(struct op *op, const struct cim_method *method)
{
    const struct invoke_body *body = &op->request.body.invoke;
    struct cim_argument *args = make_room(op, method);

    if (op->err.code)
        return NULL;
    for (size_t i = 0; op->request.kind == BODY_INVOKE && i < body->count; i++) {
        const struct cim_parameter *p = find(method, body->inputs[i].name);
        if (!p || !(p->flags & CIM_IN)) {
            error_set(&op->err, ERR_PARAMETER_NAME, "The method %s takes no parameter %.100s.",
                      method->name, body->inputs[i].name);
            return NULL;
        }
        if (read_argument(op, p, body->inputs[i].value, &args[p - method->parameters]) != 0)
            return NULL;
    }
    for (size_t i = 0; i < method->parameter_count; i++) {
        if (method->parameters[i].flags & CIM_REQUIRED && !args[i].given) {
            error_set(&op->err, ERR_PARAMETER_NAME, "The method %s needs the parameter %s.",
                      method->name, method->parameters[i].name);
            return NULL;
        }
    }
    return args;
}
