/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/query.h"
#include "fake_classes.h"
#include "unit.h"

static const struct cim_instance system_a = { &fake_system, &fake_systems[0] };
static const struct cim_instance setting_a2 = { &fake_setting, &fake_settings[2] };

typedef int search_fn(struct cim_call *call, const struct cim_instance *source,
                      const struct cim_associators *wanted, struct cim_sink *sink);

static void finds(search_fn *search, const struct cim_instance *source,
                  const struct cim_associators wanted, const char *expected)
{
    struct fake_sink taken = FAKE_SINK;
    struct fake_call fake;

    fake_begin(&fake);
    CU_ASSERT_EQUAL(search(&fake.call, source, &wanted, &taken.sink), 0);
    CU_ASSERT_STRING_EQUAL(taken.text, expected);
    arena_free(&fake.arena);
}

#define WANTED(...) ((struct cim_associators){ __VA_ARGS__ })
#define ALL         WANTED(NULL)

static void in_the_order_of_the_registry(void)
{
    finds(cim_associators, &system_a, ALL, "Microsoft:a Microsoft:a1 Microsoft:a2");
    /* From either end of an association of a class with itself: its child, then its parent. */
    finds(cim_associators, &setting_a2, ALL, "A Microsoft:a Microsoft:a1");
}

static void filters(void)
{
    finds(cim_associators, &system_a, WANTED(.assoc_class = "fake_defines"), "Microsoft:a");
    finds(cim_associators, &system_a, WANTED(.assoc_class = "CIM_Dependency"),
          "Microsoft:a1 Microsoft:a2");
    finds(cim_associators, &system_a, WANTED(.result_class = "Fake_Host"), "");
    finds(cim_associators, &setting_a2, WANTED(.result_class = "CIM_SettingData"),
          "Microsoft:a Microsoft:a1");
    finds(cim_associators, &setting_a2, WANTED(.result_class = "CIM_ComputerSystem"), "A");
    finds(cim_associators, &system_a, WANTED(.role = "managedelement"), "Microsoft:a");
    finds(cim_associators, &system_a, WANTED(.result_role = "Dependent"),
          "Microsoft:a1 Microsoft:a2");
    finds(cim_associators, &setting_a2, WANTED("Fake_ParentChild", .role = "Antecedent"),
          "Microsoft:a");
    finds(cim_associators, &setting_a2, WANTED("Fake_ParentChild", .result_role = "Antecedent"),
          "Microsoft:a1");
    finds(cim_associators, &system_a, WANTED(.assoc_class = "Fake_System"), "");
}

static void only_what_can_match_is_walked(void)
{
    finds(cim_associators, &setting_a2, WANTED(.result_class = "CIM_ComputerSystem"), "A");
    CU_ASSERT_EQUAL(fake_walked, 2); /* not Fake_ParentChild, from neither end */
}

static void references(void)
{
    finds(cim_references, &system_a, ALL, "A-Microsoft:a A-Microsoft:a1 A-Microsoft:a2");
    finds(cim_references, &setting_a2, ALL,
          "A-Microsoft:a2 Microsoft:a2-Microsoft:a Microsoft:a1-Microsoft:a2");
    finds(cim_references, &setting_a2, WANTED(.result_class = "Fake_SnapshotOf"), "A-Microsoft:a2");
    finds(cim_references, &setting_a2, WANTED(.role = "Antecedent"), "Microsoft:a2-Microsoft:a");
}

static void each_once(void)
{
    fake_repeat = 1;
    finds(cim_associators, &system_a, WANTED(.assoc_class = "Fake_SnapshotOf"),
          "Microsoft:a1 Microsoft:a2");
    finds(cim_references, &setting_a2, WANTED(.result_class = "Fake_SnapshotOf"), "A-Microsoft:a2");
    fake_repeat = 0;
}

static void enumerates(const char *ns, const char *class, const char *expected)
{
    struct fake_sink taken = FAKE_SINK;
    struct fake_call fake;

    fake_begin(&fake);
    CU_ASSERT_EQUAL(cim_enumerate(&fake.call, ns, class, &taken.sink), 0);
    CU_ASSERT_STRING_EQUAL(taken.text, expected);
    arena_free(&fake.arena);
}

static void enumerate(void)
{
    enumerates(CIM_NS_V2, "Fake_System", "A B");
    enumerates("ROOT/virtualization/V2", "cim_computersystem", "localhost A B");
    enumerates("root/cimv2", "*", "cpu0");
    enumerates(CIM_NS_V2, "Fake_Defines", "A-Microsoft:a B-Microsoft:b");
    /* Its first end is a base class. */
    enumerates(CIM_NS_V2, "Fake_SnapshotOf", "A-Microsoft:a1 A-Microsoft:a2");
    enumerates(CIM_NS_V2, "CIM_Dependency",
               "A-Microsoft:a1 A-Microsoft:a2 Microsoft:a1-Microsoft:a2 Microsoft:a2-Microsoft:a");
}

static void enumerate_fails(void)
{
    struct fake_sink taken = FAKE_SINK;
    struct fake_call fake;

    fake_begin(&fake);
    CU_ASSERT_EQUAL(cim_enumerate(&fake.call, CIM_NS_V2, "No_Such", &taken.sink), -1);
    CU_ASSERT_EQUAL(fake.err.code, ERR_BAD_CLASS);
    error_clear(&fake.err);
    CU_ASSERT_EQUAL(cim_enumerate(&fake.call, "root/none", "*", &taken.sink), -1);
    CU_ASSERT_EQUAL(fake.err.code, ERR_BAD_NAMESPACE);
    arena_free(&fake.arena);
}

static void a_sink_stops_the_search(void)
{
    struct fake_sink taken = FAKE_SINK;
    struct fake_call fake;

    fake_begin(&fake);
    taken.stop_after = 2;
    CU_ASSERT_EQUAL(cim_associators(&fake.call, &system_a, &ALL, &taken.sink), -1);
    CU_ASSERT_EQUAL(taken.count, 2);
    CU_ASSERT_EQUAL(cim_enumerate(&fake.call, CIM_NS_V2, "Fake_Defines", &taken.sink), 0);
    arena_free(&fake.arena);
}

UNIT_MAIN({ "associated instances, in the order of the registry", in_the_order_of_the_registry },
          { "filters by class and role", filters },
          { "only what can match is walked", only_what_can_match_is_walked },
          { "references", references }, { "each once", each_once }, { "enumeration", enumerate },
          { "enumeration of what is not there", enumerate_fails },
          { "a sink stops the search", a_sink_stops_the_search })
