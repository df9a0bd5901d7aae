/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/charset.h"

#include "unit.h"

#include <string.h>

#define OCTETS(text) text, sizeof(text) - 1

/* "<a>ä€𝄞</a>" */
#define UTF8 "<a>\xC3\xA4\xE2\x82\xAC\xF0\x9D\x84\x9E</a>"
#define LE   "<\0a\0>\0\xE4\0\xAC\x20\x34\xD8\x1E\xDD<\0/\0a\0>\0"
#define BE   "\0<\0a\0>\0\xE4\x20\xAC\xD8\x34\xDD\x1E\0<\0/\0a\0>"

static void test_is_utf16(void)
{
    static const struct {
        const char *charset, *octets;
        size_t len;
        bool is;
    } rows[] = {
        { "utf-8", OCTETS("<a/>"), false },
        { "", OCTETS("<a/>"), false },
        { "", OCTETS("\xFF\xFE<\0"), true },
        { "", OCTETS("\xFE\xFF\0<"), true },
        { "utf-8", OCTETS("\xFF\xFE<\0"), false },
        { "utf-16", OCTETS("<a/>"), true },
        { "", OCTETS("<\0"), false },
        { "", OCTETS("\xFF"), false },
        { "", OCTETS(""), false },
        { "utf-16", OCTETS(""), true },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CU_ASSERT_EQUAL(charset_is_utf16(rows[i].charset, rows[i].octets, rows[i].len), rows[i].is);
}

static void test_decode(void)
{
    static const struct {
        const char *octets;
        size_t len;
        const char *text; /* NULL: ill-formed */
    } rows[] = {
        { OCTETS("\xFF\xFE" LE), UTF8 },
        { OCTETS("\xFE\xFF" BE), UTF8 },
        { OCTETS(LE), UTF8 },
        { OCTETS(BE), UTF8 },
        { OCTETS("\xFF\xFE"), "" },
        { OCTETS(UTF8), NULL },                  /* UTF-8 */
        { OCTETS("\xEF\xBB\xBF<a/>"), NULL },    /* UTF-8 with its mark */
        { OCTETS("\xFF\xFE<\0a"), NULL },        /* half a unit */
        { OCTETS("\xFF\xFE<\0\x34\xD8"), NULL }, /* half a pair at the end */
        { OCTETS("\xFF\xFE\x34\xD8<\0"), NULL }, /* and before other text */
        { OCTETS("\xFF\xFE<\0\x1E\xDD"), NULL }, /* the second half alone */
        { OCTETS("a\0<\0"), NULL },
        { OCTETS("<"), NULL },
        { OCTETS(""), NULL },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct strbuf out = STRBUF_INIT;
        struct error err = { 0 };
        int rc = charset_decode(&out, rows[i].octets, rows[i].len, &err);
        CU_ASSERT_EQUAL(rc, rows[i].text ? 0 : -1);
        CU_ASSERT_EQUAL(err.code, rows[i].text ? ERR_NONE : ERR_ENCODING);
        if (rows[i].text)
            CU_ASSERT_STRING_EQUAL(strbuf_str(&out), rows[i].text);
        strbuf_free(&out);
    }
}

static void test_encode(void)
{
    struct strbuf text = STRBUF_INIT;

    strbuf_puts(&text, UTF8);
    CU_ASSERT_EQUAL(charset_encoded_length(&text), sizeof("\xFF\xFE" LE) - 1);
    CU_ASSERT_EQUAL(charset_encode(&text, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(text.len, sizeof("\xFF\xFE" LE) - 1);
    CU_ASSERT_EQUAL(memcmp(text.data, "\xFF\xFE" LE, text.len), 0);
    strbuf_free(&text);
    CU_ASSERT_EQUAL(charset_encode(&text, NULL), 0);
    CU_ASSERT_EQUAL(text.len, 2);
    strbuf_free(&text);
}

/* Longer than the piece that is converted at a time, with characters across its ends. */
static void test_long(void)
{
    struct strbuf text = STRBUF_INIT, back = STRBUF_INIT, same = STRBUF_INIT;

    strbuf_puts(&text, "<");
    for (int i = 0; i < 20000; i++)
        strbuf_puts(&text, i % 3 ? "\xE2\x82\xAC" : "\xF0\x9D\x84\x9E");
    strbuf_add(&same, text.data, text.len);
    CU_ASSERT_EQUAL(charset_encoded_length(&text), (size_t)(2 + 2 + 20000 * 2 + 6667 * 2));
    CU_ASSERT_EQUAL(charset_encode(&text, NULL), 0);
    CU_ASSERT_EQUAL(text.len, (size_t)(2 + 2 + 20000 * 2 + 6667 * 2));
    CU_ASSERT_EQUAL(charset_decode(&back, text.data, text.len, NULL), 0);
    CU_ASSERT_STRING_EQUAL(strbuf_str(&back), strbuf_str(&same));
    strbuf_free(&text);
    strbuf_free(&back);
    strbuf_free(&same);
}

UNIT_MAIN({ "what is UTF-16", test_is_utf16 }, { "decode", test_decode }, { "encode", test_encode },
          { "long texts", test_long })
