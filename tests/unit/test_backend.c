/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "base/hurry.h"
#include "core/backend.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

/* A backend that only counts how many are in it at once. */
static atomic_int inside, most, pings;
static int opened;

static int fake_open(void **self, const char *uri, struct error *err)
{
    *self = &opened;
    if (strcmp(uri, "bad") == 0)
        return error_set(err, ERR_INVALID_PARAMETER, NULL);
    opened++;
    return 0;
}

static void fake_close(void *self)
{
    CU_ASSERT_PTR_EQUAL(self, &opened);
    opened--;
}

static int fake_ping(void *self, struct error *err)
{
    int now = atomic_fetch_add(&inside, 1) + 1;

    (void)err;
    CU_ASSERT_PTR_EQUAL(self, &opened);
    if (now > atomic_load(&most))
        atomic_store(&most, now);
    sched_yield();
    atomic_fetch_sub(&inside, 1);
    atomic_fetch_add(&pings, 1);
    return 0;
}

static int fake_list(void *self, struct vm_list *out, struct error *err)
{
    (void)self;
    (void)err;
    CU_ASSERT_PTR_NULL(out->items);
    CU_ASSERT_EQUAL(out->count, 0);
    return -1; /* without saying why */
}

static int fake_get(void *self, const struct guid *vm, struct vm *out, struct error *err)
{
    (void)self;
    (void)vm;
    CU_ASSERT_PTR_NULL(out->name);
    return error_set(err, ERR_NOT_FOUND, NULL);
}

static int fake_capabilities(void *self, const struct guid *vm, struct vm_capabilities *out,
                             struct error *err)
{
    (void)self;
    (void)vm;
    (void)err;
    CU_ASSERT_FALSE(out->full || out->disk || out->recovery || out->agent);
    CU_ASSERT_EQUAL(out->why[0], '\0');
    out->full = true;
    return 0;
}

static int fake_snapshots(void *self, const struct guid *vm, struct snapshot_list *out,
                          struct error *err)
{
    (void)self;
    (void)vm;
    (void)err;
    CU_ASSERT_PTR_NULL(out->items);
    return 0;
}

static int fake_create(void *self, const struct backend_call *call,
                       const struct snapshot_spec *spec, struct error *err)
{
    (void)self;
    (void)call;
    (void)spec;
    (void)err;
    return 0;
}

static const struct backend_ops plain = {
    .size = sizeof(struct backend_ops),
    .api = BACKEND_API,
    .name = "fake",
    .threads = BACKEND_SERIAL,
    .open = fake_open,
    .close = fake_close,
    .ping = fake_ping,
    .vm_list = fake_list,
    .vm_get = fake_get,
    .vm_capabilities = fake_capabilities,
    .snapshot_list = fake_snapshots,
};

static void test_open(void)
{
    struct backend *backend;
    struct error err = { 0 };

    CU_ASSERT_EQUAL(backend_open_ops(&backend, &plain, "bad", &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_INVALID_PARAMETER);
    CU_ASSERT_PTR_NULL(backend);
    CU_ASSERT_EQUAL_FATAL(backend_open_ops(&backend, &plain, "good", NULL), 0);
    CU_ASSERT_STRING_EQUAL(backend_name(backend), "fake");
    CU_ASSERT_EQUAL(opened, 1);
    backend_close(backend);
    CU_ASSERT_EQUAL(opened, 0);
    backend_close(NULL);
}

static void test_registry(void)
{
    struct backend *backend;
    struct error err = { 0 };

    CU_ASSERT_EQUAL(backend_open(&backend, "nothing", "x", &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_SUPPORTED);
    CU_ASSERT_PTR_NULL(backend);
    CU_ASSERT_EQUAL_FATAL(backend_open(&backend, "memory", "memory:", NULL), 0);
    CU_ASSERT_STRING_EQUAL(backend_name(backend), "memory");
    backend_close(backend);
}

static void test_tables(void)
{
    struct backend_ops wrong[] = { plain, plain, plain, plain, plain, plain, plain, plain, plain, plain };

    wrong[0].size = sizeof(struct backend_ops) - sizeof(void *);
    wrong[1].api = BACKEND_API + 1;
    wrong[2].vm_capabilities = NULL;
    wrong[3].name = NULL;
    wrong[4].open = NULL;
    wrong[5].close = NULL;
    wrong[6].ping = NULL;
    wrong[7].vm_list = NULL;
    wrong[8].vm_get = NULL;
    wrong[9].snapshot_list = NULL;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct backend *backend;
        struct error err = { 0 };
        CU_ASSERT_EQUAL(backend_open_ops(&backend, &wrong[i], "good", &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_INTERNAL);
    }
}

/* Outputs are clean on the way in, and an error always has a code on the way out. */
static void test_outputs(void)
{
    struct vm_capabilities can = { .full = true, .why = "old" };
    struct snapshot_list snapshots;
    struct backend *backend;
    struct error err = { 0 };
    struct vm_list list;
    struct guid id = guid_random();
    struct vm vm;

    memset(&list, 0xFF, sizeof(list));
    memset(&snapshots, 0xFF, sizeof(snapshots));
    memset(&vm, 0xFF, sizeof(vm));
    CU_ASSERT_EQUAL_FATAL(backend_open_ops(&backend, &plain, "good", NULL), 0);
    CU_ASSERT_EQUAL(backend_vm_list(backend, &list, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_FAILED);
    error_clear(&err);
    CU_ASSERT_EQUAL(backend_vm_get(backend, &id, &vm, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    CU_ASSERT_EQUAL(backend_vm_get(backend, &id, &vm, NULL), -1);
    CU_ASSERT_EQUAL(backend_vm_capabilities(backend, &id, &can, NULL), 0);
    CU_ASSERT_TRUE(can.full);
    CU_ASSERT_EQUAL(backend_snapshot_list(backend, &id, &snapshots, NULL), 0);
    backend_close(backend);
}

static void test_optional(void)
{
    struct snapshot_spec spec = { .id = guid_random(), .kind = SNAPSHOT_FULL, .name = "n" };
    const struct recovery_order order = { JOB_SNAPSHOT_CREATE, spec.vm, spec.id, NULL };
    const struct snapshot_change change = { .id = spec.id };
    const struct backend_call call = { .agent_seconds = 1 };
    struct backend_ops able = plain;
    enum recovery found = RECOVERY_WHOLE;
    struct backend *backend;
    struct error err = { 0 };

    CU_ASSERT_EQUAL_FATAL(backend_open_ops(&backend, &plain, "good", NULL), 0);
    CU_ASSERT_EQUAL(backend_snapshot_create(backend, &call, &spec, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_SUPPORTED);
    error_clear(&err);
    CU_ASSERT_EQUAL(backend_snapshot_recover(backend, &order, &found, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_SUPPORTED);
    error_clear(&err);
    CU_ASSERT_EQUAL(backend_snapshot_apply(backend, &call, &change, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_SUPPORTED);
    error_clear(&err);
    CU_ASSERT_EQUAL(backend_snapshot_destroy(backend, &call, &change, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_SUPPORTED);
    error_clear(&err);
    CU_ASSERT_EQUAL(backend_vm_check(backend, &spec.vm, true, NULL, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_SUPPORTED);
    CU_ASSERT_EQUAL(found, RECOVERY_NONE);
    backend_close(backend);

    able.snapshot_create = fake_create;
    error_clear(&err);
    CU_ASSERT_EQUAL_FATAL(backend_open_ops(&backend, &able, "good", NULL), 0);
    CU_ASSERT_EQUAL(backend_snapshot_create(backend, &call, &spec, &err), 0);
    memset(&spec.id, 0, sizeof(spec.id));
    CU_ASSERT_EQUAL(backend_snapshot_create(backend, &call, &spec, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_INVALID_PARAMETER);
    backend_close(backend);
}

/* Every operation of one that has only what it must have. */
enum { OPERATIONS = 18 };

static int call_operation(struct backend *backend, int number, struct error *err)
{
    const struct guid id = { { 1 } };
    const struct backend_call call = { 0 };
    const struct snapshot_change change = { .vm = id, .id = id };
    const struct snapshot_spec spec = { .vm = id, .id = id, .kind = SNAPSHOT_FULL, .name = "n" };
    const struct recovery_order order = { .kind = JOB_SNAPSHOT_CREATE, .vm = id, .snapshot = id };
    const struct vm_edit edit = { .which = SETTING_TITLE, .title = "t" };
    const struct snapshot_edit rename = { .vm = id, .id = id, .name = "n" };
    const struct list_part part = { .most = 1 };
    union {
        struct vm vm;
        struct vm_list vms;
        struct snapshot_list snapshots;
        struct vm_capabilities can;
        struct vm_prospect prospect;
        struct host host;
        struct network_list networks;
        struct hardware hardware;
        struct picture picture;
        enum recovery found;
    } out;

    switch (number) {
    case 0: return backend_vm_list(backend, &out.vms, err);
    case 1: return backend_vm_part(backend, &part, &out.vms, err);
    case 2: return backend_vm_get(backend, &id, &out.vm, err);
    case 3: return backend_vm_capabilities(backend, &id, &out.can, err);
    case 4: return backend_snapshot_part(backend, &id, &part, &out.snapshots, err);
    case 5: return backend_hardware(backend, &id, NULL, &out.hardware, err);
    case 6: return backend_host(backend, &out.host, err);
    case 7: return backend_snapshot_create(backend, &call, &spec, err);
    case 8: return backend_snapshot_recover(backend, &order, &out.found, err);
    case 9: return backend_snapshot_apply(backend, &call, &change, err);
    case 10: return backend_snapshot_destroy(backend, &call, &change, err);
    case 11: return backend_vm_change(backend, &call, &id, CHANGE_START, err);
    case 12: return backend_vm_keys(backend, &id, NULL, 0, err);
    case 13: return backend_vm_picture(backend, &id, &out.picture, err);
    case 14: return backend_vm_edit(backend, &id, &edit, err);
    case 15: return backend_snapshot_edit(backend, &rename, err);
    case 16: return backend_vm_prospect(backend, &id, &out.prospect, err);
    default: return backend_ping(backend, err);
    }
}

/* In a hurry none is begun, whether it is there or not; what is missing says so. */
static void test_each(void)
{
    struct backend_ops tables[] = { plain, plain };
    struct backend *backend;

    for (size_t i = 0; backend_registry[i]; i++)
        if (strcmp(backend_registry[i]->name, "memory") == 0)
            tables[1] = *backend_registry[i];
    tables[1].prompt = false;
    for (size_t i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL_FATAL(backend_open_ops(&backend, &tables[i], "memory:?vms=demo:running", NULL), 0);
        for (int number = 0; number < OPERATIONS; number++) {
            int before = pings;
            struct error err = { 0 };
            hurry_begin();
            CU_ASSERT_EQUAL(call_operation(backend, number, &err), -1);
            CU_ASSERT_NOT_EQUAL(err.code, ERR_NONE);
            hurry_end();
            CU_ASSERT_EQUAL(pings, before);
            error_clear(&err);
            if (i == 0 && call_operation(backend, number, &err) != 0)
                CU_ASSERT_NOT_EQUAL(err.code, ERR_NONE);
        }
        backend_close(backend);
    }
}

/* A thread in a hurry: nothing that waits is begun. */
static void test_hurry(void)
{
    struct backend_ops prompt = plain;
    struct backend *backend;
    struct error err = { 0 };
    int before = pings;

    CU_ASSERT_EQUAL_FATAL(backend_open_ops(&backend, &plain, "good", NULL), 0);
    hurry_begin();
    CU_ASSERT_EQUAL(backend_ping(backend, &err), -1);
    CU_ASSERT_EQUAL(pings, before);
    CU_ASSERT_TRUE(hurry_end());
    error_clear(&err);
    CU_ASSERT_EQUAL(backend_ping(backend, &err), 0);
    hurry_begin();
    CU_ASSERT_FALSE(hurry_end());
    backend_close(backend);

    prompt.prompt = true;
    CU_ASSERT_EQUAL_FATAL(backend_open_ops(&backend, &prompt, "good", NULL), 0);
    hurry_begin();
    CU_ASSERT_EQUAL(backend_ping(backend, &err), 0);
    CU_ASSERT_FALSE(hurry_end());
    CU_ASSERT_EQUAL(pings, before + 2);
    backend_close(backend);
}

static void *ping_often(void *opaque)
{
    for (int i = 0; i < 2000; i++)
        backend_ping(opaque, NULL);
    return NULL;
}

static void test_serial(void)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    struct backend *backend;

    CU_ASSERT_EQUAL_FATAL(backend_open_ops(&backend, &plain, "good", NULL), 0);
    for (int i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, ping_often, backend), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(atomic_load(&pings), THREADS * 2000);
    CU_ASSERT_EQUAL(atomic_load(&most), 1);
    backend_close(backend);
}

UNIT_MAIN({ "open and close", test_open }, { "the registry", test_registry },
          { "tables that do not fit", test_tables }, { "outputs", test_outputs },
          { "optional operations", test_optional }, { "one at a time", test_serial },
          { "in a hurry", test_hurry }, { "each operation", test_each })
