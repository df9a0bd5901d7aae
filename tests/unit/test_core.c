/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "core/core.h"
#include "core/store.h"
#include "fake.h"

#include <sys/prctl.h>
#include <sys/wait.h>

enum { LONG_MS = FAKE_DEADLINE_S * 1000 };

static const struct principal admin = { "root", ROLE_ADMINISTRATOR, "*", NULL };
static const struct principal anna = { "anna", ROLE_OPERATOR, "*", NULL };
static const struct principal alf = { "alf", ROLE_OPERATOR, "alpha", NULL };
static const struct principal viewer = { "vera", ROLE_VIEWER, "*", NULL };
static const struct principal nobody = PRINCIPAL_NOBODY;

static struct config config;
static struct core *core;

static void start(char *path, long grace_ms)
{
    struct backend *backend = fake_backend();
    struct error err = { 0 };

    config = fake_config(path);
    config.snapshot_job_grace_ms = grace_ms;
    if (core_open_with(&core, &config, backend, &err))
        printf("core_open_with: %s (%s)\n", err.message, err.cause);
    CU_ASSERT_PTR_NOT_NULL_FATAL(core);
}

static void start_fresh(long grace_ms)
{
    fake_reset();
    start((char *)":memory:", grace_ms);
}

static enum error_code create(const struct principal *who, size_t vm, const char *name,
                              struct snapshot_ticket *out)
{
    struct snapshot_order order = { .vm = fake_vm_id(vm), .kind = SNAPSHOT_FULL, .name = name };
    struct error err = { 0 };

    CU_ASSERT_EQUAL(core_snapshot_create(core, who, &order, out, &err), err.code ? -1 : 0);
    return err.code;
}

static enum error_code job_code(const struct principal *who, const struct guid *id)
{
    struct error err = { 0 };
    struct job job;

    if (core_job_get(core, who, id, &job, &err) == 0)
        job_clear(&job);
    return err.code;
}

static enum error_code snapshot_code(const struct principal *who, const struct guid *id)
{
    struct error err = { 0 };
    struct snapshot snapshot;

    if (core_snapshot_get(core, who, id, &snapshot, &err) == 0) {
        CU_ASSERT_TRUE(guid_equal(&snapshot.id, id));
        snapshot_clear(&snapshot);
    }
    return err.code;
}

/* How many there are, or -1 with the error's code in *code. */
static long snapshot_count(const struct principal *who, const struct guid *vm,
                           enum error_code *code)
{
    struct error err = { 0 };
    struct snapshot_list list;
    long count = -1;

    if (core_snapshot_list(core, who, vm, NULL, &list, &err) == 0) {
        count = (long)list.count;
        snapshot_list_clear(&list);
    }
    *code = err.code;
    return count;
}

static long job_count(const struct principal *who)
{
    struct job_list list;
    long count;

    if (core_job_list(core, who, &list, NULL))
        return -1;
    count = (long)list.count;
    job_list_clear(&list);
    return count;
}

static size_t jobs_in_state(enum job_state state)
{
    struct job_list list;
    size_t count = 0;

    CU_ASSERT_EQUAL_FATAL(core_job_list(core, &admin, &list, NULL), 0);
    for (size_t i = 0; i < list.count; i++)
        count += list.items[i].state == state ? 1 : 0;
    job_list_clear(&list);
    return count;
}

static long vm_count(const struct principal *who)
{
    struct vm_list list;
    long count;

    if (core_vm_list(core, who, NULL, &list, NULL))
        return -1;
    count = (long)list.count;
    vm_list_clear(&list);
    return count;
}

/* ---- tests ---- */

static void test_grace(void)
{
    struct snapshot_ticket ticket;
    struct job job;

    start_fresh(0);
    fake.gated = true;
    CU_ASSERT_EQUAL(create(&anna, 0, "one", &ticket), ERR_NONE);
    CU_ASSERT_EQUAL(ticket.state, JOB_RUNNING);
    CU_ASSERT_EQUAL_FATAL(core_job_get(core, &anna, &ticket.job, &job, NULL), 0);
    CU_ASSERT_EQUAL(job.state, JOB_RUNNING);
    CU_ASSERT_STRING_EQUAL(job.owner, "anna");
    CU_ASSERT_STRING_EQUAL(job.title, "Snapshot of Alpha");
    CU_ASSERT_TRUE(guid_equal(&job.snapshot, &ticket.snapshot));
    job_clear(&job);
    fake_permit(2);
    config.snapshot_job_grace_ms = LONG_MS;
    CU_ASSERT_EQUAL(create(&anna, 0, "two", &ticket), ERR_NONE);
    CU_ASSERT_EQUAL(ticket.state, JOB_COMPLETED);
    CU_ASSERT_STRING_EQUAL(fake.names, "one two ");
    core_close(core);
}

static void test_failed_job_is_a_ticket(void)
{
    struct snapshot_ticket ticket;
    struct job job;

    start_fresh(LONG_MS);
    fake.fail = ERR_NO_SPACE;
    fake.fail_text = "no space on the image's disk";
    CU_ASSERT_EQUAL(create(&anna, 0, "one", &ticket), ERR_NONE);
    CU_ASSERT_EQUAL(ticket.state, JOB_EXCEPTION);
    CU_ASSERT_EQUAL_FATAL(core_job_get(core, &anna, &ticket.job, &job, NULL), 0);
    CU_ASSERT_EQUAL(job.error, ERR_NO_SPACE);
    CU_ASSERT_STRING_EQUAL(job.error_text, "no space on the image's disk");
    job_clear(&job);
    CU_ASSERT_EQUAL(snapshot_code(&anna, &ticket.snapshot), ERR_NOT_FOUND);
    core_close(core);
}

static void test_roles(void)
{
    static const struct {
        const struct principal *who;
        enum error_code reads, creates;
    } rows[] = {
        { &admin, ERR_NONE, ERR_NONE },
        { &anna, ERR_NONE, ERR_NONE },
        { &viewer, ERR_NONE, ERR_ACCESS_DENIED },
        { &nobody, ERR_ACCESS_DENIED, ERR_ACCESS_DENIED },
    };

    start_fresh(LONG_MS);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct guid vm = fake_vm_id(0), none = guid_random();
        unsigned before = fake.begun;
        struct snapshot_ticket ticket;
        enum error_code code;
        CU_ASSERT_EQUAL(create(rows[i].who, 0, "n", &ticket), rows[i].creates);
        CU_ASSERT_EQUAL(fake.begun - before, rows[i].creates ? 0 : 1);
        snapshot_count(rows[i].who, &vm, &code);
        CU_ASSERT_EQUAL(code, rows[i].reads);
        snapshot_count(rows[i].who, NULL, &code);
        CU_ASSERT_EQUAL(code, rows[i].reads);
        CU_ASSERT_EQUAL(vm_count(rows[i].who) >= 0, !rows[i].reads);
        CU_ASSERT_EQUAL(job_count(rows[i].who) >= 0, !rows[i].reads);
        CU_ASSERT_EQUAL(job_code(rows[i].who, &none),
                        rows[i].reads ? rows[i].reads : ERR_NOT_FOUND);
        CU_ASSERT_EQUAL(snapshot_code(rows[i].who, &none),
                        rows[i].reads ? rows[i].reads : ERR_NOT_FOUND);
    }
    core_close(core);
}

/* What is out of alf's scope does not exist for him, word for word. */
static void test_scope(void)
{
    struct guid beta = fake_vm_id(1), none = guid_random();
    struct error hidden = { 0 }, missing = { 0 };
    struct snapshot_ticket a, b;
    enum error_code code;
    struct vm vm;

    start_fresh(LONG_MS);
    CU_ASSERT_EQUAL(create(&alf, 0, "a", &a), ERR_NONE);
    CU_ASSERT_EQUAL(create(&anna, 1, "b", &b), ERR_NONE);
    CU_ASSERT_EQUAL(vm_count(&alf), 1);
    CU_ASSERT_EQUAL(vm_count(&anna), 2);
    CU_ASSERT_EQUAL(core_vm_get(core, &alf, &beta, &vm, &hidden), -1);
    CU_ASSERT_EQUAL(core_vm_get(core, &alf, &none, &vm, &missing), -1);
    CU_ASSERT_EQUAL(hidden.code, missing.code);
    CU_ASSERT_STRING_EQUAL(hidden.message, missing.message);
    CU_ASSERT_EQUAL(create(&alf, 1, "x", &a), ERR_NOT_FOUND);
    CU_ASSERT_EQUAL(fake.begun, 2);
    CU_ASSERT_EQUAL(snapshot_count(&alf, NULL, &code), 1);
    CU_ASSERT_EQUAL(snapshot_count(&anna, NULL, &code), 2);
    CU_ASSERT_EQUAL(snapshot_count(&alf, &beta, &code), -1);
    CU_ASSERT_EQUAL(code, ERR_NOT_FOUND);
    /* Also where the hint, filled by anna, knows the machine. */
    CU_ASSERT_EQUAL(snapshot_code(&anna, &b.snapshot), ERR_NONE);
    CU_ASSERT_EQUAL(snapshot_code(&alf, &b.snapshot), ERR_NOT_FOUND);
    core_close(core);
}

static void test_jobs_seen(void)
{
    struct snapshot_ticket a, b;
    struct principal narrow = alf, moved = anna, boss = admin;

    start_fresh(LONG_MS);
    CU_ASSERT_EQUAL(create(&alf, 0, "a", &a), ERR_NONE);
    CU_ASSERT_EQUAL(create(&anna, 1, "b", &b), ERR_NONE);
    CU_ASSERT_EQUAL(job_code(&alf, &a.job), ERR_NONE);
    CU_ASSERT_EQUAL(job_code(&anna, &a.job), ERR_NOT_FOUND);
    CU_ASSERT_EQUAL(job_code(&admin, &a.job), ERR_NONE);
    CU_ASSERT_EQUAL(job_count(&alf), 1);
    CU_ASSERT_EQUAL(job_count(&anna), 1);
    CU_ASSERT_EQUAL(job_count(&viewer), 0);
    CU_ASSERT_EQUAL(job_count(&admin), 2);
    /* Owners lose sight of a machine that leaves their scope, administrators too. */
    snprintf(narrow.scope, sizeof(narrow.scope), "beta");
    snprintf(boss.scope, sizeof(boss.scope), "beta");
    CU_ASSERT_EQUAL(job_code(&narrow, &a.job), ERR_NOT_FOUND);
    CU_ASSERT_EQUAL(job_count(&narrow), 0);
    CU_ASSERT_EQUAL(job_code(&boss, &a.job), ERR_NOT_FOUND);
    CU_ASSERT_EQUAL(job_count(&boss), 1);
    /* Of a machine that is gone, the name no longer tells. */
    fake.vms[0].gone = true;
    CU_ASSERT_EQUAL(job_code(&narrow, &a.job), ERR_NONE);
    CU_ASSERT_EQUAL(job_count(&boss), 2);
    /* With the hypervisor away a scope of names cannot be judged; "*" can. */
    fake.away = true;
    CU_ASSERT_EQUAL(job_code(&narrow, &a.job), ERR_UNAVAILABLE);
    CU_ASSERT_EQUAL(job_count(&narrow), -1);
    CU_ASSERT_EQUAL(job_code(&moved, &b.job), ERR_NONE);
    CU_ASSERT_EQUAL(job_count(&anna), 1);
    core_close(core);
}

/* The backend shows the snapshot from the first step; nobody sees it before the job is done. */
static void test_promise(void)
{
    struct guid alpha = fake_vm_id(0);
    struct snapshot_ticket ticket;
    enum error_code code;

    start_fresh(0);
    fake.gated = fake.half = true;
    CU_ASSERT_EQUAL(create(&anna, 0, "a", &ticket), ERR_NONE);
    CU_ASSERT_TRUE(fake_await(&fake.begun, 1));
    CU_ASSERT_EQUAL(snapshot_count(&anna, &alpha, &code), 0);
    CU_ASSERT_EQUAL(snapshot_count(&anna, NULL, &code), 0);
    CU_ASSERT_EQUAL(snapshot_code(&anna, &ticket.snapshot), ERR_NOT_FOUND);
    fake_permit(2);
    config.snapshot_job_grace_ms = LONG_MS;
    CU_ASSERT_EQUAL(create(&anna, 0, "b", &ticket), ERR_NONE);
    CU_ASSERT_EQUAL(snapshot_count(&anna, &alpha, &code), 2);
    CU_ASSERT_EQUAL(snapshot_code(&anna, &ticket.snapshot), ERR_NONE);
    /* A failed one stays away, even when the backend was not able to clean up. */
    pthread_mutex_lock(&fake.lock);
    fake.fail = ERR_FAILED;
    fake.fail_text = "no";
    pthread_mutex_unlock(&fake.lock);
    fake_permit(1);
    CU_ASSERT_EQUAL(create(&anna, 0, "c", &ticket), ERR_NONE);
    CU_ASSERT_EQUAL(ticket.state, JOB_EXCEPTION);
    CU_ASSERT_EQUAL(snapshot_code(&anna, &ticket.snapshot), ERR_NOT_FOUND);
    CU_ASSERT_EQUAL(snapshot_count(&anna, &alpha, &code), 2);
    core_close(core);
}

static void test_snapshot_lookup(void)
{
    struct guid alpha = fake_vm_id(0), beta = fake_vm_id(1), id = guid_random();
    unsigned before;

    start_fresh(0);
    fake_made_add(&beta, &id);
    CU_ASSERT_EQUAL(snapshot_code(&anna, &id), ERR_NONE); /* looks at both machines */
    before = fake.lists;
    CU_ASSERT_EQUAL(snapshot_code(&anna, &id), ERR_NONE);
    CU_ASSERT_EQUAL(fake.lists - before, 1); /* knows where to look */
    fake.made[0].vm = alpha;
    CU_ASSERT_EQUAL(snapshot_code(&anna, &id), ERR_NONE); /* the hint was wrong */
    fake.vms[0].gone = true;
    CU_ASSERT_EQUAL(snapshot_code(&anna, &id), ERR_NOT_FOUND);
    fake.away = true;
    CU_ASSERT_EQUAL(snapshot_code(&anna, &id), ERR_UNAVAILABLE);
    core_close(core);
}

static void test_rules_come_first(void)
{
    struct snapshot_ticket ticket;

    start_fresh(LONG_MS);
    CU_ASSERT_EQUAL(create(&anna, 3, "a", &ticket), ERR_NOT_FOUND);
    CU_ASSERT_EQUAL(create(&anna, 0, "a\x1B", &ticket), ERR_INVALID_PARAMETER);
    fake.vms[0].state = VM_SAVED;
    CU_ASSERT_EQUAL(create(&anna, 0, "a", &ticket), ERR_INVALID_STATE);
    fake.vms[0].state = VM_OFF;
    fake.vms[0].caps.full = false;
    CU_ASSERT_EQUAL(create(&anna, 0, "a", &ticket), ERR_INVALID_TYPE);
    CU_ASSERT_EQUAL(job_count(&admin), 0);
    CU_ASSERT_EQUAL(fake.begun, 0);
    core_close(core);
}

static void test_store_failure(void)
{
    struct snapshot_ticket ticket;

    fake_reset();
    start(fake_store_path(), LONG_MS);
    fake_disk_full(true);
    CU_ASSERT_NOT_EQUAL(create(&anna, 0, "a", &ticket), ERR_NONE);
    fake_disk_full(false);
    CU_ASSERT_EQUAL(fake.begun, 0);
    CU_ASSERT_EQUAL(job_count(&admin), 0);
    CU_ASSERT_EQUAL(create(&anna, 0, "b", &ticket), ERR_NONE);
    CU_ASSERT_EQUAL(ticket.state, JOB_COMPLETED);
    core_close(core);
}

/* A step whose journal cannot be written is not taken, and the job fails. */
static void test_journal_failure(void)
{
    struct snapshot_ticket ticket;
    struct job job;

    fake_reset();
    fake.journal = "step";
    fake.journal_broken = true;
    start(fake_store_path(), LONG_MS);
    CU_ASSERT_EQUAL(create(&anna, 0, "a", &ticket), ERR_NONE);
    CU_ASSERT_EQUAL(ticket.state, JOB_EXCEPTION);
    CU_ASSERT_EQUAL(fake.begun, 0);
    CU_ASSERT_EQUAL_FATAL(core_job_get(core, &anna, &ticket.job, &job, NULL), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(job.error_text, "cannot write its store"));
    job_clear(&job);
    fake.journal_broken = false;
    CU_ASSERT_EQUAL(create(&anna, 0, "b", &ticket), ERR_NONE);
    CU_ASSERT_EQUAL(ticket.state, JOB_COMPLETED);
    core_close(core);
}

static void test_restart(void)
{
    char *path = fake_store_path();
    struct snapshot_ticket ticket;

    fake_reset();
    start(path, LONG_MS);
    CU_ASSERT_EQUAL(create(&anna, 0, "a", &ticket), ERR_NONE);
    core_close(core);
    start(path, LONG_MS);
    CU_ASSERT_EQUAL(job_code(&anna, &ticket.job), ERR_NONE);
    CU_ASSERT_EQUAL(snapshot_code(&anna, &ticket.snapshot), ERR_NONE);
    CU_ASSERT_EQUAL(fake.recovers, 0);
    core_close(core);
}

/* The life of a service that is killed in the midst of a create; says the job's GUID first. */
static void doomed(char *path, int say)
{
    struct snapshot_ticket ticket;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    fake_reset();
    fake.journal = "step 3";
    fake.gated = true;
    start(path, 0);
    create(&anna, 0, "a", &ticket);
    fake_await(&fake.begun, 1);
    if (write(say, &ticket.job, sizeof(ticket.job)) != (ssize_t)sizeof(ticket.job))
        _exit(1);
    for (;;)
        pause();
}

static void test_kill(void)
{
    char *path = fake_store_path();
    struct guid id;
    int ends[2];
    pid_t child;

    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    child = fork();
    if (child == 0)
        doomed(path, ends[1]);
    close(ends[1]);
    CU_ASSERT_EQUAL_FATAL(read(ends[0], &id, sizeof(id)), (ssize_t)sizeof(id));
    close(ends[0]);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    fake_reset();
    fake_recovery(ERR_NONE, RECOVERY_WHOLE);
    start(path, 0);
    CU_ASSERT_STRING_EQUAL(fake.state, "step 3");
    CU_ASSERT_EQUAL(job_code(&anna, &id), ERR_NONE);
    CU_ASSERT_EQUAL(jobs_in_state(JOB_COMPLETED), 1);
    core_close(core);
}

/* While a crashed job's fate is unknown, a new one on its machine waits, others do not. */
static void test_new_jobs_wait_for_recovery(void)
{
    char *path = fake_store_path();
    struct job old = { .id = guid_random(),
                       .kind = JOB_SNAPSHOT_CREATE,
                       .state = JOB_RUNNING,
                       .vm = fake_vm_id(0),
                       .snapshot = guid_random(),
                       .submitted_us = 1 };
    struct snapshot_ticket behind, beside;
    struct store *store;

    fake_reset();
    CU_ASSERT_EQUAL_FATAL(store_open(&store, path, NULL), 0);
    CU_ASSERT_EQUAL(store_job_put(store, &old, NULL), 0);
    store_close(store);
    fake_recovery(ERR_UNAVAILABLE, RECOVERY_NONE);
    start(path, 0);
    CU_ASSERT_EQUAL(create(&anna, 0, "behind", &behind), ERR_NONE);
    config.snapshot_job_grace_ms = LONG_MS;
    CU_ASSERT_EQUAL(create(&anna, 1, "beside", &beside), ERR_NONE);
    CU_ASSERT_EQUAL(beside.state, JOB_COMPLETED);
    CU_ASSERT_TRUE(fake_await(&fake.recovers, 2));
    CU_ASSERT_EQUAL(fake.begun, 1);
    fake_recovery(ERR_NONE, RECOVERY_NONE);
    CU_ASSERT_TRUE(fake_await(&fake.begun, 2));
    CU_ASSERT_STRING_EQUAL(fake.names, "beside behind ");
    CU_ASSERT_EQUAL(job_code(&admin, &old.id), ERR_NONE);
    core_close(core);
}

static void test_open_failure(void)
{
    struct backend *backend;
    struct error err = { 0 };

    fake_reset();
    backend = fake_backend();
    config = fake_config((char *)"none/such/state.db");
    CU_ASSERT_EQUAL(core_open_with(&core, &config, backend, &err), -1);
    CU_ASSERT_PTR_NULL(core);
    CU_ASSERT_NOT_EQUAL(err.code, ERR_NONE);
    backend_close(backend); /* still ours */
    core_close(NULL);
}

static void test_host_name(void)
{
    char name[256] = "";

    start_fresh(0);
    gethostname(name, sizeof(name) - 1);
    CU_ASSERT_STRING_EQUAL(core_host_name(core), name);
    core_close(core);
}

UNIT_MAIN({ "the grace", test_grace }, { "a failed job is a ticket", test_failed_job_is_a_ticket },
          { "roles", test_roles }, { "scope", test_scope },
          { "who sees which jobs", test_jobs_seen },
          { "a promised snapshot is not there yet", test_promise },
          { "finding a snapshot by its GUID", test_snapshot_lookup },
          { "rules come before jobs", test_rules_come_first },
          { "what cannot be stored is not done", test_store_failure },
          { "a journalled create", test_journal_failure },
          { "jobs outlive the service", test_restart }, { "a killed service", test_kill },
          { "new jobs wait for recovery", test_new_jobs_wait_for_recovery },
          { "a failed start", test_open_failure }, { "the host's name", test_host_name })
