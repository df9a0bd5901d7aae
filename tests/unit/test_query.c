/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/query.h"
#include "fake_classes.h"
#include "unit.h"

/* Runs a query in the namespace of virtual machines and compares what comes. */
static void gives(const char *text, const char *expected)
{
    struct fake_sink taken = FAKE_SINK;
    struct fake_call fake;
    const struct cim_query *query;

    fake_begin(&fake);
    query = cim_query_parse(text, &fake.arena, &fake.err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(query);
    CU_ASSERT_EQUAL(cim_query_run(query, &fake.call, CIM_NS_V2, &taken.sink), 0);
    CU_ASSERT_EQUAL(fake.err.code, ERR_NONE);
    if (strcmp(taken.text, expected))
        printf("%s: %s %s\n", text, taken.text, fake.err.message);
    CU_ASSERT_STRING_EQUAL(taken.text, expected);
    arena_free(&fake.arena);
}

static void fails(const char *text, enum error_code code)
{
    struct fake_sink taken = FAKE_SINK;
    struct fake_call fake;
    const struct cim_query *query;

    fake_begin(&fake);
    query = cim_query_parse(text, &fake.arena, &fake.err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(query);
    CU_ASSERT_EQUAL(cim_query_run(query, &fake.call, CIM_NS_V2, &taken.sink), -1);
    CU_ASSERT_EQUAL(fake.err.code, code);
    CU_ASSERT_EQUAL(taken.count, 0);
    arena_free(&fake.arena);
}

static void select_queries(void)
{
    gives("SELECT * FROM Fake_System", "A B");
    gives("SELECT * FROM Fake_System WHERE EnabledState = 3", "B");
    gives("SELECT * FROM Fake_System WHERE ElementName = 'It\\'s \\\\ Beta'", "B");
    gives("SELECT Name FROM CIM_ComputerSystem WHERE Name != __SERVER", "A B");
    gives("SELECT * FROM CIM_ComputerSystem", "localhost A B");
    /* Not every class has the property: those without it never match. */
    gives("SELECT * FROM CIM_ComputerSystem WHERE EnabledState = 2", "A");
    gives("SELECT * FROM CIM_ComputerSystem WHERE NOT EnabledState IS NULL", "localhost A B");
    gives("SELECT * FROM Fake_Setting WHERE InstanceID LIKE 'Microsoft:a_'",
          "Microsoft:a1 Microsoft:a2");
    gives("SELECT * FROM Fake_Defines WHERE ManagedElement = \"Fake_System.Name='B'\"",
          "B-Microsoft:b");
}

static void failures(void)
{
    fails("SELECT * FROM No_Such", ERR_BAD_CLASS);
    fails("SELECT * FROM Fake_Processor", ERR_BAD_CLASS);
    fails("SELECT Colour FROM Fake_System", ERR_BAD_FILTER);
    fails("SELECT * FROM Fake_System WHERE Colour = 1", ERR_BAD_FILTER);
    fails("ASSOCIATORS OF {Fake_System.Name='C'}", ERR_NOT_FOUND);
    fails("REFERENCES OF {Fake_System.Name='C'}", ERR_NOT_FOUND);
}

static void short_cut(void)
{
    static const struct {
        const char *where, *taken;
        int got;
    } cases[] = {
        { "Name = 'b'", "B", 1 },
        { "'B' = name", "B", 1 },
        { "EnabledState = 3 AND (Name = 'B' AND On = FALSE)", "B", 1 },
        { "Name = 'B' AND EnabledState = 2", "", 1 }, /* the rest still counts */
        { "Name = 'C'", "", 1 },
        { "Name = 'B' OR EnabledState = 2", "A B", 0 },
        { "NOT Name = 'B'", "A", 0 },
        { "Name >= 'B'", "B", 0 },
        { "Name <> 'B'", "A", 0 },
        { "Name = ElementName", "", 0 },
    };

    for (size_t i = 0; i < FAKE_COUNT(cases); i++) {
        char text[200];

        snprintf(text, sizeof(text), "SELECT * FROM Fake_System WHERE %s", cases[i].where);
        gives(text, cases[i].taken);
        CU_ASSERT_EQUAL(fake_got, cases[i].got);
        CU_ASSERT_EQUAL(fake_listed, !cases[i].got);
    }
}

static void of_queries(void)
{
    gives("ASSOCIATORS OF {Fake_System.CreationClassName='Fake_System',Name='A'} WHERE "
          "AssocClass = Fake_Defines ResultClass = Fake_Setting",
          "Microsoft:a");
    gives("ASSOCIATORS OF {\\\\HOST\\root\\virtualization\\v2:Fake_Setting.InstanceID="
          "\"Microsoft:b\"}",
          "B");
    fails("ASSOCIATORS OF {Fake_System.Name='A'} WHERE AssocClass = No_Such", ERR_BAD_FILTER);
    fails("ASSOCIATORS OF {Fake_System.Name='A'} WHERE ResultClass = No_Such", ERR_BAD_FILTER);
    fails("REFERENCES OF {Fake_System.Name='A'} WHERE ResultClass = No_Such", ERR_BAD_FILTER);
    gives("REFERENCES OF {Fake_System.Name='B'}", "B-Microsoft:b");
}

static void columns(void)
{
    const struct cim_instance a = { &fake_system, &fake_systems[0] };
    struct cim_value value;
    struct fake_call fake;

    fake_begin(&fake);
    cim_query_value("enabledstate", &fake.call, &a, &value);
    CU_ASSERT_STRING_EQUAL(value.text, "2");
    cim_query_value("__PATH", &fake.call, &a, &value);
    CU_ASSERT_STRING_EQUAL(value.text, "\\\\localhost\\root\\virtualization\\v2:Fake_System."
                                       "CreationClassName=\"Fake_System\",Name=\"A\"");
    cim_query_value("Colour", &fake.call, &a, &value);
    CU_ASSERT_PTR_NULL(value.text);
    arena_free(&fake.arena);
}

static void a_sink_stops_a_query(void)
{
    struct fake_sink taken = FAKE_SINK;
    struct fake_call fake;

    fake_begin(&fake);
    taken.stop_after = 1;
    CU_ASSERT_EQUAL(
        cim_query_run(cim_query_parse("SELECT * FROM CIM_ManagedElement", &fake.arena, NULL),
                      &fake.call, CIM_NS_V2, &taken.sink),
        -1);
    CU_ASSERT_STRING_EQUAL(taken.text, "localhost");
    CU_ASSERT_EQUAL(fake.err.code, ERR_NONE);
    arena_free(&fake.arena);
}

UNIT_MAIN({ "SELECT with base classes and conditions", select_queries },
          { "each way to fail has its error", failures },
          { "a key in WHERE asks for one instance, and only where that is right", short_cut },
          { "ASSOCIATORS OF and REFERENCES OF", of_queries }, { "the values of columns", columns },
          { "a sink stops a query", a_sink_stops_a_query })
