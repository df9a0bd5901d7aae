/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_classes.h"
#include "unit.h"

/* What becomes of a path: the name of the instance found, or the error. */
static void resolves(const char *path, const char *name, enum error_code code)
{
    struct fake_call fake;
    struct cim_instance found = { NULL, NULL };
    const struct cim_ref *ref;
    int rc;

    fake_begin(&fake);
    ref = cim_ref_parse_path(path, &fake.arena, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ref);
    rc = cim_resolve(&fake.call, CIM_NS_V2, ref, &found);
    CU_ASSERT_EQUAL(rc, code ? -1 : 0);
    CU_ASSERT_EQUAL(fake.err.code, code);
    if (!rc && !found.class->association)
        CU_ASSERT_STRING_EQUAL(((const struct fake_object *)found.object)->name, name);
    arena_free(&fake.arena);
}

static void found(void)
{
    resolves("Fake_System.CreationClassName='Fake_System',Name='A'", "A", ERR_NONE);
    resolves("Fake_System.Name='b'", "B", ERR_NONE);
    resolves("Fake_Setting.InstanceID='Microsoft:a1'", "Microsoft:a1", ERR_NONE);
    resolves("root/cimv2:Fake_Processor.DeviceID='cpu0'", "cpu0", ERR_NONE);
    resolves("Fake_Service.CreationClassName='Fake_Service'", "one", ERR_NONE);
}

static void base_class(void)
{
    resolves("CIM_ComputerSystem.CreationClassName='Fake_System',Name='A'", "A", ERR_NONE);
    resolves("CIM_ComputerSystem.Name='localhost'", "localhost", ERR_NONE);
    /* A base class whose subclasses have other keys. */
    resolves("CIM_ManagedElement.InstanceID='Microsoft:b'", "Microsoft:b", ERR_NONE);
}

static void without_keys(void)
{
    resolves("Fake_Service", "one", ERR_NONE);
    resolves("Fake_Bare=@", "one", ERR_NONE);
    resolves("Fake_System=@", NULL, ERR_SELECTORS_TOO_FEW);
}

static void errors(void)
{
    resolves("Fake_System.Name='C'", NULL, ERR_NOT_FOUND);
    resolves("Fake_System.CreationClassName='Fake_Host',Name='A'", NULL, ERR_NOT_FOUND);
    resolves("Fake_System.CreationClassName='Fake_System'", NULL, ERR_SELECTORS_AMBIGUOUS);
    resolves("Fake_System.ElementName='Alpha'", NULL, ERR_SELECTORS_UNEXPECTED);
    resolves("Fake_System.Name='A',Colour='red'", NULL, ERR_SELECTORS_UNEXPECTED);
    resolves("No_Such.Name='A'", NULL, ERR_BAD_CLASS);
    resolves("Fake_Processor.DeviceID='cpu0'", NULL, ERR_BAD_CLASS);
    resolves("root/none:Fake_System.Name='A'", NULL, ERR_BAD_NAMESPACE);
}

static void associations(void)
{
    resolves("Fake_Defines.SettingData=\"Fake_Setting.InstanceID='Microsoft:b'\"", NULL, ERR_NONE);
    resolves("Fake_Defines.SettingData=\"Fake_Setting.InstanceID='x'\"", NULL, ERR_NOT_FOUND);
    resolves("CIM_Dependency.Dependent=\"Fake_Setting.InstanceID='Microsoft:a2'\"", NULL,
             ERR_SELECTORS_AMBIGUOUS);
}

static void short_cut(void)
{
    struct fake_call fake;
    struct cim_instance out;

    fake_begin(&fake);
    CU_ASSERT_EQUAL(cim_resolve(&fake.call, CIM_NS_V2,
                                cim_ref_parse_path("Fake_System.Name='A'", &fake.arena, NULL),
                                &out),
                    0);
    CU_ASSERT_EQUAL(fake_got, 1);
    CU_ASSERT_EQUAL(fake_listed, 0);
    arena_free(&fake.arena);
}

UNIT_MAIN({ "by all keys or some that are enough", found },
          { "a base class stands for its subclasses", base_class },
          { "no keys are enough for a singleton", without_keys },
          { "each way to fail has its error", errors },
          { "associations, by the references that are their keys", associations },
          { "one instance is asked for, not all listed", short_cut })
