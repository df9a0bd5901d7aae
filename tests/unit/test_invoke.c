/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Parameters of every kind, in and out: scalars, arrays, references, embedded instances, nil; in any order, by name.
 */
#include "unit.h"

#include "own_class.h"

enum { WORD, WORDS, NUMBER, FLAG, WHEN, SPAN, REF, REFS, INSTANCE, INSTANCES, BOTH, OUT_REFS };

static const struct cim_parameter parameters[] = {
    [WORD] = { "Word", CIM_STRING, CIM_IN | CIM_OUT, NULL },
    [WORDS] = { "Words", CIM_STRING, CIM_IN | CIM_OUT | CIM_ARRAY, NULL },
    [NUMBER] = { "Number", CIM_SINT8, CIM_IN | CIM_OUT, NULL },
    [FLAG] = { "Flag", CIM_BOOLEAN, CIM_IN | CIM_OUT, NULL },
    [WHEN] = { "When", CIM_DATETIME, CIM_IN | CIM_OUT, NULL },
    [SPAN] = { "Span", CIM_INTERVAL, CIM_IN | CIM_OUT, NULL },
    [REF] = { "Ref", CIM_REFERENCE, CIM_IN | CIM_OUT, "Own_Thing" },
    [REFS] = { "Refs", CIM_REFERENCE, CIM_IN | CIM_OUT | CIM_ARRAY, "Own_Thing" },
    [INSTANCE] = { "Instance", CIM_INSTANCE, CIM_IN | CIM_OUT, "Own_Thing" },
    [INSTANCES] = { "Instances", CIM_INSTANCE, CIM_IN | CIM_OUT | CIM_ARRAY, "Own_Thing" },
    [BOTH] = { "Must", CIM_UINT16, CIM_IN | CIM_REQUIRED, NULL },
    [OUT_REFS] = { "Told", CIM_STRING, CIM_OUT, NULL },
};

static const char *shown(const struct cim_embedded *instance, struct arena *arena)
{
    return instance ? arena_printf(arena, "%s/%s<&>", instance->class, cim_embedded_text(instance, "Name")) : NULL;
}

/* Gives everything back. Told says which were seen and which were nil. */
static int echo(struct cim_call *call, const struct cim_instance *self, const struct cim_argument *in,
                struct cim_value *out, unsigned *ret)
{
    const char **texts = arena_alloc(call->arena, 10 * sizeof(*texts));
    char told[COUNT(parameters) + 1] = "";

    (void)self;
    for (size_t i = 0; i < COUNT(parameters); i++) {
        told[i] = (char)(in[i].given ? 'g' : in[i].seen ? 'n' : '-');
        out[i] = in[i].value;
    }
    out[INSTANCE].text = shown(in[INSTANCE].instance, call->arena);
    for (size_t i = 0; i < in[INSTANCES].value.count; i++)
        texts[i] = shown(in[INSTANCES].instances[i], call->arena);
    out[INSTANCES].items = texts;
    out[OUT_REFS].text = arena_strdup(call->arena, told);
    *ret = 7;
    return 0;
}

static const struct cim_method methods[] = {
    { .name = "Echo", .role = ROLE_VIEWER, .parameters = parameters, .parameter_count = COUNT(parameters), .invoke = echo },
};

static const struct cim_property properties[] = { FIXED_KEY("Name", "one") };

static int list(struct cim_call *call, struct cim_sink *sink);

static const struct cim_class own_thing = {
    .ns = CIM_NS_V2,
    .name = "Own_Thing",
    .super = (const char *const[]){ NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .methods = methods,
    .method_count = COUNT(methods),
    .list = list,
};

const struct cim_class *const cim_class_registry[] = { &own_thing, NULL };

static int list(struct cim_call *call, struct cim_sink *sink)
{
    (void)call;
    return sink->emit(sink, &(struct cim_instance){ &own_thing, &own_thing });
}

#define ECHO           OWN_URI "/Echo"
#define CALL(inner)    "<p:Echo_INPUT><p:Must>1</p:Must>" inner "</p:Echo_INPUT>"
#define KEYS(name)     "<a:Address>" ANONYMOUS "</a:Address><a:ReferenceParameters><w:ResourceURI>" OWN_URI             \
                       "</w:ResourceURI><w:SelectorSet><w:Selector Name='Name'>" name                                \
                       "</w:Selector></w:SelectorSet></a:ReferenceParameters>"
#define EMBEDDED(name) "&lt;INSTANCE CLASSNAME='Own_Thing'&gt;&lt;PROPERTY NAME='Name' TYPE='string'&gt;&lt;VALUE&gt;" name \
                       "&lt;/VALUE&gt;&lt;/PROPERTY&gt;&lt;/INSTANCE&gt;"

static void gives(const char *body, const char *text)
{
    CU_ASSERT_TRUE(own_says(ECHO, "", body, text));
}

static void test_scalars(void)
{
    own_open();
    gives(CALL(""), "<p:Told>----------g-</p:Told>");
    gives(CALL("<p:Word>a &amp; b</p:Word>"), "<p:Word>a &amp; b</p:Word>");
    gives(CALL("<p:Word></p:Word>"), "<p:Word></p:Word>");
    gives(CALL("<p:Word xsi:nil='true'/>"), "<p:Word xsi:nil=\"true\"/>");
    gives(CALL("<p:Word xsi:nil='true'/>"), "<p:Told>n---------g-</p:Told>");
    gives(CALL("<p:Number> -128 </p:Number>"), "<p:Number>-128</p:Number>");
    gives(CALL("<p:Flag>TRUE</p:Flag>"), "<p:Flag>true</p:Flag>");
    gives(CALL("<p:When>2026-09-01T14:00:00+02:00</p:When>"), "<p:When><cim:Datetime>2026-09-01T12:00:00Z</cim:Datetime></p:When>");
    gives(CALL("<p:When><cim:Datetime>2026-09-01T12:00:00Z</cim:Datetime></p:When>"), "<cim:Datetime>2026-09-01T12:00:00Z<");
    gives(CALL("<p:When><cim:CIM_DateTime>20260901120000.000000+000</cim:CIM_DateTime></p:When>"), "<cim:Datetime>2026-09-01T12:00:00Z<");
    gives(CALL("<p:Span>00000001020304.500000:000</p:Span>"), "<cim:Interval>P1DT2H3M4.5S</cim:Interval>");
    gives(CALL("<p:Span><cim:Interval>PT90S</cim:Interval></p:Span>"), "<cim:Interval>P0DT0H1M30S</cim:Interval>");
    /* the order does not count, and Must may come last */
    gives("<p:Echo_INPUT><p:Number>1</p:Number><p:Word>w</p:Word><p:Must>1</p:Must></p:Echo_INPUT>", "<p:Word>w</p:Word>");
    gives(CALL(""), "<p:ReturnValue>7</p:ReturnValue>");
    own_close();
}

static void test_arrays(void)
{
    own_open();
    gives(CALL("<p:Words>a</p:Words><p:Number>1</p:Number><p:Words>b</p:Words>"), "<p:Words>a</p:Words><p:Words>b</p:Words>");
    gives(CALL("<p:Words xsi:nil='true'/>"), "<p:Told>-n--------g-</p:Told>");
    gives(CALL("<p:Refs>" KEYS("x") "</p:Refs><p:Refs><a:EndpointReference>" KEYS("y") "</a:EndpointReference></p:Refs>"),
          "<w:Selector Name=\"Name\">x</w:Selector></w:SelectorSet></a:ReferenceParameters></p:Refs><p:Refs>");
    gives(CALL("<p:Refs>Own_Thing.Name=\"z\"</p:Refs>"), "<w:Selector Name=\"Name\">z</w:Selector>");
    gives(CALL("<p:Instances>" EMBEDDED("one") "</p:Instances><p:Instances><p:Own_Thing><p:Name>two</p:Name></p:Own_Thing></p:Instances>"),
          "<p:Instances>Own_Thing/one&lt;&amp;&gt;</p:Instances><p:Instances>Own_Thing/two&lt;&amp;&gt;</p:Instances>");
    own_close();
}

static void test_references_and_instances(void)
{
    own_open();
    gives(CALL("<p:Ref>" KEYS("x") "</p:Ref>"), "<p:Ref><a:Address>");
    gives(CALL("<p:Ref xsi:nil='1'/>"), "<p:Ref xsi:nil=\"true\"/>");
    gives(CALL("<p:Instance>" EMBEDDED("e") "</p:Instance>"), "<p:Instance>Own_Thing/e&lt;&amp;&gt;</p:Instance>");
    gives(CALL("<p:Instance><![CDATA[<INSTANCE CLASSNAME='Own_Thing'><PROPERTY NAME='Name' TYPE='string'><VALUE>c</VALUE></PROPERTY></INSTANCE>]]></p:Instance>"),
          "Own_Thing/c");
    gives(CALL("<p:Instance><p:Own_Thing><p:Name>n</p:Name></p:Own_Thing></p:Instance>"), "Own_Thing/n");
    gives(CALL("<p:Instance> </p:Instance>"), "<p:Told>--------n-g-</p:Told>");
    own_close();
}

static void test_wrong(void)
{
    own_open();
    gives("<p:Echo_INPUT/>", "faultDetail/InvalidName");
    gives("<p:Echo_INPUT><p:Must xsi:nil='true'/></p:Echo_INPUT>", "faultDetail/InvalidName");
    gives(CALL("<p:Colour>red</p:Colour>"), "takes no parameter Colour");
    gives(CALL("<p:Told>x</p:Told>"), "takes no parameter Told");
    gives(CALL("<p:Word>a</p:Word><p:Word>b</p:Word>"), "Word is there twice");
    gives(CALL("<p:Number>128</p:Number>"), "faultDetail/TypeMismatch");
    gives(CALL("<p:Number>one</p:Number>"), "faultDetail/TypeMismatch");
    gives(CALL("<p:Flag>yes</p:Flag>"), "faultDetail/TypeMismatch");
    gives(CALL("<p:When>soon</p:When>"), "faultDetail/TypeMismatch");
    gives(CALL("<p:Span>-PT1S</p:Span>"), "faultDetail/TypeMismatch");
    gives(CALL("<p:Word><p:x/></p:Word>"), "faultDetail/TypeMismatch");
    gives(CALL("<p:Refs>no path at all</p:Refs>"), "<p:ReturnValue>4</p:ReturnValue>");
    gives(CALL("<p:Instances>&lt;INSTANCE&gt;</p:Instances>"), "<p:ReturnValue>4</p:ReturnValue>");
    gives("<p:Other_INPUT/>", "w:SchemaValidationError");
    CU_ASSERT_TRUE(own_says(OWN_URI "/Shout", "", "<p:Shout_INPUT/>", "a:ActionNotSupported"));
    own_close();
}

UNIT_MAIN({ "scalars", test_scalars }, { "arrays", test_arrays },
          { "references and instances", test_references_and_instances }, { "what is wrong", test_wrong })
