/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * For the tests of jobs: a stage of store and queue, and pieces of work to play on it.
 */
#ifndef CIMSNAPD_TESTS_FAKE_JOBS_H
#define CIMSNAPD_TESTS_FAKE_JOBS_H

#include "unit.h"

#include "core/jobs.h"
#include "fake.h"

enum { LONG_MS = FAKE_DEADLINE_S * 1000 };

/* A piece of work that the test holds in its hand. Everything is guarded by fake.lock. */
struct piece {
    const char *name;
    unsigned turns, open, ended, released; /* counters, for fake_wait() */
    enum job_outcome outcome;
    unsigned again;   /* turns that end with OUTCOME_AGAIN first */
    unsigned percent; /* reported in each turn, if not 0 */
    enum error_code fail;
    const char *fail_text;
};

static inline enum job_outcome piece_run(void *opaque, const struct backend_call *call,
                                         struct error *err)
{
    struct piece *piece = opaque;
    enum job_outcome outcome;

    if (piece->percent)
        call->progress(call->opaque, piece->percent);
    pthread_mutex_lock(&fake.lock);
    piece->turns++;
    fake_note(piece->name, "");
    pthread_cond_broadcast(&fake.changed);
    fake_wait(&piece->open, 1);
    outcome = piece->turns <= piece->again ? OUTCOME_AGAIN : piece->outcome;
    piece->ended++;
    pthread_cond_broadcast(&fake.changed);
    pthread_mutex_unlock(&fake.lock);
    if (piece->fail)
        error_set(err, piece->fail, "%s", piece->fail_text);
    return outcome;
}

static inline void piece_release(void *opaque)
{
    struct piece *piece = opaque;

    pthread_mutex_lock(&fake.lock);
    piece->released++;
    pthread_mutex_unlock(&fake.lock);
}

static const struct job_work piece_work = { .run = piece_run,
                                            .release = piece_release,
                                            .dropped = "dropped" };
/* Work of a former life: goes on after the next start. */
static const struct job_work old_work = { .run = piece_run, .release = piece_release };

static inline void piece_open(struct piece *piece)
{
    pthread_mutex_lock(&fake.lock);
    piece->open = 1;
    pthread_cond_broadcast(&fake.changed);
    pthread_mutex_unlock(&fake.lock);
}

/* ---- the stage: a store, a queue ---- */

static struct config config;
static struct store *store;
static struct jobs *jobs;

static inline void stage_open(char *path, long threads, long keep)
{
    struct error err = { 0 };

    fake_reset();
    config = fake_config(path);
    config.jobs_threads = threads;
    config.jobs_keep = keep;
    CU_ASSERT_EQUAL_FATAL(store_open(&store, path, &err), 0);
    CU_ASSERT_EQUAL_FATAL(jobs_open(&jobs, store, &config, &err), 0);
}

static inline void stage_start(char *path, long threads, long keep)
{
    stage_open(path, threads, keep);
    CU_ASSERT_EQUAL_FATAL(jobs_start(jobs, NULL), 0);
}

static inline void stage_close(void)
{
    jobs_close(jobs);
    store_close(store);
}

static inline struct job new_job(size_t vm, const char *owner)
{
    return (struct job){ .id = guid_random(),
                         .kind = JOB_SNAPSHOT_CREATE,
                         .state = JOB_RUNNING,
                         .vm = fake_vm_id(vm),
                         .snapshot = guid_random(),
                         .owner = strdup(owner),
                         .title = strdup("title"),
                         .submitted_us = 1,
                         .changed_us = 1 };
}

static inline struct guid submit(size_t vm, struct piece *piece)
{
    struct job job = new_job(vm, "anna");
    struct guid id = job.id;

    CU_ASSERT_EQUAL_FATAL(jobs_submit(jobs, &job, &piece_work, piece, NULL), 0);
    return id;
}

static inline struct job get(const struct guid *id)
{
    struct job job;

    CU_ASSERT_EQUAL(jobs_get(jobs, id, &job, NULL), 0);
    return job;
}

/* The job as the store has it after a restart. */
static inline struct job stored(const char *path, const struct guid *id)
{
    struct store *again = NULL;
    struct job_list list = { 0 };
    struct job found = { 0 };

    CU_ASSERT_EQUAL_FATAL(store_open(&again, path, NULL), 0);
    CU_ASSERT_EQUAL(store_job_list(again, &list, NULL), 0);
    for (size_t i = 0; i < list.count; i++)
        if (guid_equal(&list.items[i].id, id))
            job_copy(&found, &list.items[i]);
    job_list_clear(&list);
    store_close(again);
    return found;
}

#endif
