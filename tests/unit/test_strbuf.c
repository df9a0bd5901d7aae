/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/strbuf.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

static void test_build(void)
{
    struct strbuf b = STRBUF_INIT;
    char *text;

    CU_ASSERT_STRING_EQUAL(strbuf_str(&b), "");
    strbuf_puts(&b, "a");
    strbuf_add(&b, "bcd", 2);
    strbuf_printf(&b, "%d%s", 42, "x");
    CU_ASSERT_STRING_EQUAL(strbuf_str(&b), "abc42x");
    CU_ASSERT_EQUAL(b.len, 6);
    strbuf_truncate(&b, 2);
    strbuf_truncate(&b, 9);
    CU_ASSERT_STRING_EQUAL(strbuf_str(&b), "ab");
    strbuf_add(&b, NULL, 0);
    CU_ASSERT_TRUE(strbuf_ok(&b));
    text = strbuf_steal(&b);
    CU_ASSERT_STRING_EQUAL(text, "ab");
    CU_ASSERT_PTR_NULL(b.data);
    free(text);
    text = strbuf_steal(&b);
    CU_ASSERT_STRING_EQUAL(text, "");
    free(text);
    strbuf_free(&b);
}

static void test_grow(void)
{
    struct strbuf b = STRBUF_INIT;

    for (int i = 0; i < 100000; i++)
        strbuf_add(&b, "0123456789" + i % 10, 1);
    CU_ASSERT_EQUAL(b.len, 100000);
    CU_ASSERT_EQUAL(strlen(strbuf_str(&b)), 100000);
    CU_ASSERT_EQUAL(b.data[99999], '9');
    strbuf_free(&b);
}

static void test_xml(void)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "", "" },
        { "a<b>&\"c'\"", "a&lt;b&gt;&amp;&quot;c'&quot;" },
        { "\t\n\r", "&#9;&#10;&#13;" },
        { "\001x\037", "\xEF\xBF\xBDx\xEF\xBF\xBD" },
        { "\xC3\xBC", "\xC3\xBC" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct strbuf b = STRBUF_INIT;
        strbuf_xml(&b, cases[i].in);
        CU_ASSERT_STRING_EQUAL(strbuf_str(&b), cases[i].out);
        strbuf_free(&b);
    }
}

static void test_front(void)
{
    struct strbuf b = STRBUF_WITH_FRONT(4);
    char *text;

    CU_ASSERT_FALSE(strbuf_precede(&b, "x", 1)); /* there is nothing yet */
    for (int i = 0; i < 1000; i++)
        strbuf_puts(&b, "0123456789");
    CU_ASSERT_FALSE(strbuf_precede(&b, "abcde", 5));
    CU_ASSERT_EQUAL(b.len, 10000);
    CU_ASSERT_TRUE(strbuf_precede(&b, "cd", 2));
    CU_ASSERT_TRUE(strbuf_precede(&b, "b", 1));
    CU_ASSERT_FALSE(strbuf_precede(&b, "xy", 2));
    for (int i = 0; i < 1000; i++)
        strbuf_puts(&b, "0123456789");
    CU_ASSERT_TRUE(strbuf_precede(&b, "a", 1));
    text = strbuf_steal(&b);
    CU_ASSERT_EQUAL(strlen(text), 20004);
    CU_ASSERT_EQUAL(strncmp(text, "abcd0123456789", 14), 0);
    free(text);
    b = (struct strbuf)STRBUF_WITH_FRONT(4);
    strbuf_free(&b);
}

/* After a failure nothing is added and nothing comes out. */
static void test_failure(void)
{
    struct strbuf b = STRBUF_INIT;
    volatile size_t most = (size_t)-1 / 2; /* no length the compiler can see is wrong */

    strbuf_puts(&b, "a");
    strbuf_add(&b, "", most);
    CU_ASSERT_FALSE(strbuf_ok(&b));
    strbuf_puts(&b, "b");
    CU_ASSERT_STRING_EQUAL(strbuf_str(&b), "a");
    CU_ASSERT_PTR_NULL(strbuf_steal(&b));
    strbuf_free(&b);
}

UNIT_MAIN({ "build a text", test_build }, { "grow", test_grow }, { "XML text", test_xml },
          { "room in front", test_front }, { "failure is sticky", test_failure })
