/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "base/utf8.h"

#include <string.h>

static void test_length(void)
{
    CU_ASSERT_EQUAL(utf8_length(""), 0);
    CU_ASSERT_EQUAL(utf8_length("abc"), 3);
    CU_ASSERT_EQUAL(utf8_length("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), 3);
    CU_ASSERT_EQUAL(utf8_length("a\x80"), -1);
}

static void test_code_points(void)
{
    static const struct {
        const char *text;
        uint32_t code;
    } good[] = { { "\x7F", 0x7F },           { "\xC2\x80", 0x80 },         { "\xDF\xBF", 0x7FF },
                 { "\xE0\xA0\x80", 0x800 },  { "\xEF\xBF\xBF", 0xFFFF },   { "\xF0\x90\x80\x80", 0x10000 },
                 { "\xF4\x8F\xBF\xBF", 0x10FFFF } };
    uint32_t code;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        CU_ASSERT_EQUAL(utf8_next(good[i].text, strlen(good[i].text), &code), strlen(good[i].text));
        CU_ASSERT_EQUAL(code, good[i].code);
        if (good[i].text[1])
            CU_ASSERT_EQUAL(utf8_next(good[i].text, strlen(good[i].text) - 1, &code), 0);
    }
}

static void test_refused(void)
{
    static const char *const bad[] = { "\x80",         "\xC0\x80",         "\xC1\xBF",         "\xE0\x9F\xBF",
                                       "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80",
                                       "\xFF",         "\xC3\x28" };
    uint32_t code;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_EQUAL(utf8_next(bad[i], strlen(bad[i]), &code), 0);
}

static void test_xml_characters(void)
{
    CU_ASSERT_TRUE(utf8_is_xml_char('\t') && utf8_is_xml_char('\n') && utf8_is_xml_char(0x20));
    CU_ASSERT_FALSE(utf8_is_xml_char(0) || utf8_is_xml_char(1) || utf8_is_xml_char(0x1F));
    CU_ASSERT_FALSE(utf8_is_xml_char(0xD800) || utf8_is_xml_char(0xFFFE) || utf8_is_xml_char(0xFFFF));
    CU_ASSERT_TRUE(utf8_is_xml_char(0xFFFD) && utf8_is_xml_char(0x10FFFF));
}

UNIT_MAIN({ "length", test_length }, { "code points", test_code_points }, { "refused", test_refused },
          { "characters of XML", test_xml_characters })
