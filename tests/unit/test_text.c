/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "core/text.h"

#include <stdlib.h>
#include <string.h>

static void test_clean(void)
{
    static const struct {
        const char *in;
        size_t most;
        const char *out;
    } rows[] = {
        { "plain", 10, "plain" },
        { "plain", 3, "pla" },
        { "", 10, "" },
        { "\xC3\xA4\xC3\xB6\xC3\xBC", 2, "\xC3\xA4\xC3\xB6" },
        { "cut \xC3", 10, "cut \xEF\xBF\xBD" },
        { "a\nb\x7F", 10, "a b " },
        { "\xFF\xFE", 10, "\xEF\xBF\xBD\xEF\xBF\xBD" },
        { "\xEF\xBF\xBE", 10, "\xEF\xBF\xBD" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *out = text_clean(rows[i].in, rows[i].most);
        CU_ASSERT_PTR_NOT_NULL_FATAL(out);
        CU_ASSERT_STRING_EQUAL(out, rows[i].out);
        free(out);
    }
}

static void test_passes(void)
{
    static const struct {
        const char *text;
        bool line, lines;
    } rows[] = {
        { "", true, true },
        { "before update \xF0\x9F\x98\x80", true, true },
        { "two\nlines\tand\r", false, true },
        { "bell\a", false, false },
        { "c1 \xC2\x85", false, true },
        { "del \x7F", false, true },
        { "bad \xC3(", false, false },
        { "surrogate \xED\xA0\x80", false, false },
        { "no character \xEF\xBF\xBF", false, false },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_EQUAL(text_is_line(rows[i].text), rows[i].line);
        CU_ASSERT_EQUAL(text_is_lines(rows[i].text), rows[i].lines);
    }
}

UNIT_MAIN({ "cleaning", test_clean }, { "what may stand in names and notes", test_passes })
