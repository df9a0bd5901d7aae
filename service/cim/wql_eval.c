/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/wql.h"

#include <strings.h>

enum { LESS = 1, EQUAL = 2, GREATER = 4 };

/* Which outcomes of a comparison satisfy an operator. */
static const unsigned satisfied_by[] = {
    [WQL_EQ] = EQUAL,        [WQL_NE] = LESS | GREATER,  [WQL_LT] = LESS,
    [WQL_LE] = LESS | EQUAL, [WQL_GE] = GREATER | EQUAL, [WQL_GT] = GREATER,
};

/* What is asked of each instance. */
struct question {
    struct cim_call *call;
    const struct cim_instance *instance;
};

/* The value of an operand as text; NULL for NULL, and for what is no text. */
static const char *operand_text(const struct wql_operand *operand, const struct question *question)
{
    struct cim_value value = { 0 };

    if (operand->type == OPERAND_NULL)
        return NULL;
    if (operand->type != OPERAND_NAME)
        return operand->text;
    wql_value(operand->text, question->call, question->instance, &value);
    return value.text;
}

/* A reference property is compared as one key, and so matches any spelling of the path. */
static bool compare_reference(const struct wql_expr *expr, const struct question *question)
{
    const bool name_left = expr->left.type == OPERAND_NAME;
    const struct cim_key key = {
        .name = name_left ? expr->left.text : expr->right.text,
        .text = name_left ? expr->right.text : expr->left.text,
    };
    const struct cim_ref wanted = { NULL, question->instance->class->name, &key, 1 };

    return cim_ref_matches(&wanted, question->instance, question->call->arena) ==
           (expr->op == WQL_EQ);
}

static bool compare(const struct wql_expr *expr, const struct question *question)
{
    const int kind = wql_comparison_kind(expr, question->instance->class);
    const char *left, *right;
    int sign;

    if (kind == WQL_KIND_REFERENCE)
        return compare_reference(expr, question);
    left = operand_text(&expr->left, question);
    right = operand_text(&expr->right, question);
    if (kind < 0 || !left || !right ||
        wql_kind_compare((enum wql_value_kind)kind, left, right, &sign))
        return false;
    return satisfied_by[expr->op] & (sign < 0 ? LESS : sign > 0 ? GREATER : EQUAL);
}

static bool is_null(const struct wql_operand *operand, const struct question *question)
{
    struct cim_value value = { 0 };

    if (operand->type != OPERAND_NAME)
        return operand->type == OPERAND_NULL;
    /* A name that this class lacks has no value; neither comparison nor NULL test matches. */
    return wql_value(operand->text, question->call, question->instance, &value) && !value.text &&
           !value.items && !value.ref;
}

static bool is_a(const struct wql_expr *expr, const struct question *question)
{
    const struct cim_class *class = question->instance->class;
    struct cim_value value;

    if (!wql_is_this(&expr->left)) {
        wql_value(expr->left.text, question->call, question->instance, &value);
        class = value.ref ? cim_class_find(value.ref->ns, value.ref->class) : NULL;
    }
    return class && cim_class_is(class, expr->right.text);
}

static bool is_like(const struct wql_expr *expr, const struct question *question)
{
    const char *text = operand_text(&expr->left, question);

    return text && wql_like(text, expr->right.text);
}

static bool matches(const struct wql_expr *expr, const struct question *question)
{
    const struct wql_expr *child = expr->first;

    switch (expr->op) {
    case WQL_AND:
        while (child && matches(child, question))
            child = child->next;
        return !child;
    case WQL_OR:
        while (child && !matches(child, question))
            child = child->next;
        return child;
    case WQL_NOT:
        return !matches(child, question);
    case WQL_IS_NULL:
        return is_null(&expr->left, question);
    case WQL_ISA:
        return is_a(expr, question);
    case WQL_LIKE:
        return is_like(expr, question);
    default:
        return compare(expr, question);
    }
}

bool wql_matches(const struct wql_expr *where, struct cim_call *call,
                 const struct cim_instance *instance)
{
    struct arena scratch = ARENA_INIT;
    struct cim_call inner = *call;
    const struct question question = { &inner, instance };
    bool match;

    inner.arena = &scratch;
    match = !where || matches(where, &question);
    call->arena->failed |= scratch.failed;
    arena_free(&scratch);
    return match;
}

static const char *equal_to(const struct wql_operand *name, const struct wql_operand *literal,
                            const char *wanted)
{
    if (name->type != OPERAND_NAME || literal->type != OPERAND_STRING)
        return NULL;
    return strcasecmp(name->text, wanted) ? NULL : literal->text;
}

const char *wql_required(const struct wql_expr *where, const char *name)
{
    const char *text = NULL;

    if (where && where->op == WQL_EQ) {
        text = equal_to(&where->left, &where->right, name);
        return text ? text : equal_to(&where->right, &where->left, name);
    }
    if (where && where->op == WQL_AND)
        for (const struct wql_expr *child = where->first; child && !text; child = child->next)
            text = wql_required(child, name);
    return text;
}
