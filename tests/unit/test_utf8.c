/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/utf8.h"

#include "unit.h"

#include <string.h>

static void test_next(void)
{
    static const struct {
        const char *text;
        size_t octets;
        uint32_t code;
    } cases[] = {
        { "a", 1, 'a' },
        { "\xC2\x80", 2, 0x80 },
        { "\xDF\xBF", 2, 0x7FF },
        { "\xE0\xA0\x80", 3, 0x800 },
        { "\xED\x9F\xBF", 3, 0xD7FF },
        { "\xEE\x80\x80", 3, 0xE000 },
        { "\xEF\xBF\xBF", 3, 0xFFFF },
        { "\xF0\x90\x80\x80", 4, 0x10000 },
        { "\xF4\x8F\xBF\xBF", 4, 0x10FFFF },
        /* ill-formed: stray, cut short, overlong, surrogates, too large */
        { "\x80", 0, 0 },
        { "\xC3", 0, 0 },
        { "\xC3(", 0, 0 },
        { "\xC0\x80", 0, 0 },
        { "\xC1\xBF", 0, 0 },
        { "\xE0\x9F\xBF", 0, 0 },
        { "\xE2\x82", 0, 0 },
        { "\xED\xA0\x80", 0, 0 },
        { "\xED\xBF\xBF", 0, 0 },
        { "\xF0\x8F\xBF\xBF", 0, 0 },
        { "\xF4\x90\x80\x80", 0, 0 },
        { "\xF5\x80\x80\x80", 0, 0 },
        { "\xFF", 0, 0 },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t code = 0;
        CU_ASSERT_EQUAL(utf8_next(cases[i].text, strlen(cases[i].text), &code), cases[i].octets);
        if (cases[i].octets)
            CU_ASSERT_EQUAL(code, cases[i].code);
    }
}

static void test_length(void)
{
    CU_ASSERT_EQUAL(utf8_length(""), 0);
    CU_ASSERT_EQUAL(utf8_length("a\xC3\xBC\xF0\x9F\x98\x80"), 3);
    CU_ASSERT_EQUAL(utf8_length("a\xC3"), -1);
}

static void test_xml_char(void)
{
    static const uint32_t good[] = { '\t',   '\n',   '\r',   ' ',     0x7F,
                                     0xD7FF, 0xE000, 0xFFFD, 0x10000, 0x10FFFF };
    static const uint32_t bad[] = { 0, 1, 0x0B, 0x1F, 0xD800, 0xFFFE, 0xFFFF };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        CU_ASSERT_TRUE(utf8_is_xml_char(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_FALSE(utf8_is_xml_char(bad[i]));
}

static void test_xml_name(void)
{
    static const uint32_t start[] = { 'a', 'Z', '_', 0xC0, 0x370, 0x4E00, 0xEFFFF };
    static const uint32_t more[] = { '0', '-', '.', 0xB7, 0x300, 0x2040 };
    static const uint32_t none[] = { ':', ' ', '/', '>', '=', '@', 0xD7, 0xF7, 0x37E, 0x2000, 0xF0000 };

    for (size_t i = 0; i < sizeof(start) / sizeof(start[0]); i++)
        CU_ASSERT_TRUE(utf8_is_xml_name(start[i], true) && utf8_is_xml_name(start[i], false));
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
        CU_ASSERT_TRUE(!utf8_is_xml_name(more[i], true) && utf8_is_xml_name(more[i], false));
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        CU_ASSERT_FALSE(utf8_is_xml_name(none[i], true) || utf8_is_xml_name(none[i], false));
}

UNIT_MAIN({ "one code point", test_next }, { "length", test_length },
          { "XML characters", test_xml_char }, { "XML names", test_xml_name })
