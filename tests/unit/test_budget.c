/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/budget.h"

#include "unit.h"

enum { K = 1024, FREE = BUDGET_FREE };

static void test_early(void)
{
    struct budget budget = { .limit = 1000 * K, .early_limit = 100 * K };
    struct budget_share a = { 0 }, b = { 0 };

    /* What is free of the smaller budget counts in all. */
    CU_ASSERT_PTR_NULL(budget_grow(&budget, &a, FREE));
    CU_ASSERT_EQUAL(budget.used, FREE);
    CU_ASSERT_EQUAL(budget.early, 0);
    CU_ASSERT_PTR_NULL(budget_grow(&budget, &a, FREE + 60 * K));
    CU_ASSERT_EQUAL(budget.early, 60 * K);
    CU_ASSERT_PTR_NULL(budget_grow(&budget, &b, FREE + 40 * K));
    /* Full: what is refused changes nothing, and small requests go on. */
    CU_ASSERT_STRING_EQUAL(budget_grow(&budget, &b, FREE + 40 * K + 1),
                           "too many octets in flight before a login");
    CU_ASSERT_EQUAL(budget.used, 2 * FREE + 100 * K);
    CU_ASSERT_EQUAL(b.bytes, FREE + 40 * K);
    CU_ASSERT_PTR_NULL(budget_grow(&budget, &(struct budget_share){ 0 }, FREE));
    /* A login gives back the one and keeps the other. */
    budget_set(&budget, &a, FREE + 60 * K, true);
    CU_ASSERT_EQUAL(budget.early, 40 * K);
    CU_ASSERT_PTR_NULL(budget_grow(&budget, &b, FREE + 100 * K));
    budget_set(&budget, &a, 0, false);
    budget_set(&budget, &b, 0, false);
    CU_ASSERT_EQUAL(budget.early, 0);
    CU_ASSERT_EQUAL(budget.used, FREE); /* the share that nobody gave back */
}

static void test_all(void)
{
    struct budget budget = { .limit = 100 * K, .early_limit = 100 * K };
    struct budget_share known = { 0, true }, other = { 0 };

    CU_ASSERT_PTR_NULL(budget_grow(&budget, &known, 90 * K));
    CU_ASSERT_EQUAL(budget.early, 0);
    CU_ASSERT_STRING_EQUAL(budget_grow(&budget, &other, 11 * K), "too many octets in flight");
    CU_ASSERT_PTR_NULL(budget_grow(&budget, &other, 10 * K));
    CU_ASSERT_PTR_NULL(budget_grow(&budget, &known, 5 * K)); /* no growth: never refused */
    CU_ASSERT_EQUAL(known.bytes, 90 * K);
    /* What is there already counts, however much. */
    budget_set(&budget, &known, 200 * K, true);
    CU_ASSERT_PTR_NOT_NULL(budget_grow(&budget, &other, 10 * K + 1));
    budget_set(&budget, &known, 0, true);
    CU_ASSERT_PTR_NULL(budget_grow(&budget, &other, 100 * K));
    budget_set(&budget, &other, 0, false);
    CU_ASSERT_EQUAL(budget.used, 0);
    CU_ASSERT_EQUAL(budget.early, 0);
}

UNIT_MAIN({ "before a login", test_early }, { "in all", test_all })
