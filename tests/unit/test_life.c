/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Applying and destroying snapshots: rules, jobs, marks.
 */
#include "unit.h"

#include "core/core.h"
#include "core/life.h"
#include "core/store.h"
#include "fake.h"

#include <sched.h>

enum { LONG_MS = FAKE_DEADLINE_S * 1000 };

static const struct principal anna = { "anna", ROLE_OPERATOR, "*", NULL };
static const struct principal beta_only = { "bert", ROLE_OPERATOR, "beta", NULL };
static const struct principal viewer = { "vera", ROLE_VIEWER, "*", NULL };

static struct config config;
static struct core *core;

/* The first machine is off, the second runs; each has a snapshot. */
static struct guid of_off, of_running;

static void start(char *path, long grace_ms)
{
    struct backend *backend = fake_backend();

    config = fake_config(path);
    config.snapshot_job_grace_ms = grace_ms;
    CU_ASSERT_EQUAL_FATAL(core_open_with(&core, &config, backend, NULL), 0);
}

static void start_fresh(long grace_ms)
{
    struct guid vms[] = { fake_vm_id(0), fake_vm_id(1) };

    fake_reset();
    fake.vms[0].state = VM_OFF;
    of_off = guid_random();
    of_running = guid_random();
    fake_made_add(&vms[0], &of_off);
    fake_made_add(&vms[1], &of_running);
    start((char *)":memory:", grace_ms);
}

typedef int act_fn(struct core *core, const struct principal *who, const struct snapshot *snapshot,
                   struct snapshot_ticket *out, struct error *err);

static int destroy(struct core *in, const struct principal *who, const struct snapshot *snapshot,
                   struct snapshot_ticket *out, struct error *err)
{
    return core_snapshot_destroy(in, who, snapshot, false, out, err);
}

static int destroy_tree(struct core *in, const struct principal *who, const struct snapshot *snapshot,
                        struct snapshot_ticket *out, struct error *err)
{
    return core_snapshot_destroy(in, who, snapshot, true, out, err);
}

static act_fn *const acts[] = { core_snapshot_apply, destroy, destroy_tree };

static enum error_code act_on(act_fn *fn, const struct principal *who, const struct guid *vm, const struct guid *id,
                              struct snapshot_ticket *out)
{
    const struct snapshot snapshot = { .id = *id, .vm = *vm };
    struct error err = { 0 };

    CU_ASSERT_EQUAL(fn(core, who, &snapshot, out, &err), err.code ? -1 : 0);
    return err.code;
}

/* Those of the second machine are of_running alone. */
static enum error_code act(act_fn *fn, const struct principal *who, const struct guid *id,
                           struct snapshot_ticket *out)
{
    const struct guid vm = fake_vm_id(guid_equal(id, &of_running) ? 1 : 0);

    return act_on(fn, who, &vm, id, out);
}

/* The GUID of the snapshot that was last applied to the first machine; null for none. */
static struct guid applied(void)
{
    struct guid vm = fake_vm_id(0), found = { 0 };
    struct snapshot_list list;

    CU_ASSERT_EQUAL_FATAL(core_snapshot_list(core, &anna, &vm, NULL, &list, NULL), 0); /* a dead mark goes */
    snapshot_list_clear(&list);
    core_applied_get(core, &vm, &found);
    return found;
}

static void test_jobs(void)
{
    static const enum job_kind kinds[] = { JOB_SNAPSHOT_APPLY, JOB_SNAPSHOT_DESTROY,
                                           JOB_SNAPSHOT_DESTROY_TREE };
    static const char *const titles[] = { "Applying a snapshot to Alpha", "Removing a snapshot of Alpha",
                                          "Removing a tree of snapshots of Alpha" };

    for (size_t i = 0; i < 3; i++) {
        struct snapshot_ticket ticket;
        struct guid vm = fake_vm_id(0);
        struct job job;
        start_fresh(LONG_MS);
        CU_ASSERT_EQUAL(act(acts[i], &anna, &of_off, &ticket), ERR_NONE);
        CU_ASSERT_EQUAL(ticket.state, JOB_COMPLETED);
        CU_ASSERT_TRUE(guid_equal(&ticket.snapshot, &of_off));
        CU_ASSERT_TRUE(guid_equal(&fake.last_change.id, &of_off));
        CU_ASSERT_TRUE(guid_equal(&fake.last_change.vm, &vm));
        CU_ASSERT_EQUAL(fake.last_change.tree, i == 2);
        CU_ASSERT_EQUAL_FATAL(core_job_get(core, &anna, &ticket.job, &job, NULL), 0);
        CU_ASSERT_EQUAL(job.kind, kinds[i]);
        CU_ASSERT_STRING_EQUAL(job.title, titles[i]);
        job_clear(&job);
        core_close(core);
    }
}

static void test_who(void)
{
    struct guid nobody = guid_random();
    struct snapshot_ticket ticket;

    start_fresh(LONG_MS);
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(act(acts[i], &viewer, &of_off, &ticket), ERR_ACCESS_DENIED);
        CU_ASSERT_EQUAL(act(acts[i], &beta_only, &of_off, &ticket), ERR_NOT_FOUND);
        CU_ASSERT_EQUAL(act_on(acts[i], &anna, &nobody, &of_off, &ticket), ERR_NOT_FOUND);
    }
    CU_ASSERT_EQUAL(fake.begun, 0);
    core_close(core);
}

/* What is promised is not there yet, whatever the machine is busy with. */
static void test_promised(void)
{
    struct snapshot_order order = { .vm = fake_vm_id(0), .kind = SNAPSHOT_DISK };
    struct snapshot_ticket made, ticket;

    start_fresh(0);
    fake.gated = true;
    CU_ASSERT_EQUAL(core_snapshot_create(core, &anna, &order, &made, NULL), 0);
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(act(acts[i], &anna, &made.snapshot, &ticket), ERR_NOT_FOUND);
    fake_permit(1);
    core_close(core);
}

static void test_running(void)
{
    struct snapshot_ticket ticket;

    start_fresh(LONG_MS);
    CU_ASSERT_EQUAL(act(core_snapshot_apply, &anna, &of_running, &ticket), ERR_INVALID_STATE);
    CU_ASSERT_EQUAL(fake.begun, 0);
    config.snapshot_apply_running = LIFE_TURN_OFF;
    CU_ASSERT_EQUAL(act(core_snapshot_apply, &anna, &of_running, &ticket), ERR_NONE);
    CU_ASSERT_TRUE(fake.last_change.turn_off);
    config.snapshot_apply_running = LIFE_REFUSE;
    CU_ASSERT_EQUAL(act(destroy, &anna, &of_running, &ticket), ERR_NONE);
    CU_ASSERT_FALSE(fake.last_change.turn_off);
    core_close(core);
}

static void test_states(void)
{
    static const struct {
        enum vm_state state;
        bool plain, turned_off;
    } rows[] = {
        { VM_OFF, true, true },      { VM_SAVED, true, true },      { VM_RUNNING, false, true },
        { VM_PAUSED, false, true },  { VM_CRASHED, false, true },   { VM_STOPPING, false, false },
        { VM_UNKNOWN, false, false },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vm vm = { .state = rows[i].state };
        struct error err = { 0 };
        CU_ASSERT_EQUAL(life_check_apply(&vm, false, &err) == 0, rows[i].plain);
        CU_ASSERT_EQUAL(err.code, rows[i].plain ? ERR_NONE : ERR_INVALID_STATE);
        CU_ASSERT_EQUAL(life_check_apply(&vm, true, NULL) == 0, rows[i].turned_off);
    }
}

/* While the machine has a job, nothing of it is applied or destroyed. */
static void test_busy(void)
{
    struct snapshot_order order = { .vm = fake_vm_id(0), .kind = SNAPSHOT_DISK };
    struct snapshot_ticket first, ticket;

    start_fresh(0);
    fake.gated = true;
    CU_ASSERT_EQUAL(act(core_snapshot_apply, &anna, &of_off, &first), ERR_NONE);
    CU_ASSERT_EQUAL(first.state, JOB_RUNNING);
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(act(acts[i], &anna, &of_off, &ticket), ERR_IN_USE);
    CU_ASSERT_EQUAL(act(destroy, &anna, &of_running, &ticket), ERR_NONE); /* of another machine */
    CU_ASSERT_EQUAL(core_snapshot_create(core, &anna, &order, &ticket, NULL), 0); /* queues */
    fake_permit(3);
    core_close(core);
}

static void test_failure(void)
{
    struct guid none = { 0 }, mark;
    struct snapshot_ticket ticket;
    struct job job;

    start_fresh(LONG_MS);
    fake.fail = ERR_NO_SPACE;
    fake.fail_text = "no room";
    CU_ASSERT_EQUAL(act(core_snapshot_apply, &anna, &of_off, &ticket), ERR_NONE);
    CU_ASSERT_EQUAL(ticket.state, JOB_EXCEPTION);
    CU_ASSERT_EQUAL_FATAL(core_job_get(core, &anna, &ticket.job, &job, NULL), 0);
    CU_ASSERT_EQUAL(job.error, ERR_NO_SPACE);
    CU_ASSERT_STRING_EQUAL(job.error_text, "no room");
    job_clear(&job);
    mark = applied();
    CU_ASSERT_TRUE(guid_equal(&mark, &none));
    core_close(core);
}

static void test_applied(void)
{
    struct guid none = { 0 }, vm = fake_vm_id(0), other = guid_random(), mark;
    struct snapshot_ticket ticket;

    start_fresh(LONG_MS);
    fake_made_add(&vm, &other);
    mark = applied();
    CU_ASSERT_TRUE(guid_equal(&mark, &none));
    CU_ASSERT_EQUAL(act(core_snapshot_apply, &anna, &of_off, &ticket), ERR_NONE);
    mark = applied();
    CU_ASSERT_TRUE(guid_equal(&mark, &of_off));
    CU_ASSERT_EQUAL(act(core_snapshot_apply, &anna, &other, &ticket), ERR_NONE);
    mark = applied();
    CU_ASSERT_TRUE(guid_equal(&mark, &other));
    CU_ASSERT_EQUAL(act(destroy, &anna, &of_off, &ticket), ERR_NONE);
    mark = applied();
    CU_ASSERT_TRUE(guid_equal(&mark, &other));
    CU_ASSERT_EQUAL(act(destroy, &anna, &other, &ticket), ERR_NONE);
    mark = applied();
    CU_ASSERT_TRUE(guid_equal(&mark, &none));
    /* one that comes back to the same name is another one */
    fake_made_add(&vm, &other);
    mark = applied();
    CU_ASSERT_TRUE(guid_equal(&mark, &none));
    core_close(core);
}

/* The hypervisor is lost on the way, or the service is killed: what recovery says is the end. */
static void test_lost(void)
{
    for (size_t i = 0; i < 3; i++) {
        struct snapshot_ticket ticket;
        struct guid mark;
        start_fresh(LONG_MS);
        fake.journal = "step 2";
        fake.fail = ERR_UNAVAILABLE;
        fake_recovery(ERR_NONE, RECOVERY_WHOLE);
        CU_ASSERT_EQUAL(act(acts[i], &anna, &of_off, &ticket), ERR_NONE);
        CU_ASSERT_EQUAL(ticket.state, JOB_COMPLETED);
        CU_ASSERT_EQUAL(fake.recovers, 1);
        CU_ASSERT_EQUAL(fake.recovered, JOB_SNAPSHOT_APPLY + i);
        CU_ASSERT_STRING_EQUAL(fake.state, "step 2");
        mark = applied();
        CU_ASSERT_EQUAL(guid_equal(&mark, &of_off), i == 0);
        core_close(core);
    }
}

static void test_crash(void)
{
    static const struct {
        enum recovery found;
        enum job_kind kind;
        const char *text; /* NULL: completed */
    } rows[] = {
        { RECOVERY_WHOLE, JOB_SNAPSHOT_APPLY, NULL },
        { RECOVERY_NONE, JOB_SNAPSHOT_APPLY, "while the snapshot was being applied; nothing was changed." },
        { RECOVERY_WHOLE, JOB_SNAPSHOT_DESTROY, NULL },
        { RECOVERY_NONE, JOB_SNAPSHOT_DESTROY_TREE, "while the snapshots were being removed; nothing was" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct job old = { .id = guid_random(), .kind = rows[i].kind, .state = JOB_RUNNING,
                           .vm = fake_vm_id(0), .snapshot = guid_random(), .submitted_us = 1 };
        char *path = fake_store_path();
        struct store *store;
        struct guid mark;
        struct job job;
        CU_ASSERT_EQUAL_FATAL(store_open(&store, path, NULL), 0);
        CU_ASSERT_EQUAL(store_job_put(store, &old, NULL), 0);
        CU_ASSERT_EQUAL(store_journal_put(store, &old.id, "step 1", NULL), 0);
        store_close(store);
        fake_reset();
        fake_made_add(&old.vm, &old.snapshot);
        fake_recovery(ERR_NONE, rows[i].found);
        start(path, 0);
        CU_ASSERT_EQUAL(fake.recovered, rows[i].kind);
        CU_ASSERT_EQUAL_FATAL(core_job_get(core, &(struct principal){ "", ROLE_ADMINISTRATOR, "*", NULL }, &old.id,
                                           &job, NULL), 0);
        CU_ASSERT_EQUAL(job.state, rows[i].text ? JOB_EXCEPTION : JOB_COMPLETED);
        CU_ASSERT_PTR_NOT_NULL(strstr(job.error_text ? job.error_text : "", rows[i].text ? rows[i].text : ""));
        job_clear(&job);
        mark = applied();
        CU_ASSERT_EQUAL(guid_equal(&mark, &old.snapshot), i == 0);
        core_close(core);
    }
}

UNIT_MAIN({ "a job of each", test_jobs }, { "who may", test_who }, { "one that is promised", test_promised },
          { "a machine that runs", test_running },
          { "states", test_states }, { "a busy machine", test_busy }, { "a failure", test_failure },
          { "the snapshot last applied", test_applied }, { "the hypervisor is lost", test_lost },
          { "the service was killed", test_crash })
