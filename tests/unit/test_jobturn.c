/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_jobs.h"

static void test_life_of_a_job(void)
{
    const char *path = fake_store_path();
    struct piece a = { .name = "a", .percent = 40 };
    struct job job, after;
    struct guid id;

    stage_start((char *)path, 1, 100);
    clock_freeze(1000);
    id = submit(0, &a);
    CU_ASSERT_TRUE(fake_await(&a.turns, 1));
    job = get(&id);
    CU_ASSERT_EQUAL(job.state, JOB_RUNNING);
    CU_ASSERT_EQUAL(job.percent, 40);
    CU_ASSERT_EQUAL(job.started_us, 1000);
    CU_ASSERT_EQUAL(job.ended_us, 0);
    CU_ASSERT_TRUE(jobs_withhold(jobs, &job.snapshot));
    job_clear(&job);
    clock_freeze(2000);
    piece_open(&a);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &id, LONG_MS), JOB_COMPLETED);
    job = get(&id);
    CU_ASSERT_EQUAL(job.percent, 100);
    CU_ASSERT_EQUAL(job.changed_us, 2000);
    CU_ASSERT_EQUAL(job.ended_us, 2000);
    CU_ASSERT_PTR_NULL(job.error_text);
    CU_ASSERT_FALSE(jobs_withhold(jobs, &job.snapshot));
    stage_close();
    after = stored(path, &id);
    CU_ASSERT_EQUAL(after.state, JOB_COMPLETED);
    CU_ASSERT_EQUAL(after.started_us, 1000);
    CU_ASSERT_EQUAL(after.ended_us, 2000);
    job_clear(&after);
    job_clear(&job);
}

static enum job_outcome progress_run(void *opaque, const struct backend_call *call,
                                     struct error *err)
{
    static const unsigned reports[] = { 10, 5, 30, 29, 1000 }, seen[] = { 10, 10, 30, 30, 100 };
    const struct guid *id = opaque;

    (void)err;
    for (size_t i = 0; i < 5; i++) {
        struct job job;
        call->progress(call->opaque, reports[i]);
        job = get(id);
        CU_ASSERT_EQUAL(job.percent, seen[i]);
        job_clear(&job);
    }
    return OUTCOME_FAILED;
}

static void progress_release(void *opaque)
{
    (void)opaque;
}

static void test_progress(void)
{
    static const struct job_work work = { .run = progress_run, .release = progress_release };
    struct job job = new_job(0, "anna");
    struct guid id = job.id;

    stage_open((char *)":memory:", 1, 100);
    CU_ASSERT_EQUAL_FATAL(jobs_load(jobs, &job, &work, &id, NULL), 0);
    jobs_settle(jobs);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &id, 0), JOB_EXCEPTION);
    stage_close();
}

static void test_failure(void)
{
    const char *path = fake_store_path();
    struct piece a = { .name = "a",
                       .open = 1,
                       .outcome = OUTCOME_FAILED,
                       .percent = 30,
                       .fail = ERR_NO_SPACE,
                       .fail_text = "the disk \xC3" };
    struct piece b = { .name = "b", .open = 1, .outcome = OUTCOME_FAILED };
    struct job job;
    struct guid id, silent;

    stage_start((char *)path, 1, 100);
    id = submit(0, &a);
    silent = submit(0, &b);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &id, LONG_MS), JOB_EXCEPTION);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &silent, LONG_MS), JOB_EXCEPTION);
    job = get(&id);
    CU_ASSERT_EQUAL(job.error, ERR_NO_SPACE);
    CU_ASSERT_STRING_EQUAL(job.error_text, "the disk \xEF\xBF\xBD");
    CU_ASSERT_EQUAL(job.percent, 30);
    CU_ASSERT_TRUE(jobs_withhold(jobs, &job.snapshot));
    job_clear(&job);
    job = get(&silent);
    CU_ASSERT_EQUAL(job.error, ERR_FAILED);
    CU_ASSERT_STRING_EQUAL(job.error_text, error_row(ERR_FAILED)->text);
    job_clear(&job);
    stage_close();
    job = stored(path, &id);
    CU_ASSERT_EQUAL(job.state, JOB_EXCEPTION);
    CU_ASSERT_STRING_EQUAL(job.error_text, "the disk \xEF\xBF\xBD");
    job_clear(&job);
}

/* The end of a job shows only when the store has it. */
static void test_unstored_end(void)
{
    char *path = fake_store_path();
    struct piece a = { .name = "a" };
    struct guid id;
    struct job job;

    stage_start(path, 1, 100);
    id = submit(0, &a);
    CU_ASSERT_TRUE(fake_await(&a.turns, 1));
    fake_disk_full(true);
    piece_open(&a);
    CU_ASSERT_TRUE(fake_await(&a.ended, 1));
    CU_ASSERT_EQUAL(jobs_wait(jobs, &id, 50), JOB_RUNNING);
    fake_disk_full(false);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &id, LONG_MS), JOB_COMPLETED);
    stage_close();
    job = stored(path, &id);
    CU_ASSERT_EQUAL(job.state, JOB_COMPLETED);
    CU_ASSERT_EQUAL(a.turns, 1);
    job_clear(&job);
}

/* A service that stops while the store refuses leaves the job open, for the next start to judge. */
static void test_unstored_end_at_close(void)
{
    char *path = fake_store_path();
    struct piece a = { .name = "a" };
    struct guid id;
    struct job job;

    stage_start(path, 1, 100);
    id = submit(0, &a);
    CU_ASSERT_TRUE(fake_await(&a.turns, 1));
    fake_disk_full(true);
    piece_open(&a);
    stage_close();
    fake_disk_full(false);
    job = stored(path, &id);
    CU_ASSERT_EQUAL(job.state, JOB_RUNNING);
    CU_ASSERT_EQUAL(a.released, 1);
    job_clear(&job);
}

static void test_dropped(void)
{
    char *path = fake_store_path();
    struct piece old = { .name = "o", .open = 1, .again = 1000 }, b = { .name = "b", .open = 1 };
    struct job job = new_job(0, "anna");
    struct guid waiting;

    stage_open(path, 1, 100);
    store_job_put(store, &job, NULL);
    CU_ASSERT_EQUAL_FATAL(jobs_load(jobs, &job, &old_work, &old, NULL), 0);
    jobs_settle(jobs); /* asks for another turn: what follows waits */
    waiting = submit(0, &b);
    stage_close();
    job = stored(path, &waiting);
    CU_ASSERT_EQUAL(job.state, JOB_EXCEPTION);
    CU_ASSERT_EQUAL(job.error, ERR_CANCELLED);
    CU_ASSERT_STRING_EQUAL(job.error_text, "dropped");
    CU_ASSERT_EQUAL(b.turns, 0);
    CU_ASSERT_EQUAL(b.released, 1);
    job_clear(&job);
}

UNIT_MAIN({ "states, times and percentage", test_life_of_a_job },
          { "progress never goes back", test_progress },
          { "a failure's code and text", test_failure },
          { "an end that cannot be stored does not show", test_unstored_end },
          { "nor does it at the close", test_unstored_end_at_close },
          { "closing drops what never began", test_dropped })
