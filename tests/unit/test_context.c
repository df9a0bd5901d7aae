/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "wsman/context.h"

#include <stdlib.h>
#include <string.h>

static const struct principal alice = { "alice", ROLE_VIEWER, "*", NULL };
static const struct principal bob = { "bob", ROLE_OPERATOR, "*", NULL };
static const struct principal root = { "root", ROLE_ADMINISTRATOR, "*", NULL };

static void put(struct context_table *table, const struct principal *who, char name[GUID_TEXT])
{
    struct context *context = context_new(who);

    CU_ASSERT_PTR_NOT_NULL_FATAL(context);
    CU_ASSERT_EQUAL(context_put(table, context, name, NULL), 0);
}

static enum error_code take(struct context_table *table, const char *name, const struct principal *who)
{
    struct error err = { 0 };
    struct context *context = context_take(table, name, who, &err);

    CU_ASSERT_EQUAL(context == NULL, err.code != ERR_NONE);
    if (context)
        context_drop(table, context);
    return err.code;
}

static void test_once(void)
{
    struct context_table *table = context_table_new(4, 60);
    char name[GUID_TEXT];

    put(table, &alice, name);
    CU_ASSERT_EQUAL(take(table, name, &alice), ERR_NONE);
    CU_ASSERT_EQUAL(take(table, name, &alice), ERR_BAD_CONTEXT);
    context_table_free(table);
}

static void test_owner(void)
{
    struct context_table *table = context_table_new(4, 60);
    char name[GUID_TEXT];

    put(table, &alice, name);
    CU_ASSERT_EQUAL(take(table, name, &bob), ERR_BAD_CONTEXT);
    CU_ASSERT_EQUAL(take(table, name, &root), ERR_NONE);
    context_table_free(table);
}

static void test_names(void)
{
    struct context_table *table = context_table_new(4, 60);
    char name[GUID_TEXT], full[64];

    put(table, &alice, name);
    CU_ASSERT_EQUAL(take(table, NULL, &alice), ERR_BAD_CONTEXT);
    CU_ASSERT_EQUAL(take(table, "", &alice), ERR_BAD_CONTEXT);
    CU_ASSERT_EQUAL(take(table, "uuid:", &alice), ERR_BAD_CONTEXT);
    CU_ASSERT_EQUAL(take(table, "uuid:x", &alice), ERR_BAD_CONTEXT);
    snprintf(full, sizeof(full), "uuid:%s", name);
    CU_ASSERT_EQUAL(take(table, full, &alice), ERR_NONE);
    context_table_free(table);
}

static void test_bounds(void)
{
    struct context_table *table = context_table_new(2, 60);
    struct context *third = context_new(&alice);
    struct error err = { 0 };
    char name[GUID_TEXT];

    put(table, &alice, name);
    put(table, &alice, name);
    CU_ASSERT_EQUAL(context_put(table, third, name, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_QUOTA);
    context_drop(table, third);
    context_table_free(table);
}

static void test_octets(void)
{
    struct context_table *table = context_table_new(2, 60);
    struct context *large = context_new(&alice), *small;
    struct error err = { 0 };
    char name[GUID_TEXT];

    for (size_t i = 0; i < 100; i++)
        arena_alloc(&large->arena, 4096);
    CU_ASSERT_EQUAL(context_put(table, large, name, &err), 0);
    large = context_take(table, name, &alice, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(large);
    for (size_t i = 0; i < 100; i++)
        arena_alloc(&large->arena, 4096);
    CU_ASSERT_EQUAL(context_put(table, large, name, &err), -1); /* it has grown too much */
    CU_ASSERT_EQUAL(err.code, ERR_QUOTA);
    error_clear(&err);
    context_drop(table, large);
    small = context_new(&alice);
    CU_ASSERT_EQUAL(context_put(table, small, name, &err), 0);
    context_table_free(table);
}

/* The place of one in use is not given away, and nobody else gets at it. */
static void test_in_use(void)
{
    struct context_table *table = context_table_new(1, 60);
    struct context *other = context_new(&alice), *ours;
    struct error err = { 0 };
    char first[GUID_TEXT], second[GUID_TEXT];

    put(table, &alice, first);
    ours = context_take(table, first, &alice, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ours);
    CU_ASSERT_EQUAL(take(table, first, &alice), ERR_BAD_CONTEXT);
    CU_ASSERT_EQUAL(context_put(table, other, second, &err), -1);
    error_clear(&err);
    context_drop(table, other);
    CU_ASSERT_EQUAL(context_put(table, ours, second, &err), 0);
    CU_ASSERT_EQUAL(take(table, first, &alice), ERR_BAD_CONTEXT);
    ours = context_take(table, second, &alice, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ours);
    context_return(table, ours);
    CU_ASSERT_EQUAL(take(table, second, &alice), ERR_NONE);
    context_table_free(table);
}

static void test_expiry(void)
{
    struct context_table *table = context_table_new(1, 0);
    char name[GUID_TEXT];

    put(table, &alice, name);
    CU_ASSERT_EQUAL(take(table, name, &alice), ERR_BAD_CONTEXT);
    put(table, &alice, name); /* the expired one made room */
    context_table_free(table);
}

UNIT_MAIN({ "a name is good for one Pull", test_once }, { "a context belongs to its user", test_owner },
          { "names", test_names }, { "bounded in number", test_bounds }, { "bounded in octets", test_octets },
          { "one in use", test_in_use }, { "expiry", test_expiry })
