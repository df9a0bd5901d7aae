/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/put.h"

#include "unit.h"

#include <limits.h>
#include <string.h>

static void test_copy(void)
{
    char out[4];

    put_text(out, sizeof(out), "");
    CU_ASSERT_STRING_EQUAL(out, "");
    put_text(out, sizeof(out), "abc");
    CU_ASSERT_STRING_EQUAL(out, "abc");
    put_text(out, sizeof(out), "abcd");
    CU_ASSERT_STRING_EQUAL(out, "abc");
    put_text(out, 1, "abcd");
    CU_ASSERT_STRING_EQUAL(out, "");
}

static void test_number(void)
{
    char out[PUT_NUMBER];

    CU_ASSERT_STRING_EQUAL(put_number(out, 0), "0");
    CU_ASSERT_STRING_EQUAL(put_number(out, 1090), "1090");
    CU_ASSERT_STRING_EQUAL(put_number(out, ULONG_MAX), "18446744073709551615");
}

UNIT_MAIN({ "copy", test_copy }, { "number", test_number })
