/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"
#include "base/guid.h"

#include "unit.h"

static const char text[] = "0123ABCD-4567-89AB-CDEF-0123456789AB";

static void test_text(void)
{
    static const char *const same[] = { text, "{0123ABCD-4567-89AB-CDEF-0123456789AB}",
                                        "0123abcd-4567-89ab-cdef-0123456789ab" };
    static const char *const bad[] = {
        "",
        "{}",
        "0123ABCD456789ABCDEF0123456789AB",
        "0123ABCD-4567-89AB-CDEF-0123456789A",
        "0123ABCD-4567-89AB-CDEF-0123456789ABC",
        "{0123ABCD-4567-89AB-CDEF-0123456789AB",
        "0123ABCD-4567-89AB-CDEF-0123456789AB}",
        "(0123ABCD-4567-89AB-CDEF-0123456789AB)",
        "0123ABCG-4567-89AB-CDEF-0123456789AB",
        "0123ABCD-4567-89AB-CDEF+0123456789AB",
    };
    struct guid g;

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        CU_ASSERT_EQUAL(guid_parse(&g, same[i]), 0);
        CU_ASSERT_STRING_EQUAL(GUID_STR(&g), text);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_EQUAL(guid_parse(&g, bad[i]), -1);
}

static void test_derive(void)
{
    struct guid space, a, b, c;

    /* RFC 4122, appendix C: the name space for DNS, and the well-known GUID of www.example.com. */
    CU_ASSERT_EQUAL_FATAL(guid_parse(&space, "6ba7b810-9dad-11d1-80b4-00c04fd430c8"), 0);
    a = guid_derive(&space, "www.example.com");
    CU_ASSERT_STRING_EQUAL(GUID_STR(&a), "2ED6657D-E927-568B-95E1-2665A8AEA6A2");
    b = guid_derive(&space, "www.example.com");
    c = guid_derive(&space, "www.example.org");
    CU_ASSERT_TRUE(guid_equal(&a, &b));
    CU_ASSERT_FALSE(guid_equal(&a, &c));
}

static void test_random(void)
{
    struct guid a = guid_random(), b = guid_random(), null = { { 0 } };

    CU_ASSERT_FALSE(guid_equal(&a, &b));
    CU_ASSERT_FALSE(guid_is_null(&a));
    CU_ASSERT_TRUE(guid_is_null(&null));
}

/* RFC 9562: each greater than the one before, with the time and version 7. */
static void test_timed(void)
{
    int64_t before = clock_now_us() / 1000;
    struct guid last = guid_timed();
    uint64_t ms = 0;

    for (int i = 0; i < 6; i++)
        ms = ms << 8 | last.bytes[i];
    CU_ASSERT_TRUE((int64_t)ms >= before && (int64_t)ms <= clock_now_us() / 1000);
    for (int i = 0; i < 10000; i++) { /* more than a count holds */
        struct guid next = guid_timed();
        CU_ASSERT_TRUE_FATAL(guid_order(&next, &last) > 0);
        CU_ASSERT_EQUAL_FATAL(next.bytes[6] >> 4, 7);
        CU_ASSERT_EQUAL_FATAL(next.bytes[8] >> 6, 2);
        last = next;
    }
}

UNIT_MAIN({ "timed", test_timed }, { "text", test_text }, { "derived", test_derive }, { "random", test_random })
