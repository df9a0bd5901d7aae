/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/embedded.h"
#include "base/strbuf.h"
#include "unit.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena = ARENA_INIT;

static const struct cim_embedded *parse(const char *text)
{
    return cim_embedded_parse(text, &arena, NULL);
}

static void settings_of_a_snapshot(void)
{
    const struct cim_embedded *instance =
        parse("<?xml version=\"1.0\" encoding=\"utf-16\"?>\n"
              "<INSTANCE CLASSNAME=\"Msvm_VirtualSystemSnapshotSettingData\">\n"
              "  <QUALIFIER NAME=\"x\" TYPE=\"string\"><VALUE>y</VALUE></QUALIFIER>\n"
              "  <PROPERTY NAME=\"ConsistencyLevel\" TYPE=\"uint8\" PROPAGATED=\"true\">\n"
              "    <QUALIFIER NAME=\"key\" TYPE=\"boolean\"><VALUE>TRUE</VALUE></QUALIFIER>\n"
              "    <VALUE>1</VALUE>\n"
              "  </PROPERTY>\n"
              "  <PROPERTY NAME=\"Caption\" TYPE=\"string\"></PROPERTY>\n"
              "  <PROPERTY NAME=\"ElementName\" TYPE=\"string\"><VALUE></VALUE></PROPERTY>\n"
              "  <PROPERTY.ARRAY NAME=\"Notes\" TYPE=\"string\">\n"
              "    <VALUE.ARRAY>\n      <VALUE>one</VALUE>\n      <VALUE>two</VALUE>\n"
              "    </VALUE.ARRAY>\n  </PROPERTY.ARRAY>\n"
              "  <PROPERTY.ARRAY NAME=\"Empty\" TYPE=\"string\"/>\n"
              "</INSTANCE>\n");
    const struct cim_embedded_property *notes;

    CU_ASSERT_PTR_NOT_NULL_FATAL(instance);
    CU_ASSERT_STRING_EQUAL(instance->class, "Msvm_VirtualSystemSnapshotSettingData");
    CU_ASSERT_EQUAL(instance->count, 5);
    CU_ASSERT_STRING_EQUAL(cim_embedded_text(instance, "consistencylevel"), "1");
    CU_ASSERT_PTR_NULL(cim_embedded_text(instance, "Caption"));
    CU_ASSERT_STRING_EQUAL(cim_embedded_text(instance, "ElementName"), "");
    CU_ASSERT_PTR_NULL(cim_embedded_find(instance, "x"));
    notes = cim_embedded_find(instance, "Notes");
    CU_ASSERT_PTR_NOT_NULL_FATAL(notes);
    CU_ASSERT_TRUE(notes->is_array);
    CU_ASSERT_EQUAL(notes->count, 2);
    CU_ASSERT_STRING_EQUAL(notes->values[1], "two");
    CU_ASSERT_EQUAL(cim_embedded_find(instance, "Empty")->count, 0);
    arena_free(&arena);
}

static void text_of_a_value(void)
{
    static const struct {
        const char *xml, *text;
    } cases[] = {
        { " a  b ", " a  b " },
        { "  ", "  " },
        { "&lt;&amp;&gt;&quot;&apos;&#65;", "<&>\"'A" },
        { "<![CDATA[<x>&amp;]]>y", "<x>&amp;y" },
        { "a<!-- b -->c<?pi d?>e", "ace" },
        { "\xC3\xA4\xF0\x9F\x98\x80", "\xC3\xA4\xF0\x9F\x98\x80" },
        { "a\r\nb", "a\nb" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct cim_embedded *instance =
            parse(arena_printf(&arena,
                               "<INSTANCE CLASSNAME='C'><PROPERTY NAME='P'><VALUE>%s</VALUE>"
                               "</PROPERTY></INSTANCE>",
                               cases[i].xml));

        CU_ASSERT_PTR_NOT_NULL_FATAL(instance);
        CU_ASSERT_STRING_EQUAL(cim_embedded_text(instance, "P"), cases[i].text);
    }
    arena_free(&arena);
}

static void wrappers(void)
{
    CU_ASSERT_PTR_NOT_NULL(parse("<CIM CIMVERSION='2.0' DTDVERSION='2.0'><DECLARATION><DECLGROUP>"
                                 "<VALUE.OBJECT><INSTANCE CLASSNAME='C'/></VALUE.OBJECT>"
                                 "</DECLGROUP></DECLARATION></CIM>"));
    CU_ASSERT_PTR_NOT_NULL(parse("  \n<INSTANCE CLASSNAME='C'/>"));
    arena_free(&arena);
}

static void refused(void)
{
    static const struct {
        const char *xml, *why;
    } cases[] = {
        { "", "XML" },
        { "plain text", "XML" },
        { "<INSTANCE CLASSNAME='C'>", "XML" },
        { "<INSTANCE CLASSNAME='C'></PROPERTY>", "XML" },
        { "<INSTANCE CLASSNAME='C'/>x", "XML" },
        { "<INSTANCE CLASSNAME='C'/><INSTANCE CLASSNAME='C'/>", "XML" },
        { "<INSTANCE CLASSNAME='C'>&x;</INSTANCE>", "XML" },
        { "<INSTANCE CLASSNAME='C'>\x01</INSTANCE>", "XML" },
        { "<INSTANCE CLASSNAME='C'>\xFF</INSTANCE>", "XML" },
        { "<INSTANCE/>", "CLASSNAME" },
        { "<INSTANCE CLASSNAME=''/>", "CLASSNAME" },
        { "<CLASS NAME='C'/>", "INSTANCE is expected" },
        { "<CIM/>", "no INSTANCE" },
        { "<CIM><INSTANCE CLASSNAME='C'/><INSTANCE CLASSNAME='D'/></CIM>", "more than one INST" },
        { "<INSTANCE CLASSNAME='C'><PROPERTY/></INSTANCE>", "PROPERTY has no NAME" },
        { "<INSTANCE CLASSNAME='C'><PROPERTY NAME='p'/><PROPERTY NAME='P'/></INSTANCE>", "two" },
        { "<INSTANCE CLASSNAME='C'><PROPERTY NAME='p'><VALUE/><VALUE/></PROPERTY></INSTANCE>",
          "more than one VALUE" },
        { "<INSTANCE CLASSNAME='C'><PROPERTY NAME='p'><VALUE><b/></VALUE></PROPERTY></INSTANCE>",
          "hold text" },
        { "<!DOCTYPE INSTANCE><INSTANCE CLASSNAME='C'/>", "document type" },
        { "<!DOCTYPE x [<!ENTITY a 'b'>]><INSTANCE CLASSNAME='C'>&a;</INSTANCE>", "document type" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error err = { 0 };

        CU_ASSERT_PTR_NULL(cim_embedded_parse(cases[i].xml, &arena, &err));
        CU_ASSERT_EQUAL(err.code, ERR_INVALID_PARAMETER);
        if (!strstr(err.message, cases[i].why))
            printf("%s: %s\n", cases[i].xml, err.message);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.message, cases[i].why));
    }
    arena_free(&arena);
}

static void the_error_tells_the_line(void)
{
    struct error err = { 0 };

    cim_embedded_parse("<INSTANCE CLASSNAME='C'>\n\n<PROPERTY/></INSTANCE>", &arena, &err);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "line 3"));
    error_clear(&err);
    cim_embedded_parse("<INSTANCE CLASSNAME='C'>\n<&/></INSTANCE>", &arena, &err);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "line 2"));
    arena_free(&arena);
}

/* `count` pieces of text inside an INSTANCE; with %d in it, each has its number. */
static const struct cim_embedded *parse_many(const char *before, const char *each,
                                             const char *after, int count)
{
    struct strbuf xml = STRBUF_INIT;
    const struct cim_embedded *instance;

    strbuf_printf(&xml, "<INSTANCE CLASSNAME='C'>%s", before);
    for (int i = 0; i < count; i++)
        strbuf_printf(&xml, "%s%d'/>", each, i);
    strbuf_printf(&xml, "%s</INSTANCE>", after);
    instance = parse(strbuf_str(&xml));
    strbuf_free(&xml);
    return instance;
}

static void bounds(void)
{
    struct strbuf deep = STRBUF_INIT;
    const struct cim_embedded *instance;

    CU_ASSERT_PTR_NOT_NULL(parse_many("", "<PROPERTY NAME='p", "", 1000));
    CU_ASSERT_PTR_NULL(parse_many("", "<PROPERTY NAME='p", "", 1001));
    instance = parse_many("<PROPERTY.ARRAY NAME='a'><VALUE.ARRAY>", "<VALUE n='",
                          "</VALUE.ARRAY></PROPERTY.ARRAY>", 3000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(instance);
    CU_ASSERT_EQUAL(instance->properties[0].count, 3000);
    CU_ASSERT_PTR_NULL(parse_many("", "<Q NAME='", "", 40000)); /* more than 256 KiB */

    strbuf_puts(&deep, "<INSTANCE CLASSNAME='C'>");
    for (int i = 0; i < 40; i++)
        strbuf_puts(&deep, "<Q>");
    for (int i = 0; i < 40; i++)
        strbuf_puts(&deep, "</Q>");
    strbuf_puts(&deep, "</INSTANCE>");
    CU_ASSERT_PTR_NULL(parse(strbuf_str(&deep)));
    strbuf_free(&deep);
    arena_free(&arena);
}

UNIT_MAIN({ "an instance as clients print it", settings_of_a_snapshot },
          { "the text of a value is kept as it is", text_of_a_value },
          { "wrappers around the instance", wrappers },
          { "what is no instance is refused, and why", refused },
          { "the error tells the line", the_error_tells_the_line },
          { "size, depth and count are bounded", bounds })
