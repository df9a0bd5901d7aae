/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "contract/contract.h"

#include "base/clock.h"
#include "unit/unit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct snapshot_spec contract_spec(const struct guid *vm, enum snapshot_kind kind)
{
    return (struct snapshot_spec){ .vm = *vm,
                                   .id = guid_random(),
                                   .kind = kind,
                                   .consistency = CONSISTENCY_CRASH,
                                   .name = "contract" };
}

/* The machine of that name; false when the backend has none, and the test is not for it. */
bool contract_find(const char *name, struct guid *id, enum vm_state *state)
{
    struct vm_list list = { 0 };
    bool found = false;

    CU_ASSERT_EQUAL_FATAL(backend_vm_list(contract_backend, &list, NULL), 0);
    for (size_t i = 0; i < list.count; i++)
        if (strcmp(list.items[i].name, name) == 0) {
            *id = list.items[i].id;
            *state = list.items[i].state;
            found = true;
        }
    vm_list_clear(&list);
    return found;
}

struct snapshot_list contract_snapshots(const struct guid *vm)
{
    struct snapshot_list list = { 0 };
    struct error err = { 0 };

    if (backend_snapshot_list(contract_backend, vm, &list, &err))
        printf("snapshot_list: %s (%s)\n", err.message, err.cause);
    CU_ASSERT_EQUAL(err.code, ERR_NONE);
    return list;
}

const struct snapshot *contract_snapshot_of(const struct snapshot_list *list, const struct guid *id)
{
    for (size_t i = 0; i < list->count; i++)
        if (guid_equal(&list->items[i].id, id))
            return &list->items[i];
    return NULL;
}

size_t contract_snapshot_count(const struct guid *vm)
{
    struct snapshot_list list = contract_snapshots(vm);
    size_t count = list.count;

    snapshot_list_clear(&list);
    return count;
}

enum vm_state contract_state(const struct guid *vm)
{
    struct vm now = { 0 };
    enum vm_state state;

    CU_ASSERT_EQUAL(backend_vm_get(contract_backend, vm, &now, NULL), 0);
    state = now.state;
    vm_clear(&now);
    return state;
}

static bool allows(const struct vm_capabilities *can, enum snapshot_kind kind)
{
    return kind == SNAPSHOT_FULL ? can->full : kind == SNAPSHOT_DISK ? can->disk : can->recovery;
}

/* Fails with that code, and leaves the machine as it was, with nothing journalled. */
static void expect_refusal(const struct snapshot_spec *spec, enum error_code code)
{
    size_t before = contract_snapshot_count(&spec->vm);
    enum vm_state state = contract_state(&spec->vm);
    struct contract_trace trace = { 0 };
    struct error err;

    CU_ASSERT_EQUAL(contract_create(&trace, spec, &err), -1);
    if (err.code != code)
        printf("refused with %s: %s\n", error_row(err.code)->name, err.message);
    CU_ASSERT_EQUAL(err.code, code);
    CU_ASSERT_NOT_EQUAL(err.message[0], '\0');
    CU_ASSERT_PTR_NULL(strchr(err.message, '/')); /* no path of the host */
    CU_ASSERT_EQUAL(trace.journalled, 0);
    CU_ASSERT_EQUAL(contract_snapshot_count(&spec->vm), before);
    CU_ASSERT_EQUAL(contract_state(&spec->vm), state);
}

/* Succeeds, and everything about the new snapshot is right. */
void contract_expect_created(const struct snapshot_spec *spec)
{
    struct snapshot_list before = contract_snapshots(&spec->vm), after;
    enum vm_state state = contract_state(&spec->vm);
    const struct snapshot *made, *old = NULL;
    struct contract_trace trace = { 0 };
    struct error err;
    int currents = 0;

    if (contract_create(&trace, spec, &err))
        printf("create: %s: %s (%s)\n", error_row(err.code)->name, err.message, err.cause);
    CU_ASSERT_EQUAL(err.code, ERR_NONE);
    CU_ASSERT_EQUAL(trace.percent, 100);
    CU_ASSERT_FALSE(trace.backwards);
    CU_ASSERT_TRUE(trace.journalled > 0);
    CU_ASSERT_EQUAL(contract_state(&spec->vm), state);
    after = contract_snapshots(&spec->vm);
    CU_ASSERT_EQUAL(after.count, before.count + 1);
    for (size_t i = 0; i < before.count; i++)
        if (before.items[i].current)
            old = &before.items[i];
    for (size_t i = 0; i < after.count; i++)
        currents += after.items[i].current;
    CU_ASSERT_EQUAL(currents, 1);
    made = contract_snapshot_of(&after, &spec->id);
    CU_ASSERT_PTR_NOT_NULL(made);
    if (made) {
        CU_ASSERT_TRUE(made->current);
        CU_ASSERT_EQUAL(made->kind, spec->kind);
        CU_ASSERT_EQUAL(made->has_memory, spec->kind == SNAPSHOT_FULL && state != VM_OFF);
        CU_ASSERT_EQUAL(made->has_parent, old != NULL);
        CU_ASSERT_TRUE(!old || guid_equal(&made->parent, &old->id));
        CU_ASSERT_TRUE(guid_equal(&made->vm, &spec->vm));
        CU_ASSERT_STRING_EQUAL(made->name, spec->name);
        CU_ASSERT_EQUAL(made->notes == NULL, spec->notes == NULL);
        if (made->notes && spec->notes)
            CU_ASSERT_STRING_EQUAL(made->notes, spec->notes);
        CU_ASSERT_TRUE(llabs((long long)(clock_now_us() - made->created_us)) < 60 * 1000000);
    }
    snapshot_list_clear(&before);
    snapshot_list_clear(&after);
}

static void test_machines(void)
{
    struct vm_list list;

    CU_ASSERT_EQUAL(backend_ping(contract_backend, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(backend_vm_list(contract_backend, &list, NULL), 0);
    CU_ASSERT_TRUE(list.count > 0);
    for (size_t i = 0; i < list.count; i++) {
        struct vm one;
        CU_ASSERT_FALSE(guid_is_null(&list.items[i].id));
        CU_ASSERT_EQUAL_FATAL(backend_vm_get(contract_backend, &list.items[i].id, &one, NULL), 0);
        CU_ASSERT_STRING_EQUAL(one.name, list.items[i].name);
        CU_ASSERT_STRING_EQUAL(one.title, list.items[i].title);
        CU_ASSERT_TRUE(one.vcpus > 0 && one.memory_kib > 0);
        vm_clear(&one);
        for (size_t k = 0; k < i; k++)
            CU_ASSERT_FALSE(guid_equal(&list.items[i].id, &list.items[k].id));
    }
    vm_list_clear(&list);
}

static void test_states(void)
{
    static const struct {
        const char *name;
        enum vm_state state;
    } rows[] = {
        { "run", VM_RUNNING }, { "paused", VM_PAUSED }, { "off", VM_OFF }, { "saved", VM_SAVED }
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum vm_state state;
        struct guid vm;
        if (contract_find(rows[i].name, &vm, &state))
            CU_ASSERT_EQUAL(state, rows[i].state);
    }
}

static void test_unknown(void)
{
    struct guid nobody = guid_random();
    struct snapshot_spec spec = contract_spec(&nobody, SNAPSHOT_FULL);
    struct vm_capabilities can;
    struct snapshot_list list;
    struct error err = { 0 };
    struct contract_trace trace = { 0 };
    enum recovery found;
    struct vm vm;

    CU_ASSERT_EQUAL(backend_vm_get(contract_backend, &nobody, &vm, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    error_clear(&err);
    CU_ASSERT_EQUAL(backend_vm_capabilities(contract_backend, &nobody, &can, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    error_clear(&err);
    CU_ASSERT_EQUAL(backend_snapshot_list(contract_backend, &nobody, &list, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    CU_ASSERT_EQUAL(contract_create(&trace, &spec, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    const struct recovery_order order = { JOB_SNAPSHOT_CREATE, nobody, spec.id, NULL };
    CU_ASSERT_EQUAL(backend_snapshot_recover(contract_backend, &order, &found, NULL), 0);
    CU_ASSERT_EQUAL(found, RECOVERY_NONE);
}

/* Every kind of every machine that has not to be refused for its state: made, or refused as the
 * capabilities say. */
static void test_capabilities(void)
{
    struct vm_list list;

    CU_ASSERT_EQUAL_FATAL(backend_vm_list(contract_backend, &list, NULL), 0);
    for (size_t i = 0; i < list.count; i++)
        for (int kind = SNAPSHOT_FULL; kind <= SNAPSHOT_RECOVERY; kind++) {
            struct snapshot_spec spec = contract_spec(&list.items[i].id, (enum snapshot_kind)kind);
            struct vm_capabilities can;
            CU_ASSERT_EQUAL_FATAL(backend_vm_capabilities(contract_backend, &spec.vm, &can, NULL),
                                  0);
            if (list.items[i].state == VM_SAVED)
                continue;
            if (!allows(&can, spec.kind)) {
                CU_ASSERT_NOT_EQUAL(can.why[0], '\0');
                expect_refusal(&spec, ERR_INVALID_TYPE);
            } else {
                contract_expect_created(&spec);
            }
        }
    vm_list_clear(&list);
}

static void test_saved(void)
{
    enum vm_state state;
    struct guid vm;

    if (contract_find("saved", &vm, &state))
        for (int kind = SNAPSHOT_FULL; kind <= SNAPSHOT_RECOVERY; kind++) {
            struct snapshot_spec spec = contract_spec(&vm, (enum snapshot_kind)kind);
            expect_refusal(&spec, ERR_INVALID_STATE);
        }
}

static void test_no_agent(void)
{
    struct vm_capabilities can;
    struct snapshot_spec spec;
    enum vm_state state;
    struct guid vm;

    if (!contract_find("run", &vm, &state) || backend_vm_capabilities(contract_backend, &vm, &can, NULL) ||
        !can.recovery || can.agent)
        return;
    spec = contract_spec(&vm, SNAPSHOT_RECOVERY);
    spec.consistency = CONSISTENCY_APPLICATION;
    expect_refusal(&spec, ERR_AGENT);
    spec.consistency = CONSISTENCY_ANY;
    contract_expect_created(&spec);
}

static void test_names(void)
{
    static const char *const texts[] = {
        "plain",
        " blanks around ",
        "<a href=\"x\">&amp;'%41%</a>]]>",
        "line one\nline two\r\n\ttab\n",
        "\xC3\xA4\xE2\x82\xAC \xF0\x9F\x98\x80 \xE6\x97\xA5\xE6\x9C\xAC",
        "cimsnapd 1 kind=full\nname=no\n",
        "",
    };
    enum vm_state state;
    struct guid vm;

    if (!contract_find("off", &vm, &state) && !contract_find("run", &vm, &state))
        return;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct snapshot_spec spec = contract_spec(&vm, SNAPSHOT_FULL);
        spec.name = texts[i];
        spec.notes = texts[i];
        contract_expect_created(&spec);
    }
}

static void test_same_twice(void)
{
    struct snapshot_spec spec;
    enum vm_state state;
    struct guid vm;

    if (!contract_find("run", &vm, &state))
        return;
    spec = contract_spec(&vm, SNAPSHOT_FULL);
    contract_expect_created(&spec);
    expect_refusal(&spec, ERR_EXISTS);
}

/* Wherever the journal fails, nothing is left; run.py looks into the images afterwards. */
static void expect_clean_failures(const struct guid *vm, enum snapshot_kind kind)
{
    size_t before = contract_snapshot_count(vm);
    enum vm_state state = contract_state(vm);
    struct contract_trace trace = { 0 };
    int step = 0, result;

    do {
        struct snapshot_spec spec = contract_spec(vm, kind);
        struct error err;
        trace = (struct contract_trace){ .fail_at = ++step };
        result = contract_create(&trace, &spec, &err);
        CU_ASSERT_EQUAL(err.code, result ? ERR_NO_SPACE : ERR_NONE);
        CU_ASSERT_EQUAL(contract_state(vm), state);
        CU_ASSERT_EQUAL(contract_snapshot_count(vm), before + (result == 0));
    } while (result && step < 10);
    CU_ASSERT_EQUAL(result, 0);
    CU_ASSERT_TRUE(step > 1);
}

static void test_journal_fails(void)
{
    static const char *const names[] = { "run", "paused", "off" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        for (int kind = SNAPSHOT_FULL; kind <= SNAPSHOT_RECOVERY; kind++) {
            struct vm_capabilities can;
            enum vm_state state;
            struct guid vm;
            if (contract_find(names[i], &vm, &state) &&
                backend_vm_capabilities(contract_backend, &vm, &can, NULL) == 0 &&
                allows(&can, (enum snapshot_kind)kind))
                expect_clean_failures(&vm, (enum snapshot_kind)kind);
        }
}

static void test_foreign(void)
{
    struct snapshot_list first, again;
    enum vm_state state;
    struct guid vm;

    if (!contract_find("foreign", &vm, &state))
        return;
    first = contract_snapshots(&vm);
    again = contract_snapshots(&vm);
    CU_ASSERT_EQUAL_FATAL(first.count, 1);
    CU_ASSERT_EQUAL_FATAL(again.count, 1);
    CU_ASSERT_FALSE(guid_is_null(&first.items[0].id));
    CU_ASSERT_TRUE(guid_equal(&first.items[0].id, &again.items[0].id));
    CU_ASSERT_STRING_EQUAL(first.items[0].name, "by hand");
    CU_ASSERT_STRING_EQUAL(first.items[0].notes, "made <elsewhere>");
    CU_ASSERT_EQUAL(first.items[0].kind, SNAPSHOT_DISK);
    CU_ASSERT_FALSE(first.items[0].has_memory);
    snapshot_list_clear(&first);
    snapshot_list_clear(&again);
}

static void *full_create(void *opaque)
{
    struct contract_trace trace = { 0 };
    struct error err;

    return contract_create(&trace, opaque, &err) ? opaque : NULL;
}

/* Looking at a machine neither waits for a create nor sees that the guest stands still. */
/* What a machine is made of now, and was when a snapshot was taken. */
static void check_hardware(const struct vm *vm)
{
    struct snapshot_list list = contract_snapshots(&vm->id);
    struct hardware now, then;
    struct guid unknown = guid_random();
    struct error err = { 0 };

    CU_ASSERT_EQUAL_FATAL(backend_hardware(contract_backend, &vm->id, NULL, &now, NULL), 0);
    CU_ASSERT_EQUAL(now.vcpus, vm->vcpus);
    CU_ASSERT_EQUAL(now.memory_most_kib, vm->memory_kib);
    CU_ASSERT(now.memory_kib > 0 && now.memory_kib <= now.memory_most_kib);
    for (size_t i = 0; i < list.count; i++) {
        CU_ASSERT_EQUAL_FATAL(
            backend_hardware(contract_backend, &vm->id, &list.items[i].id, &then, NULL), 0);
        CU_ASSERT_EQUAL(then.vcpus, now.vcpus);
        CU_ASSERT_EQUAL(then.memory_kib, now.memory_kib);
        CU_ASSERT_EQUAL_FATAL(then.drive_count, now.drive_count);
        for (size_t d = 0; d < now.drive_count; d++)
            CU_ASSERT_STRING_EQUAL(then.drives[d].source, now.drives[d].source);
        hardware_clear(&then);
    }
    CU_ASSERT_EQUAL(backend_hardware(contract_backend, &vm->id, &unknown, &then, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    hardware_clear(&now);
    snapshot_list_clear(&list);
}

static void test_hardware(void)
{
    struct guid unknown = guid_random();
    struct vm_list list = { 0 };
    struct hardware none;
    struct error err = { 0 };

    CU_ASSERT_EQUAL_FATAL(backend_vm_list(contract_backend, &list, NULL), 0);
    for (size_t i = 0; i < list.count; i++)
        check_hardware(&list.items[i]);
    vm_list_clear(&list);
    CU_ASSERT_EQUAL(backend_hardware(contract_backend, &unknown, NULL, &none, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
}

static void test_host(void)
{
    struct network_list networks;
    struct host host;

    CU_ASSERT_EQUAL_FATAL(backend_host(contract_backend, &host, NULL), 0);
    CU_ASSERT(host.processors > 0 && host.sockets > 0 && host.cores > 0 && host.threads > 0);
    CU_ASSERT(host.memory_kib > 0 && host.free_kib <= host.memory_kib);
    host_clear(&host);
    CU_ASSERT_EQUAL_FATAL(backend_network_list(contract_backend, &networks, NULL), 0);
    for (size_t i = 0; i < networks.count; i++)
        CU_ASSERT_TRUE(networks.items[i].name && !guid_is_null(&networks.items[i].id));
    network_list_clear(&networks);
}

static void test_parallel(void)
{
    struct snapshot_spec spec;
    enum vm_state state;
    pthread_t thread;
    struct guid vm;
    int looks = 0;
    void *failed;

    if (!contract_find("run", &vm, &state))
        return;
    spec = contract_spec(&vm, SNAPSHOT_FULL);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, full_create, &spec), 0);
    while (pthread_tryjoin_np(thread, &failed)) {
        CU_ASSERT_EQUAL(contract_state(&vm), VM_RUNNING);
        if (looks++ % 8 == 0) {
            CU_ASSERT_TRUE(contract_find("run", &vm, &state) && state == VM_RUNNING);
            contract_snapshot_count(&vm);
        }
    }
    CU_ASSERT_PTR_NULL(failed);
    printf("parallel: %d looks during a full create\n", looks);
}

int contract_suite(void)
{
    /* The foreign one is looked at before others join it. */
    static const struct unit_test tests[] = {
        { "machines are listed and found", test_machines },
        { "parts of the machines", contract_vm_parts },
        { "states", test_states },
        { "foreign snapshots appear", test_foreign },
        { "what is unknown is not found", test_unknown },
        { "a saved machine is refused", test_saved },
        { "capabilities are honoured", test_capabilities },
        { "names and notes survive", test_names },
        { "an id cannot be used twice", test_same_twice },
        { "without an agent", test_no_agent },
        { "nothing is left when the journal fails", test_journal_fails },
        { "hardware", test_hardware },
        { "host and networks", test_host },
        { "parts of the snapshots", contract_snapshot_parts },
        { "looking does not wait for a create", test_parallel },
    };

    return unit_run("contract", tests, sizeof(tests) / sizeof(tests[0])) || contract_life();
}
