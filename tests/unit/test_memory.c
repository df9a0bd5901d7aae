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
    const struct backend_call call = { .opaque = trace, .progress = trace_progress, .journal = trace_journal, .agent_seconds = 1 };
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

/* What a part tells is what is left of the whole list. */
static void check_named(struct backend *backend, const struct guid *vm, const char *title)
{
    struct list_part part = { .title = title };
    struct snapshot_list whole = { 0 }, got = { 0 };
    struct guid last = { { 0 } };

    CU_ASSERT_EQUAL_FATAL(backend_snapshot_list(backend, vm, &whole, NULL), 0);
    snapshot_list_cut(&whole, &part);
    part.most = 2;
    for (size_t at = 0; at < whole.count; at += got.count) { /* in pages */
        snapshot_list_clear(&got);
        part.after = at ? &last : NULL;
        CU_ASSERT_EQUAL_FATAL(backend_snapshot_part(backend, vm, &part, &got, NULL), 0);
        CU_ASSERT_EQUAL_FATAL(got.count, whole.count - at < 2 ? whole.count - at : 2);
        for (size_t i = 0; i < got.count; i++) {
            CU_ASSERT_TRUE(guid_equal(&got.items[i].id, &whole.items[at + i].id));
            CU_ASSERT_STRING_EQUAL(got.items[i].name, whole.items[at + i].name);
            last = got.items[i].id;
        }
    }
    part = (struct list_part){ .title = title, .only = whole.count ? &whole.items[0].id : vm };
    snapshot_list_clear(&got);
    CU_ASSERT_EQUAL_FATAL(backend_snapshot_part(backend, vm, &part, &got, NULL), 0);
    CU_ASSERT_EQUAL(got.count, whole.count > 0);
    snapshot_list_clear(&got);
    snapshot_list_clear(&whole);
}

static void test_names(void)
{
    static const char *const names[] = { "a", "A", "b", "ab", "\xC3\x84", "" };
    struct backend *backend = open("memory:?vms=demo:off");
    struct snapshot_edit edit = { 0 };
    struct snapshot_change gone = { 0 };
    struct trace trace = { 0 };
    const struct backend_call call = { .opaque = &trace, .progress = trace_progress, .journal = trace_journal, .agent_seconds = 1 };
    struct vm_list vms;
    struct guid ids[40];

    CU_ASSERT_EQUAL_FATAL(backend_vm_list(backend, &vms, NULL), 0);
    edit.vm = gone.vm = vms.items[0].id;
    for (size_t i = 0; i < 40; i++) {
        CU_ASSERT_EQUAL_FATAL(create(backend, &trace, &ids[i], NULL), 0);
        check_named(backend, &edit.vm, "N"); /* one more */
        edit.id = ids[i * 7 % (i + 1)];
        edit.name = names[i % 6];
        CU_ASSERT_EQUAL_FATAL(backend_snapshot_edit(backend, &edit, NULL), 0);
        for (size_t n = 0; n < 6; n++)
            check_named(backend, &edit.vm, names[n]);
    }
    for (size_t i = 0; i < 40; i += 3) {
        gone.id = ids[i];
        CU_ASSERT_EQUAL_FATAL(backend_snapshot_destroy(backend, &call, &gone, NULL), 0);
        for (size_t n = 0; n < 6; n++)
            check_named(backend, &edit.vm, names[n]);
    }
    vm_list_clear(&vms);
    backend_close(backend);
}

static void check_titled(struct backend *backend, const char *title, size_t expected)
{
    const struct list_part part = { .title = title };
    struct vm_list got;

    CU_ASSERT_EQUAL_FATAL(backend_vm_part(backend, &part, &got, NULL), 0);
    CU_ASSERT_EQUAL(got.count, expected);
    vm_list_clear(&got);
}

static void test_titles(void)
{
    struct backend *backend = open("memory:?vms=demo:off,web:off,mail:off");
    struct vm_edit edit = { .which = SETTING_TITLE, .title = "Web" };
    struct vm_list vms;

    CU_ASSERT_EQUAL_FATAL(backend_vm_list(backend, &vms, NULL), 0);
    check_titled(backend, "DEMO", 1);
    check_titled(backend, "web", 1);
    check_titled(backend, "we", 0);
    CU_ASSERT_EQUAL(backend_vm_edit(backend, &vms.items[0].id, &edit, NULL), 0);
    check_titled(backend, "demo", 0);
    check_titled(backend, "web", 2);
    vm_list_clear(&vms);
    backend_close(backend);
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
          { "other operations fail", test_fail_others }, { "snapshots by name", test_names },
          { "machines by title", test_titles })
