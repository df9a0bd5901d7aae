/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_classes.h"
#include "unit.h"

static struct cim_instance system_a(void)
{
    return (struct cim_instance){ &fake_system, &fake_systems[0] };
}

static void lookups(void)
{
    CU_ASSERT_PTR_EQUAL(cim_class_find("ROOT/Virtualization/V2", "fake_SYSTEM"), &fake_system);
    CU_ASSERT_PTR_NULL(cim_class_find("root/cimv2", "Fake_System"));
    CU_ASSERT_PTR_NULL(cim_class_find(CIM_NS_V2, "CIM_ComputerSystem"));
    CU_ASSERT_PTR_EQUAL(cim_property_find(&fake_system, "enabledstate"),
                        &fake_system_properties[2]);
    CU_ASSERT_PTR_NULL(cim_property_find(&fake_system, "Enabled"));
    CU_ASSERT_PTR_EQUAL(cim_method_find(&fake_system, "dothat"), &fake_methods[1]);
    CU_ASSERT_PTR_NULL(cim_method_find(&fake_setting, "DoThat"));
}

static void every_property_is_found(void)
{
    for (size_t i = 0; i < fake_system.property_count; i++)
        CU_ASSERT_PTR_EQUAL(cim_property_find(&fake_system, fake_system.properties[i].name),
                            &fake_system.properties[i]);
}

/* Own rows stand for shared ones of the same name; all come in order. */
static void shared_rows(void)
{
    static const struct cim_property own[] = { { "b", CIM_STRING, 0, "own", NULL },
                                               { "C", CIM_STRING, CIM_KEY, "own", NULL } };
    static const struct cim_property others[] = { { "A", CIM_STRING, 0, "shared", NULL },
                                                  { "B", CIM_STRING, 0, "shared", NULL },
                                                  { "d", CIM_STRING, CIM_KEY, "shared", NULL } };
    static const struct cim_rows shared = { others, 3 };
    const struct cim_class class = { .properties = own, .property_count = 2, .shared = &shared };
    const struct cim_property *const order[] = { &others[0], &own[0], &own[1], &others[2], NULL };
    struct cim_walk walk = { 0 };

    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        CU_ASSERT_PTR_EQUAL(cim_property_next(&class, &walk), order[i]);
    CU_ASSERT_PTR_EQUAL(cim_property_find(&class, "a"), &others[0]);
    CU_ASSERT_PTR_EQUAL(cim_property_find(&class, "B"), &own[0]);
    CU_ASSERT_PTR_NULL(cim_property_find(&class, "e"));
    CU_ASSERT_EQUAL(cim_property_most(&class), 5);
}

static void namespaces(void)
{
    const char *ns = NULL;

    CU_ASSERT_TRUE(cim_namespace_find("Root/CIMV2", &ns));
    CU_ASSERT_STRING_EQUAL(ns, "root/cimv2");
    CU_ASSERT_FALSE(cim_namespace_find("root", &ns));
}

static void base_classes(void)
{
    const struct cim_class *found[4] = { NULL };
    size_t cursor = 0, count = 0;

    CU_ASSERT_TRUE(cim_class_is(&fake_system, "cim_managedelement"));
    CU_ASSERT_TRUE(cim_class_is(&fake_system, "FAKE_SYSTEM"));
    CU_ASSERT_FALSE(cim_class_is(&fake_service, "CIM_ManagedElement"));
    while (count < 4 && (found[count] = cim_class_next(CIM_NS_V2, "CIM_ComputerSystem", &cursor)))
        count++;
    CU_ASSERT_EQUAL(count, 2);
    CU_ASSERT_PTR_EQUAL(found[0], &fake_host);
    CU_ASSERT_PTR_EQUAL(found[1], &fake_system);
}

static void star_is_every_class_of_the_namespace(void)
{
    size_t cursor = 0, count = 0;

    while (cim_class_next(CIM_NS_V2, "*", &cursor))
        count++;
    CU_ASSERT_EQUAL(count, 8);
    cursor = 0;
    CU_ASSERT_PTR_EQUAL(cim_class_next("root/cimv2", "*", &cursor), &fake_processor);
    CU_ASSERT_PTR_NULL(cim_class_next("root/cimv2", "*", &cursor));
}

static struct cim_value value_of(const struct cim_instance *instance, const char *name,
                                 struct arena *arena)
{
    struct cim_value value = { .text = "left from before", .count = 7 };

    cim_get(instance, cim_property_find(instance->class, name), arena, &value);
    return value;
}

static void values(void)
{
    struct arena arena = ARENA_INIT;
    struct cim_instance a = system_a(), b = { &fake_system, &fake_systems[1] };
    struct cim_value array = value_of(&a, "OperationalStatus", &arena);

    CU_ASSERT_STRING_EQUAL(value_of(&a, "CreationClassName", &arena).text, "Fake_System");
    CU_ASSERT_STRING_EQUAL(value_of(&a, "ElementName", &arena).text, "Alpha");
    CU_ASSERT_PTR_NULL(array.text);
    CU_ASSERT_EQUAL(array.count, 1);
    CU_ASSERT_STRING_EQUAL(array.items[0], "2");
    CU_ASSERT_PTR_NULL(value_of(&b, "ProcessID", &arena).text);
    CU_ASSERT_EQUAL(value_of(&b, "ProcessID", &arena).count, 0);
    arena_free(&arena);
}

static void roles_are_references(void)
{
    struct arena arena = ARENA_INIT;
    const struct cim_pair pair = { { system_a(), { &fake_setting, &fake_settings[0] } } };
    const struct cim_instance defines = { &fake_defines, &pair };
    const struct cim_ref *setting = value_of(&defines, "SettingData", &arena).ref;

    CU_ASSERT_STRING_EQUAL(setting->class, "Fake_Setting");
    CU_ASSERT_STRING_EQUAL(setting->keys[0].text, "Microsoft:a");
    CU_ASSERT_STRING_EQUAL(value_of(&defines, "ManagedElement", &arena).ref->class, "Fake_System");
    CU_ASSERT_STRING_EQUAL(value_of(&defines, "IsCurrent", &arena).text, "1");
    arena_free(&arena);
}

UNIT_MAIN({ "classes, properties and methods are found in any case", lookups },
          { "every property of a table is found", every_property_is_found },
          { "shared rows", shared_rows },
          { "namespaces are found and spelt as the table does", namespaces },
          { "a base class stands for its subclasses", base_classes },
          { "* is every class of the namespace", star_is_every_class_of_the_namespace },
          { "fixed values, getters, arrays of one and NULL", values },
          { "the roles of an association are references", roles_are_references })
