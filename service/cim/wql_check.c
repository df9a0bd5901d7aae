/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/wql.h"

static bool name_known(const char *name, const char *ns, const char *from)
{
    const struct cim_class *class;
    size_t cursor = 0;

    while ((class = cim_class_next(ns, from, &cursor)))
        if (cim_property_find(class, name))
            return true;
    return wql_is_system(name);
}

int wql_check_name(const char *name, const char *ns, const char *from, struct error *err)
{
    if (name_known(name, ns, from))
        return 0;
    return error_set(err, ERR_BAD_FILTER, "class %.100s has no property %.100s", from, name);
}

static int check_known(const struct wql_operand *operand, const char *ns, const char *from,
                       struct error *err)
{
    if (operand->type != OPERAND_NAME || name_known(operand->text, ns, from))
        return 0;
    return error_set(err, ERR_BAD_FILTER, "at character %zu: class %.100s has no property %.100s",
                     operand->at, from, operand->text);
}

/* A comparison cannot take an array, nor a literal that is none of its kind. */
static int check_operand(const struct wql_operand *operand, enum wql_value_kind kind,
                         const struct cim_class *class, struct error *err)
{
    const struct cim_property *property = NULL;

    if (operand->type == OPERAND_NAME)
        property = cim_property_find(class, operand->text);
    if (property && (property->flags & CIM_ARRAY))
        return error_set(err, ERR_BAD_FILTER,
                         "at character %zu: %s is an array, which cannot be compared", operand->at,
                         property->name);
    if (operand->type == OPERAND_NAME && wql_operand_kind(operand, class) != (int)kind)
        return error_set(err, ERR_BAD_FILTER, "at character %zu: %.100s is not a %s property",
                         operand->at, operand->text, wql_kind_name(kind));
    if (operand->type != OPERAND_NAME && operand->type != OPERAND_NULL &&
        !wql_kind_fits(kind, operand->text))
        return error_set(err, ERR_BAD_FILTER, "at character %zu: %s literal expected, not '%.50s'",
                         operand->at, wql_kind_name(kind), operand->text);
    return 0;
}

/* Checks a comparison for one class, in which its names may be unknown: then it never matches. */
static int check_comparison(const struct wql_expr *expr, const struct cim_class *class,
                            struct error *err)
{
    const int kind = wql_comparison_kind(expr, class);

    if (kind < 0 || expr->op == WQL_IS_NULL)
        return 0;
    if (expr->op == WQL_ISA) {
        if (expr->left.type == OPERAND_NAME &&
            (wql_is_this(&expr->left) || kind == WQL_KIND_REFERENCE))
            return 0;
        return error_set(err, ERR_BAD_FILTER,
                         "at character %zu: ISA needs __THIS or a reference property",
                         expr->left.at);
    }
    if (expr->op == WQL_LIKE)
        return check_operand(&expr->left, WQL_KIND_TEXT, class, err);
    if (kind == WQL_KIND_REFERENCE &&
        ((expr->op != WQL_EQ && expr->op != WQL_NE) || expr->left.type == expr->right.type))
        return error_set(err, ERR_BAD_FILTER,
                         "at character %zu: a reference can only be = or <> a path", expr->left.at);
    if (check_operand(&expr->left, (enum wql_value_kind)kind, class, err))
        return -1;
    return check_operand(&expr->right, (enum wql_value_kind)kind, class, err);
}

int wql_check(const struct wql_expr *where, const char *ns, const char *from, struct error *err)
{
    const struct cim_class *class;
    size_t cursor = 0;

    if (!where)
        return 0;
    if (where->op >= WQL_AND) {
        for (const struct wql_expr *child = where->first; child; child = child->next)
            if (wql_check(child, ns, from, err))
                return -1;
        return 0;
    }
    if (!(where->op == WQL_ISA && wql_is_this(&where->left)) &&
        check_known(&where->left, ns, from, err))
        return -1;
    if (check_known(&where->right, ns, from, err))
        return -1;
    while ((class = cim_class_next(ns, from, &cursor)))
        if (check_comparison(where, class, err))
            return -1;
    return 0;
}
