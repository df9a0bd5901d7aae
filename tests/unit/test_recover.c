/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "core/recover.h"
#include "fake.h"

enum { LONG_MS = FAKE_DEADLINE_S * 1000 };

static struct config config;
static struct store *store;
static struct jobs *jobs;
static struct backend *backend;

static struct job open_job(size_t vm)
{
    return (struct job){ .id = guid_random(),
                         .kind = JOB_SNAPSHOT_CREATE,
                         .state = JOB_RUNNING,
                         .vm = fake_vm_id(vm),
                         .snapshot = guid_random(),
                         .owner = (char *)"anna",
                         .title = (char *)"title",
                         .percent = 20,
                         .submitted_us = 1,
                         .started_us = 2 };
}

/* A store as a crash left it: one open job, with a journal if state is not NULL. */
static struct guid crash(const char *path, const char *state)
{
    struct job job = open_job(0);

    fake_reset();
    CU_ASSERT_EQUAL_FATAL(store_open(&store, path, NULL), 0);
    CU_ASSERT_EQUAL(store_job_put(store, &job, NULL), 0);
    if (state)
        CU_ASSERT_EQUAL(store_journal_put(store, &job.id, state, NULL), 0);
    store_close(store);
    return job.id;
}

static void start(char *path)
{
    config = fake_config(path);
    CU_ASSERT_EQUAL_FATAL(store_open(&store, path, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(jobs_open(&jobs, store, &config, NULL), 0);
    backend = fake_backend();
    CU_ASSERT_EQUAL_FATAL(recover_load(jobs, store, backend, NULL), 0);
}

static void stop(void)
{
    jobs_close(jobs);
    backend_close(backend);
    store_close(store);
}

static void check(const struct guid *id, enum job_state state, const char *words)
{
    struct job job;

    CU_ASSERT_EQUAL_FATAL(jobs_get(jobs, id, &job, NULL), 0);
    CU_ASSERT_EQUAL(job.state, state);
    CU_ASSERT_EQUAL(job.percent, state == JOB_COMPLETED ? 100 : 20);
    CU_ASSERT_EQUAL(job.started_us, 2);
    CU_ASSERT_EQUAL(job.ended_us != 0, state != JOB_RUNNING);
    CU_ASSERT_EQUAL_FATAL(!job.error_text, !words);
    if (words)
        CU_ASSERT_PTR_NOT_NULL(strstr(job.error_text, words));
    job_clear(&job);
}

static void test_answers(void)
{
    static const struct {
        enum error_code fail;
        enum recovery found;
        enum job_state state;
        const char *words;
    } rows[] = {
        { ERR_NONE, RECOVERY_WHOLE, JOB_COMPLETED, NULL },
        { ERR_NONE, RECOVERY_NONE, JOB_EXCEPTION, "nothing was left behind" },
        { ERR_NOT_FOUND, RECOVERY_NONE, JOB_EXCEPTION, "machine is no longer there" },
        { ERR_NOT_SUPPORTED, RECOVERY_NONE, JOB_EXCEPTION, "not be found out: no answer" },
        { ERR_UNAVAILABLE, RECOVERY_NONE, JOB_RUNNING, NULL },
        { ERR_FAILED, RECOVERY_NONE, JOB_RUNNING, NULL },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *path = fake_store_path();
        struct guid id = crash(path, "step 2");
        char *left = NULL;

        fake_recovery(rows[i].fail, rows[i].found);
        start(path);
        check(&id, rows[i].state, rows[i].words);
        CU_ASSERT_EQUAL(fake.recovers, 1);
        CU_ASSERT_STRING_EQUAL(fake.state, "step 2");
        CU_ASSERT_EQUAL(store_journal_get(store, &id, &left, NULL), 0);
        CU_ASSERT_EQUAL(left != NULL, rows[i].state == JOB_RUNNING);
        free(left);
        stop();
        /* And again: what has ended is not asked after, what is open is. */
        start(path);
        check(&id, rows[i].state, rows[i].words);
        CU_ASSERT_EQUAL(fake.recovers, rows[i].state == JOB_RUNNING ? 2 : 1);
        stop();
    }
}

static void test_no_journal(void)
{
    char *path = fake_store_path();
    struct guid id = crash(path, NULL);

    start(path);
    CU_ASSERT_STRING_EQUAL(fake.state, "-");
    check(&id, JOB_EXCEPTION, "nothing was left behind");
    stop();
}

/* Until the hypervisor answers, the job stays open. */
static void test_late_answer(void)
{
    char *path = fake_store_path();
    struct guid id = crash(path, "step 1");

    fake_recovery(ERR_UNAVAILABLE, RECOVERY_NONE);
    start(path);
    CU_ASSERT_EQUAL_FATAL(jobs_start(jobs, NULL), 0);
    CU_ASSERT_TRUE(fake_await(&fake.recovers, 3));
    check(&id, JOB_RUNNING, NULL);
    fake_recovery(ERR_NONE, RECOVERY_WHOLE);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &id, LONG_MS), JOB_COMPLETED);
    check(&id, JOB_COMPLETED, NULL);
    stop();
}

/* With the hypervisor away only one job is tried on the opening path. */
static void test_away_is_asked_once(void)
{
    char *path = fake_store_path();

    crash(path, NULL);
    CU_ASSERT_EQUAL_FATAL(store_open(&store, path, NULL), 0);
    for (size_t i = 1; i < 4; i++) {
        struct job job = open_job(i);
        CU_ASSERT_EQUAL(store_job_put(store, &job, NULL), 0);
    }
    store_close(store);
    fake_recovery(ERR_UNAVAILABLE, RECOVERY_NONE);
    start(path);
    CU_ASSERT_EQUAL(fake.recovers, 1);
    fake_recovery(ERR_NONE, RECOVERY_NONE);
    CU_ASSERT_EQUAL_FATAL(jobs_start(jobs, NULL), 0);
    CU_ASSERT_TRUE(fake_await(&fake.recovers, 5));
    stop();
}

/* An absent hypervisor is waited for without end, any other trouble only for a while. */
static void test_patience(void)
{
    static const struct {
        enum error_code fail;
        bool endless;
    } rows[] = { { ERR_UNAVAILABLE, true }, { ERR_STILL_RUNNING, true }, { ERR_FAILED, false }, { ERR_TIMEOUT, false } };
    const struct backend_call call = { 0 };

    fake_reset();
    CU_ASSERT_EQUAL_FATAL(store_open(&store, ":memory:", NULL), 0);
    backend = fake_backend();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct job job = open_job(0);
        void *task = recover_task_new(store, backend, &job, NULL);
        struct error err = { 0 };
        unsigned turns = 0;
        CU_ASSERT_PTR_NOT_NULL_FATAL(task);
        fake_recovery(rows[i].fail, RECOVERY_NONE);
        while (turns < 100 && recover_work.run(task, &call, &err) == OUTCOME_AGAIN)
            turns++;
        CU_ASSERT_EQUAL(turns == 100, rows[i].endless);
        CU_ASSERT_TRUE(turns > 3);
        CU_ASSERT_EQUAL(err.code, rows[i].endless ? ERR_NONE : ERR_FAILED);
        recover_work.release(task);
    }
    backend_close(backend);
    store_close(store);
}

/* A save that ends while it is asked for has been made. */
static void test_power_ends(void)
{
    struct recover_case what = { .kind = (enum job_kind)(JOB_VM_CHANGE + CHANGE_SAVE),
                                 .event = "The service ended",
                                 .state = (char *)"change" };
    struct error err = { 0 };

    fake_reset();
    what.backend = backend = fake_backend();
    what.vm = fake_vm_id(0);
    fake.vms[0].state = VM_PAUSED;
    fake.ends = VM_SAVED;
    CU_ASSERT_EQUAL(recover_ask(&what, &err), OUTCOME_COMPLETED);
    backend_close(backend);
}

/* A change of state is judged by the state, once nobody works on it any more. */
static void test_power(void)
{
    enum { SOON = 1000 };
    static const struct {
        enum vm_change change;
        enum vm_state state;
        bool working;
        const char *journal; /* NULL: none */
        enum job_outcome end;
        const char *words;
    } rows[] = {
        { CHANGE_SAVE, VM_SAVED, false, "change", OUTCOME_COMPLETED, NULL },
        { CHANGE_SAVE, VM_RUNNING, true, "change", OUTCOME_AGAIN, NULL },
        { CHANGE_SAVE, VM_PAUSED, true, "change", OUTCOME_AGAIN, NULL },
        { CHANGE_SAVE, VM_RUNNING, false, "change", OUTCOME_FAILED, "state is not what it was to be" },
        { CHANGE_SAVE, VM_SAVED, false, NULL, OUTCOME_FAILED, "state is not what it was to be" },
        { CHANGE_START, VM_OFF, true, "change", OUTCOME_AGAIN, NULL },
        { CHANGE_START, VM_RUNNING, true, "change", OUTCOME_COMPLETED, NULL },
        { CHANGE_OFF, VM_STOPPING, false, "change", OUTCOME_AGAIN, NULL },
        { CHANGE_OFF, VM_OFF, false, "change", OUTCOME_COMPLETED, NULL },
        { CHANGE_SHUTDOWN, VM_RUNNING, false, "change until 1001", OUTCOME_AGAIN, NULL },
        { CHANGE_SHUTDOWN, VM_RUNNING, false, "change until 1000", OUTCOME_FAILED, "not what it was to be" },
        { CHANGE_SHUTDOWN, VM_RUNNING, false, "change", OUTCOME_FAILED, "not what it was to be" },
        { CHANGE_PAUSE, VM_RUNNING, false, "change until 1001", OUTCOME_FAILED, "not what it was to be" },
        { CHANGE_REBOOT, VM_RUNNING, false, "change", OUTCOME_FAILED, "could not be found out" },
        { CHANGE_RESET, VM_RUNNING, false, "change", OUTCOME_FAILED, "could not be found out" },
    };

    fake_reset();
    backend = fake_backend();
    clock_freeze((int64_t)SOON * 1000000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct recover_case what = { .backend = backend,
                                     .kind = (enum job_kind)(JOB_VM_CHANGE + rows[i].change),
                                     .vm = fake_vm_id(0),
                                     .event = "The service ended",
                                     .state = (char *)rows[i].journal };
        struct error err = { 0 };
        fake.vms[0].state = rows[i].state;
        fake.working = rows[i].working;
        CU_ASSERT_EQUAL(recover_ask(&what, &err), rows[i].end);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.message, rows[i].words ? rows[i].words : ""));
    }
    backend_close(backend);
    clock_freeze(0);
}

UNIT_MAIN({ "changes of a machine's state", test_power }, { "a change that ends just then", test_power_ends }, { "each answer ends the job truthfully, or leaves it open", test_answers },
          { "a job without journal", test_no_journal }, { "patience", test_patience },
          { "an answer that comes late", test_late_answer },
          { "an absent hypervisor is asked once", test_away_is_asked_once })
