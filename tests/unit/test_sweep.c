/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "core/sweep.h"
#include "fake.h"

static struct config config;
static struct backend *backend;
static struct sweep *sweep;
static char said[1024]; /* "+vm alpha;-snapshot;" */
static unsigned found;

static void change(void *opaque, enum sweep_change what, const struct guid *vm,
                   const struct guid *snapshot, const char *name)
{
    static const char *const words[] = { "+vm", "-vm", "+snapshot", "-snapshot" };
    size_t len = strlen(said);

    (void)opaque;
    snprintf(said + len, sizeof(said) - len, "%s%d%s%s;", words[what], vm->bytes[15],
             snapshot ? "." : "", snapshot ? (char[]){ (char)('a' + snapshot->bytes[15]), 0 } : "");
    if (what == SWEEP_VM_SEEN)
        CU_ASSERT_STRING_NOT_EQUAL(name, "");
}

static void find(void *opaque, const struct snapshot *snapshot)
{
    (void)opaque;
    (void)snapshot;
    found++;
}

static void begin(long machines)
{
    static const struct sweep_listener listener = { change, find, NULL };

    fake_reset();
    config = fake_config((char *)":memory:");
    config.sweep_seconds = 60;
    config.sweep_machines = machines;
    said[0] = '\0';
    found = 0;
    backend = fake_backend();
    CU_ASSERT_EQUAL_FATAL(sweep_open(&sweep, backend, &config, &listener, NULL), 0);
}

static void end(void)
{
    sweep_close(sweep);
    backend_close(backend);
}

static void make(size_t vm, unsigned char id)
{
    struct guid machine = fake_vm_id(vm), snapshot = { .bytes = { 1, [15] = id } };

    fake_made_add(&machine, &snapshot);
}

/* What one pass tells. */
static const char *pass(void)
{
    said[0] = '\0';
    CU_ASSERT_EQUAL(sweep_pass(sweep, NULL), 0);
    return said;
}

static void test_changes(void)
{
    begin(100);
    make(0, 0);
    CU_ASSERT_STRING_EQUAL(pass(), ""); /* what is there at first is no news */
    CU_ASSERT_EQUAL(found, 1);
    CU_ASSERT_STRING_EQUAL(pass(), "");
    make(0, 1);
    make(1, 2);
    CU_ASSERT_STRING_EQUAL(pass(), "+snapshot1.b;+snapshot2.c;");
    CU_ASSERT_STRING_EQUAL(pass(), "");
    fake.made[0] = fake.made[--fake.made_count];
    CU_ASSERT_STRING_EQUAL(pass(), "-snapshot1.a;");
    end();
}

static void test_machines(void)
{
    begin(100);
    CU_ASSERT_STRING_EQUAL(pass(), "");
    fake.vms[2] = (struct fake_vm){ .name = "gamma", .title = "Gamma", .state = VM_OFF };
    make(2, 5);
    CU_ASSERT_STRING_EQUAL(pass(), "+vm3;+snapshot3.f;");
    fake.vms[0].gone = true;
    CU_ASSERT_STRING_EQUAL(pass(), "-vm1;");
    fake.vms[1].gone = fake.vms[2].gone = true;
    CU_ASSERT_STRING_EQUAL(pass(), "-vm2;-vm3;");
    CU_ASSERT_STRING_EQUAL(pass(), "");
    end();
}

/* A machine a pass, in turn. */
static void test_bound(void)
{
    begin(1);
    for (unsigned i = 1; i <= 4; i++) {
        pass();
        CU_ASSERT_EQUAL(fake.lists, i);
    }
    make(0, 0);
    make(1, 1);
    CU_ASSERT_STRING_EQUAL(pass(), "+snapshot1.a;");
    CU_ASSERT_STRING_EQUAL(pass(), "+snapshot2.b;");
    CU_ASSERT_STRING_EQUAL(pass(), "");
    end();
}

/* Nothing is told while nobody can be asked, and nothing is lost. */
static void test_away(void)
{
    struct error err = { 0 };

    begin(100);
    pass();
    make(0, 0);
    fake.away = true;
    said[0] = '\0';
    CU_ASSERT_EQUAL(sweep_pass(sweep, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(said, "");
    fake.away = false;
    CU_ASSERT_STRING_EQUAL(pass(), "+snapshot1.a;");
    end();
}

static void test_thread(void)
{
    begin(100);
    CU_ASSERT_EQUAL(sweep_start(sweep, NULL), 0);
    end(); /* a pass under way is waited for, the minute after it is not */
    begin(100);
    config.sweep_seconds = 0;
    CU_ASSERT_EQUAL(sweep_start(sweep, NULL), 0);
    end();
    CU_ASSERT_EQUAL(fake.lists, 0);
}

UNIT_MAIN({ "snapshots come and go", test_changes }, { "machines come and go", test_machines },
          { "bounded", test_bound }, { "hypervisor away", test_away }, { "thread", test_thread })
