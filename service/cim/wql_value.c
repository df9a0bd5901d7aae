/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/wql.h"

#include "cim/datetime.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- System properties */

static const char *host_name(struct cim_call *call)
{
    return call->core ? core_host_name(call->core) : "localhost";
}

static const char *get_class(struct cim_call *call, const struct cim_instance *instance)
{
    (void)call;
    return instance->class->name;
}

static const char *get_namespace(struct cim_call *call, const struct cim_instance *instance)
{
    (void)call;
    return instance->class->ns;
}

static const char *get_path(struct cim_call *call, const struct cim_instance *instance)
{
    const struct cim_ref *ref = cim_ref_of(instance, call->arena);

    return ref ? cim_ref_path(ref, host_name(call), call->arena) : NULL;
}

static const char *get_server(struct cim_call *call, const struct cim_instance *instance)
{
    (void)instance;
    return host_name(call);
}

static const struct system_property {
    const char *name;
    const char *(*get)(struct cim_call *call, const struct cim_instance *instance);
} system_properties[] = {
    { "__CLASS", get_class },
    { "__NAMESPACE", get_namespace },
    { "__PATH", get_path },
    { "__SERVER", get_server },
};

static const struct system_property *find_system(const char *name)
{
    for (size_t i = 0; i < sizeof(system_properties) / sizeof(system_properties[0]); i++)
        if (!strcasecmp(system_properties[i].name, name))
            return &system_properties[i];
    return NULL;
}

bool wql_is_system(const char *name)
{
    return find_system(name);
}

bool wql_is_this(const struct wql_operand *operand)
{
    return operand->type == OPERAND_NAME &&
           (!strcasecmp(operand->text, "__THIS") || !strcasecmp(operand->text, "__CLASS"));
}

bool wql_value(const char *name, struct cim_call *call, const struct cim_instance *instance,
               struct cim_value *out)
{
    const struct system_property *system = find_system(name);
    const struct cim_property *property = cim_property_find(instance->class, name);

    *out = (struct cim_value){ 0 };
    if (system)
        out->text = system->get(call, instance);
    else if (property)
        cim_get(instance, property, call->arena, out);
    return system || property;
}

/* --- Kinds of values, by which texts are compared */

typedef __int128 number; /* holds uint64 and sint64 alike */

static int parse_integer(const char *text, number *out)
{
    const bool negative = *text == '-';
    unsigned long long magnitude;
    char *end;

    text += negative || *text == '+';
    if (!isdigit((unsigned char)*text))
        return -1;
    errno = 0;
    magnitude = strtoull(text, &end, 10);
    if (errno || *end)
        return -1;
    *out = negative ? -(number)magnitude : (number)magnitude;
    return 0;
}

static int parse_boolean(const char *text, number *out)
{
    *out = !strcasecmp(text, "true") || !strcmp(text, "1");
    return *out || !strcasecmp(text, "false") || !strcmp(text, "0") ? 0 : -1;
}

static int parse_time(const char *text, number *out)
{
    int64_t us = 0;
    int rc = cim_datetime_parse(text, &us);

    *out = us;
    return rc;
}

static int parse_interval(const char *text, number *out)
{
    int64_t us = 0;
    int rc = cim_duration_parse(text, &us);

    *out = us;
    return rc;
}

static const struct {
    const char *name;
    int (*parse)(const char *text, number *out); /* NULL: compared as text without case */
} kinds[] = {
    [WQL_KIND_TEXT] = { "string", NULL },
    [WQL_KIND_INTEGER] = { "numeric", parse_integer },
    [WQL_KIND_BOOLEAN] = { "boolean", parse_boolean },
    [WQL_KIND_TIME] = { "datetime", parse_time },
    [WQL_KIND_INTERVAL] = { "interval", parse_interval },
    [WQL_KIND_REFERENCE] = { "reference", NULL },
};

static enum wql_value_kind kind_of_type(enum cim_type type)
{
    switch (type) {
    case CIM_BOOLEAN:
        return WQL_KIND_BOOLEAN;
    case CIM_STRING:
    case CIM_INSTANCE:
        return WQL_KIND_TEXT;
    case CIM_DATETIME:
        return WQL_KIND_TIME;
    case CIM_INTERVAL:
        return WQL_KIND_INTERVAL;
    case CIM_REFERENCE:
        return WQL_KIND_REFERENCE;
    default:
        return WQL_KIND_INTEGER;
    }
}

const char *wql_kind_name(enum wql_value_kind kind)
{
    return kinds[kind].name;
}

bool wql_kind_fits(enum wql_value_kind kind, const char *text)
{
    number ignored;

    return !kinds[kind].parse || !kinds[kind].parse(text, &ignored);
}

int wql_kind_compare(enum wql_value_kind kind, const char *a, const char *b, int *sign)
{
    number left, right;

    if (!kinds[kind].parse) {
        left = strcasecmp(a, b);
        right = 0;
    } else if (kinds[kind].parse(a, &left) || kinds[kind].parse(b, &right)) {
        return -1;
    }
    *sign = (left > right) - (left < right);
    return 0;
}

int wql_operand_kind(const struct wql_operand *operand, const struct cim_class *class)
{
    const struct cim_property *property;

    if (operand->type == OPERAND_NUMBER)
        return WQL_KIND_INTEGER;
    if (operand->type == OPERAND_BOOLEAN)
        return WQL_KIND_BOOLEAN;
    if (operand->type != OPERAND_NAME || find_system(operand->text))
        return WQL_KIND_TEXT;
    property = cim_property_find(class, operand->text);
    return property ? (int)kind_of_type(property->type) : -1;
}

int wql_comparison_kind(const struct wql_expr *expr, const struct cim_class *class)
{
    const int left = wql_operand_kind(&expr->left, class),
              right = wql_operand_kind(&expr->right, class);

    if (left < 0 || right < 0)
        return -1;
    if (expr->left.type == OPERAND_NAME)
        return left;
    if (expr->right.type == OPERAND_NAME)
        return right;
    return left == right ? left : WQL_KIND_TEXT;
}
