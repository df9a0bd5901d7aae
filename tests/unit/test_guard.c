/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "wsman/guard.h"
#include "wsman/names.h"

#include <stdlib.h>
#include <string.h>

#define OPEN  "<s:Envelope xmlns:s='" NS_S "' xmlns:a='" NS_A "'>"
#define CLOSE "</s:Envelope>"
#define IN    OPEN "<s:Body>"
#define OUT   "</s:Body>" CLOSE

static const struct guard_limits limits = { .depth = 8, .attributes = 4, .namespaces = 6 };

/* Looks at a copy of exact size, so that a sanitizer sees any step past its end. */
static enum error_code look_n(const char *xml, size_t len)
{
    struct error err = { 0 };
    struct guard_notes notes = { 0 };
    char *copy = malloc(len ? len : 1);
    int rc;

    memcpy(copy, xml, len);
    rc = guard_check(copy, len, &limits, &notes, &err);
    free(copy);
    strbuf_free(&notes.tidy);
    CU_ASSERT_EQUAL(rc, err.code ? -1 : 0);
    return err.code;
}

static enum error_code look(const char *xml)
{
    return look_n(xml, strlen(xml));
}

static enum error_code look_wide(const char *xml)
{
    const struct guard_limits wide = { .depth = 8, .attributes = 4, .namespaces = 1000 };
    struct error err = { 0 };
    struct guard_notes notes = { 0 };

    guard_check(xml, strlen(xml), &wide, &notes, &err);
    strbuf_free(&notes.tidy);
    return err.code;
}

static void test_accepts(void)
{
    CU_ASSERT_EQUAL(look(OPEN "<s:Body/>" CLOSE), ERR_NONE);
    CU_ASSERT_EQUAL(look("<?xml version='1.0' encoding='utf-8'?>\n" OPEN CLOSE "\n"), ERR_NONE);
    CU_ASSERT_EQUAL(look("\xEF\xBB\xBF" OPEN CLOSE), ERR_NONE);
    CU_ASSERT_EQUAL(look(OPEN "<!-- a - b --><s:Body><![CDATA[<x>&a;]]>&lt;&#65;&#x10FFFF;\xC3\xA9</s:Body>" CLOSE),
                    ERR_NONE);
    CU_ASSERT_EQUAL(look(IN "<b:x xmlns:b='urn:b' b:y = \"1\" />" OUT), ERR_NONE);
    CU_ASSERT_EQUAL(look("<?xml version='1.0' encoding='UTF-8' standalone='no' ?>" OPEN CLOSE), ERR_NONE);
    CU_ASSERT_EQUAL(look(IN "<x y='1' a:y='2' b:y='3' xmlns:b='urn:b'/>]]" OUT), ERR_NONE);
    CU_ASSERT_EQUAL(look(IN "<x-1.\xC3\xA9 xml:lang='en' xmlns:xml='http://www.w3.org/XML/1998/namespace'/>" OUT),
                    ERR_NONE);
}

static void test_every_cut_is_refused(void)
{
    const char *whole = OPEN "<s:Header a='1'>x&amp;y</s:Header><![CDATA[z]]><!-- c -->" CLOSE;

    for (size_t len = 0; len < strlen(whole); len++)
        CU_ASSERT_EQUAL(look_n(whole, len), ERR_SCHEMA);
    CU_ASSERT_EQUAL(look(whole), ERR_NONE);
}

/* A NUL is refused wherever it stands, also where it would hide what comes after it. */
static void test_nul(void)
{
    static const char whole[] = "<?xml version='1.0'?>" OPEN
                                "<s:Header a='1'>x&#xCD;&amp;y&#205;</s:Header><![CDATA[z]]><!-- c -->" CLOSE;

    CU_ASSERT_EQUAL(look(whole), ERR_NONE);
    for (size_t at = 0; at < sizeof(whole); at++) {
        char text[sizeof(whole)];
        memcpy(text, whole, at);
        text[at] = '\0';
        memcpy(text + at + 1, whole + at, sizeof(whole) - 1 - at);
        CU_ASSERT_EQUAL(look_n(text, sizeof(text)), ERR_SCHEMA);
    }
}

static void test_not_well_formed(void)
{
    static const char *const bad[] = {
        "x", OPEN CLOSE "x", OPEN CLOSE OPEN CLOSE, OPEN "</s:Body>" CLOSE, OPEN "<s:Body></s:Bodx>" CLOSE,
        IN "<x a=1/>" OUT, IN "<x a/>" OUT, IN "<x a='1'b='2'/>" OUT, IN "<x a='<'/>" OUT,
        IN "<1/>" OUT, IN "<a:b:c/>" OUT, IN "<q:x/>" OUT, IN "<x q:y='1'/>" OUT,
        IN "<a:/>" OUT, IN "< x/>" OUT, IN "<x/ >" OUT, OPEN "&" CLOSE, OPEN "&x;" CLOSE,
        OPEN "&#;" CLOSE, OPEN "&#x;" CLOSE, OPEN "&#0;" CLOSE, OPEN "&#xFFFE;" CLOSE, OPEN "&#xD800;" CLOSE,
        OPEN "&#1114112;" CLOSE, OPEN "&#99999999999999999999;" CLOSE, OPEN "&#-5;" CLOSE, OPEN "\x01" CLOSE,
        OPEN "<?pi x?>" CLOSE, "<!DOCTYPE x>" OPEN CLOSE, OPEN "<!ELEMENT x ANY>" CLOSE, "<![CDATA[x]]>",
        "<x/>", OPEN "]]>" CLOSE, OPEN "<!-- a -- b -->" CLOSE, OPEN "<!-- a --->" CLOSE,
        IN "<x a='1' a='2'/>" OUT, IN "<x a:y='1' b:y='2' xmlns:b='" NS_A "'/>" OUT,
        IN "<x xmlns='u' xmlns='v'/>" OUT, IN "<x xmlns:b=''/>" OUT, IN "<x xmlns:xml='u'/>" OUT,
        IN "<x xmlns:xmlns='u'/>" OUT, IN "<x xmlns:b='http://www.w3.org/2000/xmlns/'/>" OUT,
        IN "<x xmlns:b='u&amp;v'/>" OUT, IN "<a:1/>" OUT, IN "<x\xC3\x97/>" OUT,
        " <?xml version='1.0'?>" OPEN CLOSE, "<?xml version='1.1'?>" OPEN CLOSE, "<?xml encoding='utf-8'?>" OPEN CLOSE,
        "<?xml version='1.0' standalone='yes' encoding='utf-8'?>" OPEN CLOSE, "<?xml version='1.0'x='1'?>" OPEN CLOSE,
        "<?xml version='1.0'encoding='utf-8'?>" OPEN CLOSE, "<?xml version='1.0' standalone='1'?>" OPEN CLOSE,
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_EQUAL(look(bad[i]), ERR_SCHEMA);
}

static void test_encodings(void)
{
    static const char *const bad[] = {
        OPEN "\xFF" CLOSE, OPEN "\xC0\xAF" CLOSE, OPEN "\xE0\x80\xAF" CLOSE, OPEN "\xED\xA0\x80" CLOSE,
        OPEN "\xF4\x90\x80\x80" CLOSE, OPEN "\xC3" CLOSE,
        "<?xml version='1.0' encoding='latin1'?>" OPEN CLOSE,
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_EQUAL(look(bad[i]), ERR_ENCODING);
}

static void test_limits(void)
{
    CU_ASSERT_EQUAL(look(IN "<a><a><a><a><a><a/></a></a></a></a></a>" OUT), ERR_NONE);
    CU_ASSERT_EQUAL(look(IN "<a><a><a><a><a><a><a/></a></a></a></a></a></a>" OUT), ERR_SERVICE_LIMIT);
    CU_ASSERT_EQUAL(look(IN "<x a='' b='' c='' d=''/>" OUT), ERR_NONE);
    CU_ASSERT_EQUAL(look(IN "<x a='' b='' c='' d='' e=''/>" OUT), ERR_SERVICE_LIMIT);
    CU_ASSERT_EQUAL(look(IN "<x xmlns='u'/><x xmlns='u'/><x xmlns='u'/><x xmlns='u'/>" OUT), ERR_NONE);
    CU_ASSERT_EQUAL(look(IN "<x xmlns='u'/><x xmlns='u'/><x xmlns='u'/><x xmlns='u'/><x xmlns='u'/>" OUT),
                    ERR_SERVICE_LIMIT);
}

static void test_soap(void)
{
    CU_ASSERT_EQUAL(look("<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'/>"), ERR_SOAP_VERSION);
    CU_ASSERT_EQUAL(look("<Envelope/>"), ERR_SOAP_VERSION);
    CU_ASSERT_EQUAL(look("<Envelope xmlns='" NS_S "'/>"), ERR_NONE);
    CU_ASSERT_EQUAL(look(OPEN "<s:Header/> <s:Body/> <!-- c -->" CLOSE), ERR_NONE);
    CU_ASSERT_EQUAL(look(OPEN "<s:Body/><s:Body/>" CLOSE), ERR_SCHEMA);
    CU_ASSERT_EQUAL(look(OPEN "<s:Header/><s:Header/>" CLOSE), ERR_SCHEMA);
    CU_ASSERT_EQUAL(look(OPEN "<s:Body/><s:Header/>" CLOSE), ERR_SCHEMA);
    CU_ASSERT_EQUAL(look(OPEN "<s:Body/><a:x/>" CLOSE), ERR_SCHEMA);
    CU_ASSERT_EQUAL(look(OPEN "<a:Body/>" CLOSE), ERR_SCHEMA);
}

/* What gSOAP shall read instead, or "" for the same. */
/* A header that must be understood, or not. */
#define MUST(value) \
    OPEN "<s:Header><x s:mustUnderstand='" value "'/></s:Header><s:Body><x s:mustUnderstand=' 1'/></s:Body>" CLOSE

static void test_tidy(void)
{
    static const char *const cases[][2] = {
        { IN "&#x1F60;&#65;&amp;" OUT, "" },
        { IN "&#x1F600;" OUT, IN "\xF0\x9F\x98\x80" OUT },
        { IN "a&#1114109;b&#x10FFFD;" OUT, IN "a\xF4\x8F\xBF\xBD" "b\xF4\x8F\xBF\xBD" OUT },
        { IN "&#x000041;&#x0000e9;&#x0020ac;" OUT, IN "&#65;\xC3\xA9\xE2\x82\xAC" OUT },
        { IN "<x a='&#x0000027;'/>" OUT, IN "<x a='&#39;'/>" OUT },
        { IN "<x>&#x000003C;&#x00000D;</x>" OUT, IN "<x>&#60;&#13;</x>" OUT },
        { IN "<x> \t\n y </x>" OUT, IN "<x>&#32;&#9;&#10;&#32;y </x>" OUT },
        { IN "<x>\xEF\xBB\xBF</x>" OUT, IN "<x>&#65279;</x>" OUT },
        { IN "<x>\r\n\ry\r\nz\r</x>" OUT, IN "<x>&#10;&#10;y\nz\n</x>" OUT },
        { IN " <x> </x> <y/> z" OUT, "" },
        { IN "<x> <![CDATA[\r\n <z>&]]></x>" OUT, IN "<x>&#32;&#10;&#32;&lt;z&gt;&amp;</x>" OUT },
        { IN "<x>a<![CDATA[]]></x>" OUT, IN "<x>a</x>" OUT },
        { IN "<x><![CDATA[]]>\n\n:</x>" OUT, IN "<x>&#10;&#10;:</x>" OUT },
        { IN "<x> <y> \n</y>\n</x>" OUT, IN "<x> <y>&#32;&#10;</y>\n</x>" OUT },
        { IN "<x xmlns='" NS_W "'><y> </y></x>" OUT, "" },
        { MUST(" 1\n"), MUST("1") },
        { MUST("true "), MUST("true") },
        { MUST(" no "), "" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct guard_notes notes = { 0 };
        struct error err = { 0 };
        CU_ASSERT_EQUAL(guard_check(cases[i][0], strlen(cases[i][0]), &limits, &notes, &err), 0);
        CU_ASSERT_STRING_EQUAL(strbuf_str(&notes.tidy), cases[i][1]);
        strbuf_free(&notes.tidy);
    }
}

/* gSOAP goes through all names of attributes again and again. */
static void test_names(void)
{
    struct strbuf text = STRBUF_INIT;

    strbuf_puts(&text, IN);
    for (int i = 0; i < 128; i++)
        strbuf_printf(&text, "<x a%d=''/><x a%d='' xmlns:b='u'/>", i, i);
    strbuf_puts(&text, OUT);
    CU_ASSERT_EQUAL(look_wide(strbuf_str(&text)), ERR_NONE);
    strbuf_insert(&text, strlen(IN), "<x b=''/>");
    CU_ASSERT_EQUAL(look_wide(strbuf_str(&text)), ERR_SERVICE_LIMIT);
    strbuf_free(&text);
    strbuf_puts(&text, IN "<");
    for (int i = 0; i < 256; i++)
        strbuf_puts(&text, "n");
    strbuf_puts(&text, "/>" OUT);
    CU_ASSERT_EQUAL(look(strbuf_str(&text)), ERR_SERVICE_LIMIT);
    strbuf_free(&text);
}

static void test_single_headers(void)
{
    CU_ASSERT_EQUAL(look(OPEN "<s:Header><a:To/><a:To/></s:Header>" CLOSE), ERR_HEADER_INVALID);
    CU_ASSERT_EQUAL(look(OPEN "<s:Header><a:To/><b:To xmlns:b='" NS_A "'/></s:Header>" CLOSE), ERR_HEADER_INVALID);
    CU_ASSERT_EQUAL(look(OPEN "<s:Header><a:To/><b:To xmlns:b='urn:b'/></s:Header>" CLOSE), ERR_NONE);
    CU_ASSERT_EQUAL(look(OPEN "<s:Header><a:RelatesTo/><a:RelatesTo/></s:Header>" CLOSE), ERR_NONE);
    CU_ASSERT_EQUAL(look(OPEN "<s:Body><a:To/><a:To/></s:Body>" CLOSE), ERR_NONE);
}

UNIT_MAIN({ "NUL", test_nul }, { "accepts what is good", test_accepts },
          { "every cut of a good message is refused", test_every_cut_is_refused },
          { "not well formed", test_not_well_formed }, { "encodings", test_encodings }, { "limits", test_limits },
          { "what is read anew", test_tidy }, { "names", test_names },
          { "envelopes of other versions", test_soap }, { "doubled headers", test_single_headers })
