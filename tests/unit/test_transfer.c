/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Put, Create and Delete as a class sees them: only what differs and may be written.
 */
#include "unit.h"

#include "own_class.h"

#include <stdio.h>

static char name[32], notes[2][32], told[256];
static bool refuse;

static void get_name(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)object;
    out->text = arena_strdup(arena, name);
}

static void get_notes(const void *object, struct arena *arena, struct cim_value *out)
{
    const char **items = arena_alloc(arena, 2 * sizeof(*items));

    (void)object;
    for (size_t i = 0; i < 2 && notes[i][0]; i++)
        items[out->count++] = arena_strdup(arena, notes[i]);
    out->items = items;
}

static const struct cim_property properties[] = {
    { "Flag", CIM_BOOLEAN, CIM_WRITE, "true", NULL },
    FIXED_KEY("Key", "k"),
    { "Name", CIM_STRING, CIM_WRITE, NULL, get_name },
    { "Notes", CIM_STRING, CIM_WRITE | CIM_ARRAY, NULL, get_notes },
    FIXED("Number", UINT32, "12"),
    NIL("Unknown", STRING),
    { "When", CIM_DATETIME, CIM_WRITE, "2026-09-01T12:00:00Z", NULL },
};

static void tell(const struct cim_change *changes, size_t count)
{
    told[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(told);
        const struct cim_value *v = &changes[i].value;
        snprintf(told + len, sizeof(told) - len, "%s=%s", changes[i].property->name, v->text ? v->text : v->count ? "" : "nil");
        for (size_t k = 0; k < v->count; k++) {
            len = strlen(told);
            snprintf(told + len, sizeof(told) - len, "[%s]", v->items[k]);
        }
        strncat(told, ";", sizeof(told) - strlen(told) - 1);
    }
}

static int put(struct cim_call *call, const struct cim_instance *self, const struct cim_change *changes, size_t count)
{
    (void)self;
    tell(changes, count);
    if (refuse)
        return error_set(call->err, ERR_INVALID_STATE, "not now");
    for (size_t i = 0; i < count; i++)
        if (strcmp(changes[i].property->name, "Name") == 0)
            snprintf(name, sizeof(name), "%s", changes[i].value.text ? changes[i].value.text : "");
    return 0;
}

static const struct cim_class own_thing;

static int create(struct cim_call *call, const struct cim_change *given, size_t count, struct cim_instance *out)
{
    (void)call;
    tell(given, count);
    *out = (struct cim_instance){ &own_thing, &own_thing };
    return 0;
}

static int drop(struct cim_call *call, const struct cim_instance *self)
{
    (void)self;
    snprintf(told, sizeof(told), "removed");
    return refuse ? error_set(call->err, ERR_IN_USE, NULL) : 0;
}

static int list(struct cim_call *call, struct cim_sink *sink)
{
    (void)call;
    return sink->emit(sink, &(struct cim_instance){ &own_thing, &own_thing });
}

static const struct cim_class own_thing = {
    .ns = CIM_NS_V2,
    .name = "Own_Thing",
    .super = (const char *const[]){ "CIM_Thing", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .list = list,
    .put = put,
    .create = create,
    .remove = drop,
};

const struct cim_class *const cim_class_registry[] = { &own_thing, NULL };

static void begin(void)
{
    own_open();
    snprintf(name, sizeof(name), "old");
    snprintf(notes[0], sizeof(notes[0]), "a");
    snprintf(notes[1], sizeof(notes[1]), "b");
    refuse = false;
}

/* What the class was told of a Put, "-" when it was not called; the reply must hold `text`. */
static const char *put_gives(const char *headers, const char *body, const char *text)
{
    snprintf(told, sizeof(told), "-");
    CU_ASSERT_TRUE(own_says(NS_X "/Put", headers, body, text));
    return told;
}

#define THING(inner) "<p:Own_Thing>" inner "</p:Own_Thing>"

static void test_put(void)
{
    begin();
    CU_ASSERT_STRING_EQUAL(put_gives("", THING("<p:Name>new</p:Name>"), "<p:Name>new</p:Name>"), "Name=new;");
    CU_ASSERT_STRING_EQUAL(put_gives("", THING("<p:Name>new</p:Name><p:Number>012</p:Number><p:Key>k</p:Key>"
                                               "<p:When>2026-09-01T14:00:00+02:00</p:When><p:Unknown xsi:nil='true'/>"
                                               "<p:Notes>a</p:Notes><p:Notes>b</p:Notes><p:Flag>1</p:Flag>"),
                                     "PutResponse"), "-");
    CU_ASSERT_STRING_EQUAL(put_gives("", THING("<p:Flag>false</p:Flag><p:Notes>b</p:Notes>"), "PutResponse"), "Flag=false;Notes=[b];");
    CU_ASSERT_STRING_EQUAL(put_gives("", THING("<p:Notes xsi:nil='true'/><p:Name xsi:nil='true'/>"), "PutResponse"), "Notes=nil;Name=nil;");
    CU_ASSERT_STRING_EQUAL(put_gives("", THING("<p:Name>x</p:Name><p:Number>13</p:Number>"), "Number cannot be changed"), "-");
    CU_ASSERT_STRING_EQUAL(put_gives("", THING("<p:Key>other</p:Key>"), "Key cannot be changed"), "-");
    CU_ASSERT_STRING_EQUAL(put_gives("", THING("<p:Flag>perhaps</p:Flag>"), "not of its type"), "-");
    CU_ASSERT_STRING_EQUAL(put_gives("", "<q:CIM_Thing xmlns:q='" URI_DMTF "CIM_Thing'><q:Name>base</q:Name></q:CIM_Thing>", "PutResponse"),
                           "Name=base;");
    refuse = true;
    CU_ASSERT_STRING_EQUAL(put_gives("", THING("<p:Name>y</p:Name>"), "w:Concurrency"), "Name=y;");
    CU_ASSERT_STRING_EQUAL(name, "base");
    own_close();
}

#define PART(expression)  "<w:FragmentTransfer s:mustUnderstand='true'>" expression "</w:FragmentTransfer>"
#define FRAGMENT(content) "<w:XmlFragment>" content "</w:XmlFragment>"

static void test_put_fragment(void)
{
    begin();
    CU_ASSERT_STRING_EQUAL(put_gives(PART("Name/text()"), FRAGMENT("part"), ">part</w:XmlFragment>"), "Name=part;");
    CU_ASSERT_STRING_EQUAL(put_gives(PART("./q:Name"), FRAGMENT("<p:Name>p2</p:Name>"), "<p:Name>p2</p:Name>"), "Name=p2;");
    CU_ASSERT_STRING_EQUAL(put_gives(PART("/Own_Thing/Name"), FRAGMENT("<p:Name xsi:nil='true'/>"), "XmlFragment"), "Name=nil;");
    CU_ASSERT_STRING_EQUAL(put_gives(PART("Notes[2]"), FRAGMENT("<p:Notes>c</p:Notes>"), "XmlFragment"), "Notes=[a][c];");
    CU_ASSERT_STRING_EQUAL(put_gives(PART("Notes"), FRAGMENT("<p:Notes>x</p:Notes><p:Notes>y</p:Notes>"), "XmlFragment"), "Notes=[x][y];");
    CU_ASSERT_STRING_EQUAL(put_gives(PART("Notes"), FRAGMENT(""), "XmlFragment"), "Notes=nil;");
    CU_ASSERT_STRING_EQUAL(put_gives(PART("Notes[3]"), FRAGMENT("<p:Notes>c</p:Notes>"), "faultDetail/InvalidFragment"), "-");
    CU_ASSERT_STRING_EQUAL(put_gives(PART("Name[1]"), FRAGMENT("<p:Name>c</p:Name>"), "n:CannotProcessFilter"), "-");
    CU_ASSERT_STRING_EQUAL(put_gives(PART("Number"), FRAGMENT("<p:Number>1</p:Number>"), "Number cannot be changed"), "-");
    CU_ASSERT_STRING_EQUAL(put_gives(PART("Name"), FRAGMENT("<p:Name>a</p:Name><p:Name>b</p:Name>"), "faultDetail/InvalidFragment"), "-");
    own_close();
}

static void test_create(void)
{
    begin();
    CU_ASSERT_TRUE(own_says(NS_X "/Create", "", THING("<p:Name>made</p:Name><p:Unknown xsi:nil='true'/><p:Number>5</p:Number>"),
                            "<x:ResourceCreated><a:Address>"));
    CU_ASSERT_STRING_EQUAL(told, "Name=made;Number=5;");
    told[0] = '\0';
    CU_ASSERT_TRUE(own_says(NS_X "/Create", "", THING("<p:Colour>red</p:Colour>"), "no property Colour"));
    CU_ASSERT_TRUE(own_says(NS_X "/Create", "", "<p:Other/>", "faultDetail/InvalidValues"));
    CU_ASSERT_TRUE(own_says(NS_X "/Create", "", "", "w:SchemaValidationError"));
    CU_ASSERT_STRING_EQUAL(told, "");
    own_close();
}

static void test_delete(void)
{
    begin();
    CU_ASSERT_TRUE(own_says(NS_X "/Delete", "", "", "DeleteResponse"));
    CU_ASSERT_STRING_EQUAL(told, "removed");
    refuse = true;
    CU_ASSERT_TRUE(own_says(NS_X "/Delete", "", "", "w:Concurrency"));
    own_close();
}

UNIT_MAIN({ "put", test_put }, { "put of a fragment", test_put_fragment }, { "create", test_create },
          { "delete", test_delete })
