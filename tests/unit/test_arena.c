/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/arena.h"

#include "unit.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static void test_pieces(void)
{
    struct arena a = ARENA_INIT;

    for (size_t size = 0; size < 3000; size++) {
        unsigned char *p = arena_alloc(&a, size);
        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        CU_ASSERT_EQUAL((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            if (p[i])
                CU_FAIL("not zero");
        memset(p, 0xff, size);
    }
    CU_ASSERT_PTR_NOT_NULL(arena_alloc(&a, 1000000));
    CU_ASSERT_TRUE(a.used >= 1000000);
    CU_ASSERT_TRUE(arena_ok(&a));
    arena_free(&a);
    CU_ASSERT_EQUAL(a.used, 0);
}

static void test_strings(void)
{
    struct arena a = ARENA_INIT;

    CU_ASSERT_STRING_EQUAL(arena_strdup(&a, "abc"), "abc");
    CU_ASSERT_PTR_NULL(arena_strdup(&a, NULL));
    CU_ASSERT_STRING_EQUAL(arena_strndup(&a, "abc", 2), "ab");
    CU_ASSERT_STRING_EQUAL(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
    CU_ASSERT_TRUE(arena_ok(&a));
    arena_free(&a);
}

static void count(void *p)
{
    ++*(int *)p;
}

static void test_defer(void)
{
    struct arena a = ARENA_INIT;
    int released = 0;

    CU_ASSERT_EQUAL(arena_defer(&a, count, &released), 0);
    CU_ASSERT_PTR_NOT_NULL(arena_alloc(&a, 10));
    CU_ASSERT_EQUAL(arena_defer(&a, count, &released), 0);
    CU_ASSERT_EQUAL(released, 0);
    arena_free(&a);
    CU_ASSERT_EQUAL(released, 2);
}

static void test_failure(void)
{
    struct arena a = ARENA_INIT;

    CU_ASSERT_PTR_NULL(arena_alloc(&a, SIZE_MAX));
    CU_ASSERT_PTR_NULL(arena_alloc(&a, SIZE_MAX - 8));
    arena_free(&a);
}

UNIT_MAIN({ "pieces are aligned and zero", test_pieces }, { "strings", test_strings },
          { "deferred releases", test_defer }, { "too much", test_failure })
