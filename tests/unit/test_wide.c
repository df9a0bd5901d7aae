/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/wide.h"

#include "unit.h"

#include <string.h>

static bool encodes(const char *text, enum wide_case fold, const void *octets, size_t len)
{
    unsigned char out[64];
    long n = wide_encode(out, sizeof(out), text, fold);

    return n == (long)len && memcmp(out, octets, len) == 0;
}

static void test_encode(void)
{
    unsigned char out[4];

    CU_ASSERT_TRUE(encodes("", WIDE_AS_IS, "", 0));
    CU_ASSERT_TRUE(encodes("aB", WIDE_AS_IS, "a\0B", 4));
    CU_ASSERT_TRUE(encodes("aB", WIDE_UPPER, "A\0B", 4));
    CU_ASSERT_TRUE(encodes("\xc3\xbc", WIDE_UPPER, "\xdc\0", 2));   /* u umlaut */
    CU_ASSERT_TRUE(encodes("\xd0\xb6", WIDE_UPPER, "\x16\x04", 2)); /* Cyrillic zhe */
    CU_ASSERT_TRUE(encodes("\xc3\x9f", WIDE_UPPER, "\xdf\0", 2));   /* sharp s stays */
    CU_ASSERT_TRUE(encodes("\xe4\xb8\xad", WIDE_UPPER, "\x2d\x4e", 2));
    CU_ASSERT_TRUE(encodes("\xf0\x9d\x84\x9e", WIDE_AS_IS, "\x34\xd8\x1e\xdd", 4));
    CU_ASSERT_TRUE(
        encodes("\xf0\x90\x90\xa8", WIDE_UPPER, "\x01\xd8\x28\xdc", 4)); /* Deseret stays */
    CU_ASSERT_EQUAL(wide_encode(out, 4, "abc", WIDE_AS_IS), -1);
    CU_ASSERT_EQUAL(wide_encode(out, 4, "ab", WIDE_AS_IS), 4);
    CU_ASSERT_EQUAL(wide_encode(out, 2, "\xf0\x9d\x84\x9e", WIDE_AS_IS), -1);
    CU_ASSERT_EQUAL(wide_encode(out, 4, "\xff", WIDE_AS_IS), -1);
}

static bool decodes(const void *octets, size_t len, const char *text)
{
    char out[16];

    return wide_decode(out, sizeof(out), (struct bytes){ octets, len }) == 0 &&
           strcmp(out, text) == 0;
}

static void test_decode(void)
{
    char out[16];

    CU_ASSERT_TRUE(decodes("", 0, ""));
    CU_ASSERT_TRUE(decodes("a\0\xfc\0\x2d\x4e", 6, "a\xc3\xbc\xe4\xb8\xad"));
    CU_ASSERT_TRUE(decodes("\x34\xd8\x1e\xdd", 4, "\xf0\x9d\x84\x9e"));
    CU_ASSERT_FALSE(decodes("a", 1, "a"));
    CU_ASSERT_FALSE(decodes("a\0\0\0b\0", 6, "a"));
    CU_ASSERT_FALSE(decodes("\x34\xd8", 2, ""));       /* half a pair */
    CU_ASSERT_FALSE(decodes("\x34\xd8\x61\0", 4, "")); /* and no other half */
    CU_ASSERT_FALSE(decodes("\x1e\xdd\x34\xd8", 4, ""));
    CU_ASSERT_EQUAL(wide_decode(out, 3, (struct bytes){ (const void *)"a\0b\0", 4 }), 0);
    CU_ASSERT_EQUAL(wide_decode(out, 2, (struct bytes){ (const void *)"a\0b\0", 4 }), -1);
}

static void test_names(void)
{
    char large[600];

    CU_ASSERT_EQUAL(wide_compare_names("J\xc3\xbcrgen", "j\xc3\x9cRGEN"), 0);
    CU_ASSERT_NOT_EQUAL(wide_compare_names("jurgen", "j\xc3\xbcrgen"), 0);
    CU_ASSERT_TRUE(wide_compare_names("adam", "ADAM2") < 0);
    CU_ASSERT_TRUE(wide_compare_names("b", "ADAM2") > 0);
    CU_ASSERT_TRUE(wide_compare_names("", "a") < 0);
    CU_ASSERT_NOT_EQUAL(wide_compare_names("\xff", "\xff"), 0);
    memset(large, 'a', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    CU_ASSERT_NOT_EQUAL(wide_compare_names(large, large), 0);
}

UNIT_MAIN({ "encode", test_encode }, { "decode", test_decode }, { "names", test_names })
