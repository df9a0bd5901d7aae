/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "memory/script.h"

#include <string.h>

static void test_machines(void)
{
    struct script script;

    CU_ASSERT_EQUAL_FATAL(
        script_read(&script, "memory:?vms=a,b*2:off,c.d:saved:agent+nofull&delay_ms=5", NULL), 0);
    CU_ASSERT_EQUAL_FATAL(script.count, 4);
    CU_ASSERT_STRING_EQUAL(script.machines[0].vm.name, "a");
    CU_ASSERT_EQUAL(script.machines[0].vm.state, VM_RUNNING);
    CU_ASSERT_TRUE(script.machines[0].vm.persistent);
    CU_ASSERT_TRUE(script.machines[0].capabilities.full);
    CU_ASSERT_STRING_EQUAL(script.machines[1].vm.name, "b1");
    CU_ASSERT_STRING_EQUAL(script.machines[2].vm.name, "b2");
    CU_ASSERT_EQUAL(script.machines[2].vm.state, VM_OFF);
    CU_ASSERT_STRING_EQUAL(script.machines[3].vm.title, "c.d");
    CU_ASSERT_EQUAL(script.machines[3].vm.state, VM_SAVED);
    CU_ASSERT_TRUE(script.machines[3].capabilities.agent);
    CU_ASSERT_FALSE(script.machines[3].capabilities.full);
    CU_ASSERT_TRUE(script.machines[3].capabilities.disk);
    CU_ASSERT_NOT_EQUAL(script.machines[3].capabilities.why[0], '\0');
    CU_ASSERT_EQUAL(script.delay_ms, 5);
    script_clear(&script);
}

static void test_sizes(void)
{
    static const char *const wrong[] = { "cpus=", "cpus=x", "cpus=513", "disks=27", "cats=1", "=1" };
    struct script script;

    CU_ASSERT_EQUAL_FATAL(
        script_read(&script, "memory:?vms=a:off:cpus=4+disks=0+nics=2+cds=1+serials=4,b", NULL), 0);
    CU_ASSERT_EQUAL(script.machines[0].vm.vcpus, 4);
    CU_ASSERT_EQUAL(script.machines[0].disks, 0);
    CU_ASSERT_EQUAL(script.machines[0].nics, 2);
    CU_ASSERT_EQUAL(script.machines[0].cds, 1);
    CU_ASSERT_EQUAL(script.machines[0].serials, 4);
    CU_ASSERT_EQUAL(script.machines[1].disks, 1);
    script_clear(&script);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char uri[64];
        snprintf(uri, sizeof(uri), "memory:?vms=a:off:%s", wrong[i]);
        CU_ASSERT_EQUAL(script_read(&script, uri, NULL), -1);
    }
}

static void test_defaults(void)
{
    static const char *const uris[] = { "memory:", "memory:?delay_ms=0" };

    for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
        struct script script;
        CU_ASSERT_EQUAL_FATAL(script_read(&script, uris[i], NULL), 0);
        CU_ASSERT_EQUAL_FATAL(script.count, 1);
        CU_ASSERT_STRING_EQUAL(script.machines[0].vm.name, "demo");
        CU_ASSERT_EQUAL(script.fail, SCRIPT_NONE);
        script_clear(&script);
    }
}

/* A GUID depends on the name alone. */
static void test_guids(void)
{
    struct script one, other;

    CU_ASSERT_EQUAL_FATAL(script_read(&one, "memory:?vms=a,b", NULL), 0);
    CU_ASSERT_EQUAL_FATAL(script_read(&other, "memory:?vms=x:off,b:off", NULL), 0);
    CU_ASSERT_TRUE(guid_equal(&one.machines[1].vm.id, &other.machines[1].vm.id));
    CU_ASSERT_FALSE(guid_equal(&one.machines[0].vm.id, &one.machines[1].vm.id));
    script_clear(&one);
    script_clear(&other);
}

static void test_many(void)
{
    struct script script;

    CU_ASSERT_EQUAL_FATAL(script_read(&script, "memory:?vms=m*5000:off", NULL), 0);
    CU_ASSERT_EQUAL(script.count, 5000);
    CU_ASSERT_STRING_EQUAL(script.machines[4999].vm.name, "m5000");
    script_clear(&script);
}

static void test_failure(void)
{
    struct script script;

    CU_ASSERT_EQUAL_FATAL(
        script_read(&script, "memory:?fail=create&fail_code=NO_SPACE&fail_after=3", NULL), 0);
    CU_ASSERT_EQUAL(script.fail, SCRIPT_CREATE);
    CU_ASSERT_EQUAL(script.fail_code, ERR_NO_SPACE);
    CU_ASSERT_EQUAL(script.fail_after, 3);
    script_clear(&script);
}

static void test_wrong(void)
{
    static const char *const uris[] = {
        "",
        "memory",
        "memor:?vms=a",
        "memory:vms=a",
        "memory:?",
        "memory:?vms",
        "memory:?vms=",
        "memory:?vms=a,",
        "memory:?vms=:off",
        "memory:?vms=a:asleep",
        "memory:?vms=a:",
        "memory:?vms=a:off:",
        "memory:?vms=a:off:agent+",
        "memory:?vms=a:off:wings",
        "memory:?vms=a*0",
        "memory:?vms=a*",
        "memory:?vms=a*x",
        "memory:?vms=a*-1",
        "memory:?vms=a*99999999999999999999",
        "memory:?vms=a&vms=b",
        "memory:?colour=red",
        "memory:?vms=a&",
        "memory:?delay_ms=soon",
        "memory:?delay_ms=",
        "memory:?fail=open",
        "memory:?fail_code=NONE",
        "memory:?fail_code=SOME",
        "memory:?vms=0123456789012345678901234567890123456789012345678901234567890123456789",
    };

    for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
        struct script script;
        struct error err = { 0 };
        if (script_read(&script, uris[i], &err) == 0)
            CU_FAIL(uris[i]);
        CU_ASSERT_EQUAL(err.code, ERR_INVALID_PARAMETER);
        CU_ASSERT_PTR_NULL(script.machines);
    }
}

UNIT_MAIN({ "machines", test_machines }, { "sizes", test_sizes }, { "defaults", test_defaults }, { "GUIDs", test_guids },
          { "many machines", test_many }, { "a failure", test_failure },
          { "wrong scripts", test_wrong })
