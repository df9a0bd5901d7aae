/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The part of the contract about snapshots that are there: the machines "life", which runs, and "lifeoff".
 */
#include "contract/contract.h"

#include "unit/unit.h"

#include <string.h>

static struct guid vm; /* of the test that runs */

static struct guid make(enum snapshot_kind kind)
{
    struct snapshot_spec spec = contract_spec(&vm, kind);

    contract_expect_created(&spec);
    return spec.id;
}

static bool exists(const struct guid *id)
{
    struct snapshot_list list = contract_snapshots(&vm);
    bool found = contract_snapshot_of(&list, id) != NULL;

    snapshot_list_clear(&list);
    return found;
}

static bool is_current(const struct guid *id)
{
    struct snapshot_list list = contract_snapshots(&vm);
    const struct snapshot *found = contract_snapshot_of(&list, id);
    size_t currents = 0;
    bool current = found && found->current;

    for (size_t i = 0; i < list.count; i++)
        currents += list.items[i].current;
    snapshot_list_clear(&list);
    return current && currents == 1;
}

/* parent NULL: it is a root. */
static bool derives(const struct guid *id, const struct guid *parent)
{
    struct snapshot_list list = contract_snapshots(&vm);
    const struct snapshot *found = contract_snapshot_of(&list, id);
    bool right = found && found->has_parent == (parent != NULL) &&
                 (!parent || guid_equal(&found->parent, parent));

    snapshot_list_clear(&list);
    return right;
}

static enum error_code change(contract_change_fn *act, const struct guid *id, bool turn_off, bool tree)
{
    const struct snapshot_change what = { .vm = vm, .id = *id, .turn_off = turn_off, .tree = tree };
    struct contract_trace trace = { 0 };
    struct error err;

    if (contract_change(act, &trace, &what, &err) == 0) {
        CU_ASSERT_EQUAL(err.code, ERR_NONE);
        CU_ASSERT_EQUAL(trace.percent, 100);
        CU_ASSERT_FALSE(trace.backwards);
        CU_ASSERT_TRUE(trace.journalled > 0);
    } else {
        CU_ASSERT_NOT_EQUAL(err.code, ERR_NONE);
        CU_ASSERT_NOT_EQUAL(err.message[0], '\0');
        CU_ASSERT_PTR_NULL(strchr(err.message, '/'));
        CU_ASSERT_EQUAL(trace.journalled, 0);
    }
    return err.code;
}

static enum error_code apply(const struct guid *id, bool turn_off)
{
    return change(backend_snapshot_apply, id, turn_off, false);
}

static enum error_code destroy(const struct guid *id, bool tree)
{
    return change(backend_snapshot_destroy, id, false, tree);
}

static bool begin(const char *name)
{
    enum vm_state state;

    return contract_find(name, &vm, &state);
}

static void clean(void)
{
    struct snapshot_list list = contract_snapshots(&vm);

    for (size_t i = 0; i < list.count; i++)
        CU_ASSERT_EQUAL(destroy(&list.items[i].id, false), ERR_NONE);
    snapshot_list_clear(&list);
    CU_ASSERT_EQUAL(contract_snapshot_count(&vm), 0);
}

static void test_unknown(void)
{
    struct guid id = guid_random(), nobody = guid_random();

    if (!begin("lifeoff"))
        return;
    CU_ASSERT_EQUAL(apply(&id, true), ERR_NOT_FOUND);
    CU_ASSERT_EQUAL(destroy(&id, false), ERR_NOT_FOUND);
    CU_ASSERT_EQUAL(destroy(&id, true), ERR_NOT_FOUND);
    vm = nobody;
    CU_ASSERT_EQUAL(apply(&id, true), ERR_NOT_FOUND);
    CU_ASSERT_EQUAL(destroy(&id, false), ERR_NOT_FOUND);
}

/* a - b - c, then d beside b. */
static void test_tree(void)
{
    struct guid a, b, c, d;

    if (!begin("lifeoff"))
        return;
    clean(); /* the other tests left some */
    a = make(SNAPSHOT_DISK);
    b = make(SNAPSHOT_FULL);
    c = make(SNAPSHOT_RECOVERY);
    CU_ASSERT_EQUAL(apply(&a, false), ERR_NONE);
    CU_ASSERT_TRUE(is_current(&a));
    CU_ASSERT_EQUAL(contract_state(&vm), VM_OFF);
    d = make(SNAPSHOT_DISK);
    CU_ASSERT_TRUE(derives(&d, &a) && derives(&b, &a) && derives(&c, &b));
    CU_ASSERT_EQUAL(destroy(&b, false), ERR_NONE);
    CU_ASSERT_FALSE(exists(&b));
    CU_ASSERT_TRUE(derives(&c, &a) && derives(&d, &a) && is_current(&d));
    CU_ASSERT_EQUAL(destroy(&d, false), ERR_NONE);
    CU_ASSERT_TRUE(is_current(&a));
    CU_ASSERT_EQUAL(destroy(&a, false), ERR_NONE);
    CU_ASSERT_TRUE(derives(&c, NULL));
    CU_ASSERT_EQUAL(apply(&c, false), ERR_NONE);
    a = make(SNAPSHOT_DISK);
    CU_ASSERT_EQUAL(apply(&c, false), ERR_NONE);
    b = make(SNAPSHOT_DISK);
    CU_ASSERT_EQUAL(destroy(&c, true), ERR_NONE);
    CU_ASSERT_EQUAL(contract_snapshot_count(&vm), 0);
    CU_ASSERT_EQUAL(contract_state(&vm), VM_OFF);
}

static void test_running(void)
{
    struct guid memory, disks = { 0 };
    struct vm_capabilities can;

    if (!begin("life") || backend_vm_capabilities(contract_backend, &vm, &can, NULL))
        return;
    memory = make(SNAPSHOT_FULL);
    if (can.disk)
        disks = make(SNAPSHOT_DISK);
    CU_ASSERT_EQUAL(apply(&memory, false), ERR_INVALID_STATE);
    CU_ASSERT_EQUAL(contract_state(&vm), VM_RUNNING);
    CU_ASSERT_EQUAL(apply(&memory, true), ERR_NONE);
    CU_ASSERT_EQUAL(contract_state(&vm), VM_SAVED);
    CU_ASSERT_TRUE(is_current(&memory));
    if (can.disk) {
        CU_ASSERT_EQUAL(apply(&disks, false), ERR_NONE); /* a saved one needs no turning off */
        CU_ASSERT_EQUAL(contract_state(&vm), VM_OFF);
        CU_ASSERT_EQUAL(apply(&memory, false), ERR_NONE);
    }
    CU_ASSERT_EQUAL(destroy(&memory, false), ERR_NONE);
    CU_ASSERT_EQUAL(contract_state(&vm), VM_SAVED);
    CU_ASSERT_FALSE(exists(&memory));
}

static void test_foreign(void)
{
    struct snapshot_list list;

    if (!begin("foreign"))
        return;
    list = contract_snapshots(&vm);
    for (size_t i = 0; i < list.count; i++) {
        if (strcmp(list.items[i].name, "by hand") != 0)
            continue;
        CU_ASSERT_EQUAL(apply(&list.items[i].id, false), ERR_NONE);
        CU_ASSERT_TRUE(is_current(&list.items[i].id));
    }
    snapshot_list_clear(&list);
}

/* Where the journal cannot be written nothing is done. */
static void test_journal_fails(void)
{
    contract_change_fn *const acts[] = { backend_snapshot_apply, backend_snapshot_destroy };
    struct snapshot_change what = { 0 };

    if (!begin("lifeoff"))
        return;
    what.vm = vm;
    what.id = make(SNAPSHOT_DISK);
    for (size_t i = 0; i < 2; i++) {
        struct contract_trace trace = { .fail_at = 1 };
        struct error err;
        CU_ASSERT_EQUAL(contract_change(acts[i], &trace, &what, &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_NO_SPACE);
        CU_ASSERT_TRUE(exists(&what.id));
        CU_ASSERT_EQUAL(contract_state(&vm), VM_OFF);
    }
}

/* Without a journal nothing was begun. */
static void test_recover_nothing(void)
{
    static const enum job_kind kinds[] = { JOB_SNAPSHOT_APPLY, JOB_SNAPSHOT_DESTROY,
                                           JOB_SNAPSHOT_DESTROY_TREE };
    enum recovery found;
    struct guid id;

    if (!begin("lifeoff"))
        return;
    id = make(SNAPSHOT_DISK);
    make(SNAPSHOT_DISK); /* so that it is not the current one */
    for (size_t i = 0; i < 3; i++) {
        const struct recovery_order order = { kinds[i], vm, id, NULL };
        found = RECOVERY_WHOLE;
        CU_ASSERT_EQUAL(backend_snapshot_recover(contract_backend, &order, &found, NULL), 0);
        CU_ASSERT_EQUAL(found, RECOVERY_NONE);
        CU_ASSERT_TRUE(exists(&id));
    }
}

int contract_life(void)
{
    static const struct unit_test tests[] = {
        { "unknown ones", test_unknown },
        { "a tree of a machine that is off", test_tree },
        { "a machine that runs", test_running },
        { "one of others", test_foreign },
        { "nothing is done when the journal fails", test_journal_fails },
        { "nothing journalled, nothing done", test_recover_nothing },
    };

    return unit_run("life", tests, sizeof(tests) / sizeof(tests[0]));
}
