/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the contract suite does not ask of the memory backend: its script at work.
 */
#include "unit.h"

#include "base/clock.h"
#include "memory/memory.h"

#include <string.h>

struct trace {
    unsigned percents[32];
    size_t count;
};

static void trace_progress(void *opaque, unsigned percent)
{
    struct trace *trace = opaque;

    if (trace->count < sizeof(trace->percents) / sizeof(trace->percents[0]))
        trace->percents[trace->count++] = percent;
}

static int trace_journal(void *opaque, const char *state, struct error *err)
{
    (void)opaque;
    (void)err;
    CU_ASSERT_NOT_EQUAL(state[0], '\0');
    return 0;
}

/* Makes one snapshot of the first machine; its id in *id. */
static int create(struct backend *backend, struct trace *trace, struct guid *id, struct error *err)
{
    const struct backend_call call = { trace, trace_progress, trace_journal, 1, NULL };
    struct snapshot_spec spec = { .kind = SNAPSHOT_FULL, .name = "n" };
    struct vm_list list;

    CU_ASSERT_EQUAL_FATAL(backend_vm_list(backend, &list, NULL), 0);
    spec.vm = list.items[0].id;
    spec.id = *id = guid_random();
    vm_list_clear(&list);
    memset(trace, 0, sizeof(*trace));
    return backend_snapshot_create(backend, &call, &spec, err);
}

static struct backend *open(const char *uri)
{
    struct backend *backend = NULL;

    CU_ASSERT_EQUAL_FATAL(backend_open(&backend, "memory", uri, NULL), 0);
    return backend;
}

static void test_delay(void)
{
    struct backend *backend = open("memory:?delay_ms=50");
    int64_t before = clock_mono_ms();
    struct trace trace;
    struct guid id;

    CU_ASSERT_EQUAL(create(backend, &trace, &id, NULL), 0);
    CU_ASSERT_TRUE(clock_mono_ms() - before >= 50);
    CU_ASSERT_EQUAL_FATAL(trace.count, 11);
    for (unsigned i = 0; i <= 10; i++)
        CU_ASSERT_EQUAL(trace.percents[i], i * 10);
    backend_close(backend);
}

static void test_fail_create(void)
{
    struct backend *backend = open("memory:?fail=create&fail_code=NO_SPACE&fail_after=1");
    struct snapshot_list list;
    struct error err = { 0 };
    struct trace trace;
    struct vm_list vms;
    struct guid id;

    CU_ASSERT_EQUAL(create(backend, &trace, &id, &err), 0);
    CU_ASSERT_EQUAL(create(backend, &trace, &id, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NO_SPACE);
    CU_ASSERT_EQUAL_FATAL(backend_vm_list(backend, &vms, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(backend_snapshot_list(backend, &vms.items[0].id, &list, NULL), 0);
    CU_ASSERT_EQUAL(list.count, 1);
    snapshot_list_clear(&list);
    vm_list_clear(&vms);
    backend_close(backend);
}

static void test_fail_others(void)
{
    struct backend *backend = open("memory:?fail=ping&fail_code=UNAVAILABLE");
    struct error err = { 0 };
    struct vm_list list;

    CU_ASSERT_EQUAL(backend_ping(backend, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_UNAVAILABLE);
    CU_ASSERT_EQUAL(backend_vm_list(backend, &list, NULL), 0);
    vm_list_clear(&list);
    backend_close(backend);

    backend = open("memory:?fail=list");
    error_clear(&err);
    CU_ASSERT_EQUAL(backend_vm_list(backend, &list, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_FAILED);
    CU_ASSERT_EQUAL(backend_ping(backend, NULL), 0);
    backend_close(backend);
}

UNIT_MAIN({ "a create takes its time", test_delay }, { "a create fails", test_fail_create },
          { "other operations fail", test_fail_others })
