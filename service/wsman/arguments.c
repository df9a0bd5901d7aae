/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/invoke.h"

#include "cim/embedded.h"
#include "wsman/any.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    enum cim_type type;
    bool is_signed;
    unsigned bits;
} integers[] = {
    { CIM_UINT8, false, 8 },  { CIM_UINT16, false, 16 }, { CIM_UINT32, false, 32 },
    { CIM_UINT64, false, 64 }, { CIM_SINT8, true, 8 },    { CIM_SINT16, true, 16 },
    { CIM_SINT32, true, 32 },  { CIM_SINT64, true, 64 },
};

static const char *trim(const char *text, struct arena *arena)
{
    size_t len;

    text += strspn(text, " \t\r\n");
    len = strlen(text);
    while (len && strchr(" \t\r\n", text[len - 1]))
        len--;
    return arena_strndup(arena, text, len);
}

static bool is_integer(const char *text, bool is_signed, unsigned bits)
{
    const char *digits = text + (*text == '+' || (is_signed && *text == '-'));
    char *rest;

    if (!*digits || strspn(digits, "0123456789") != strlen(digits))
        return false;
    errno = 0;
    if (is_signed) {
        long long value = strtoll(text, &rest, 10);
        long long most = (long long)(~0ull >> (65 - bits));
        return errno == 0 && value <= most && value >= -most - 1;
    }
    return strtoull(text, &rest, 10) <= (~0ull >> (64 - bits)) && errno == 0;
}

static const char *read_scalar(struct op *op, const struct cim_parameter *p, const char *text)
{
    const char *value = p->type == CIM_STRING ? text : trim(text, &op->arena);
    bool good = true;

    if (!value) {
        error_set(&op->err, ERR_NO_MEMORY, NULL);
        return NULL;
    }
    for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++)
        if (integers[i].type == p->type)
            good = is_integer(value, integers[i].is_signed, integers[i].bits);
    if (p->type == CIM_BOOLEAN) {
        good = strcasecmp(value, "true") == 0 || strcasecmp(value, "false") == 0 ||
               strcmp(value, "1") == 0 || strcmp(value, "0") == 0;
        if (good)
            value = strcasecmp(value, "true") == 0 || *value == '1' ? "true" : "false";
    }
    if (good)
        return value;
    error_set(&op->err, ERR_PARAMETER_TYPE, "The value of parameter %s is not of its type.", p->name);
    return NULL;
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

static int read_instance(struct op *op, const struct any *node, struct cim_argument *out)
{
    const char *text = any_text(node);

    if (any_first(node))
        out->instance = read_nested(op, node);
    else if (is_blank(text))
        out->given = false;
    else
        out->instance = cim_embedded_parse(text, &op->arena, &op->err);
    return op->err.code ? -1 : 0;
}

static int read_argument(struct op *op, const struct cim_parameter *p, const struct any *node,
                         struct cim_argument *out)
{
    const char **items;

    if (out->seen && !(p->flags & CIM_ARRAY))
        return error_set(&op->err, ERR_PARAMETER_NAME, "The parameter %s is there twice.", p->name);
    out->seen = true;
    if (any_is_nil(node))
        return 0;
    if (p->type == CIM_INSTANCE) {
        out->given = true;
        return read_instance(op, node, out);
    }
    if (p->type == CIM_REFERENCE) {
        out->given = true;
        out->value.ref = any_reference(node, p->class, &op->arena, &op->err);
        return out->value.ref ? 0 : -1;
    }
    out->given = true;
    if (!(p->flags & CIM_ARRAY)) {
        out->value.text = read_scalar(op, p, any_text(node));
        return out->value.text ? 0 : -1;
    }
    items = (const char **)out->value.items;
    items[out->value.count] = read_scalar(op, p, any_text(node));
    return items[out->value.count++] ? 0 : -1;
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
    size_t inputs = op->request.body.invoke.count;
    struct cim_argument *args;

    args = arena_alloc(&op->arena, (method->parameter_count + 1) * sizeof(*args));
    for (size_t i = 0; args && i < method->parameter_count; i++)
        if (method->parameters[i].flags & CIM_ARRAY)
            args[i].value.items = arena_alloc(&op->arena, (inputs + 1) * sizeof(char *));
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
