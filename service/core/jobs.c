/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/jobs.h"

#include "base/clock.h"
#include "base/hook.h"
#include "base/log.h"
#include "core/jobstay.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { OPEN_MOST = 1000, WAIT_MS = 250 };

/* ---- the queue ---- */

void jobs_leave(struct jobs *jobs, struct job_machine *machine, struct job_entry *entry)
{
    jobqueue_remove(&jobs->queue, machine, entry);
    jobs->open--;
    entry->work->release(entry->task);
    entry->work = NULL;
    entry->task = NULL;
    jobtable_finish(&jobs->table, entry);
    jobstay_note(jobs, entry);
    pthread_cond_broadcast(&entry->ended);
}

/* Forgets what is over the limit; the store follows a tenth later, to save writes. The lock is held
 * on entry and on return, not in between. */
static void jobs_prune(struct jobs *jobs)
{
    size_t keep = (size_t)jobs->config->jobs_keep;
    struct error err = { 0 };

    jobs->unpruned += jobtable_prune(&jobs->table, keep);
    if (jobs->unpruned <= keep / 10)
        return;
    jobs->unpruned = 0;
    pthread_mutex_unlock(&jobs->lock);
    if (store_prune(jobs->store, jobs->config->jobs_keep, &err))
        log_event(LOG_WARN, "store-prune", "message", err.message, "cause", err.cause, NULL);
    pthread_mutex_lock(&jobs->lock);
}

/* Gives the machine's first job its turn and settles what comes of it. The lock is held on entry
 * and on return, not in between. */
static enum job_outcome jobs_serve(struct jobs *jobs, struct job_machine *machine)
{
    struct job_entry *entry = TAILQ_FIRST(&machine->entries);
    enum job_outcome outcome;

    machine->busy = true;
    entry->turn = true;
    pthread_mutex_unlock(&jobs->lock);
    outcome = jobturn_take(entry);
    pthread_mutex_lock(&jobs->lock);
    machine->busy = false;
    entry->turn = false;
    if (outcome == OUTCOME_AGAIN) {
        entry->due_ms = clock_mono_ms() + jobturn_pause_ms(entry->pauses++);
    } else if (outcome == OUTCOME_WAIT) {
        /* a cancel that came meanwhile shall not wait */
        entry->due_ms = entry->cancel ? 0 : clock_mono_ms() + WAIT_MS;
    } else {
        jobs_leave(jobs, machine, entry);
        jobs_prune(jobs);
    }
    return outcome;
}

/* Whoever goes to serve a job sends another to look for what else there is, so that nobody is woken for nothing, and there
 * is somebody who waits for what is due next. */
static void *jobs_thread(void *opaque)
{
    struct jobs *jobs = opaque;

    pthread_mutex_lock(&jobs->lock);
    while (!jobs->closing) {
        struct job_machine *machine;
        int64_t next;
        jobstay_expire(jobs);
        machine = jobqueue_ready(&jobs->queue, clock_mono_ms(), &next);
        if (!jobs->expiring && jobs->expiry_ms < next) /* who sees to them looks again */
            next = jobs->expiry_ms;
        if (machine) {
            pthread_cond_signal(&jobs->work);
            jobs_serve(jobs, machine);
        } else if (next == INT64_MAX) {
            pthread_cond_wait(&jobs->work, &jobs->lock);
        } else {
            clock_wait(&jobs->work, &jobs->lock, next);
        }
    }
    pthread_mutex_unlock(&jobs->lock);
    return NULL;
}

/* ---- life ---- */

int jobs_open(struct jobs **out, struct store *store, const struct config *config,
              struct error *err)
{
    struct jobs *jobs = calloc(1, sizeof(*jobs));

    *out = NULL;
    if (!jobs || jobtable_init(&jobs->table, (size_t)config->jobs_keep + OPEN_MOST)) {
        free(jobs);
        return error_set(err, ERR_NO_MEMORY, NULL);
    }
    jobs->store = store;
    jobs->config = config;
    jobs->expiry_ms = INT64_MAX;
    TAILQ_INIT(&jobs->queue);
    LIST_INIT(&jobs->claims);
    pthread_mutex_init(&jobs->lock, NULL);
    pthread_cond_init(&jobs->work, NULL);
    pthread_cond_init(&jobs->close, NULL);
    *out = jobs;
    return 0;
}

/* An entry that took nothing yet, and the memory to queue it; both NULL on error. */
static struct job_entry *jobs_entry_new(struct jobs *jobs, struct job_machine **spare,
                                        struct error *err)
{
    struct job_entry *entry = calloc(1, sizeof(*entry));

    *spare = calloc(1, sizeof(**spare));
    if (entry && *spare) {
        entry->jobs = jobs;
        return entry;
    }
    free(entry);
    free(*spare);
    *spare = NULL;
    error_set(err, ERR_NO_MEMORY, NULL);
    return NULL;
}

static void jobs_entry_fill(struct job_entry *entry, struct job *job, const struct job_work *work,
                            void *task)
{
    entry->job = *job;
    entry->stay = job->stay;
    if (!entry->stay.us)
        entry->stay.us = JOB_STAY_DEFAULT_US;
    entry->work = work;
    entry->task = task;
    *job = (struct job){ 0 };
}

/* Puts an entry where it is seen and served; under the lock. */
static void jobs_enter(struct jobs *jobs, struct job_entry *entry, struct job_machine *spare)
{
    jobtable_add(&jobs->table, entry);
    if (entry->work) {
        jobqueue_add(&jobs->queue, entry, spare);
        pthread_cond_signal(&jobs->work);
    } else {
        free(spare);
        jobtable_finish(&jobs->table, entry);
        jobstay_note(jobs, entry);
    }
}

int jobs_load(struct jobs *jobs, struct job *job, const struct job_work *work, void *task,
              struct error *err)
{
    struct job_machine *spare;
    struct job_entry *entry = jobs_entry_new(jobs, &spare, err);

    if (!entry)
        return -1;
    jobs_entry_fill(entry, job, work, task);
    pthread_mutex_lock(&jobs->lock);
    jobs->open += work ? 1 : 0;
    jobs_enter(jobs, entry, spare);
    pthread_mutex_unlock(&jobs->lock);
    return 0;
}

void jobs_settle(struct jobs *jobs)
{
    enum job_outcome outcome = OUTCOME_COMPLETED;
    struct job_machine *machine;
    int64_t next;

    pthread_mutex_lock(&jobs->lock);
    while (outcome != OUTCOME_AGAIN && outcome != OUTCOME_WAIT &&
           (machine = jobqueue_ready(&jobs->queue, clock_mono_ms(), &next)))
        outcome = jobs_serve(jobs, machine);
    pthread_mutex_unlock(&jobs->lock);
}

int jobs_start(struct jobs *jobs, struct error *err)
{
    size_t count = (size_t)jobs->config->jobs_threads;
    sigset_t all, before;
    int rc = 0;

    jobs->threads = calloc(count, sizeof(*jobs->threads));
    if (!jobs->threads)
        return error_set(err, ERR_NO_MEMORY, NULL);
    /* Signals are for the main thread. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (rc == 0 && jobs->thread_count < count) {
        rc = pthread_create(&jobs->threads[jobs->thread_count], NULL, jobs_thread, jobs);
        jobs->thread_count += rc == 0 ? 1 : 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc == 0)
        return 0;
    error_cause(err, "pthread_create: %s", strerror(rc));
    return error_set(err, ERR_INTERNAL, "The service cannot start its job threads.");
}

void jobs_close(struct jobs *jobs)
{
    struct job_machine *machine;

    if (!jobs)
        return;
    pthread_mutex_lock(&jobs->lock);
    jobs->closing = true;
    pthread_cond_broadcast(&jobs->work);
    pthread_cond_broadcast(&jobs->close);
    pthread_mutex_unlock(&jobs->lock);
    for (size_t i = 0; i < jobs->thread_count; i++)
        pthread_join(jobs->threads[i], NULL);
    while ((machine = TAILQ_FIRST(&jobs->queue))) {
        struct job_entry *entry = TAILQ_FIRST(&machine->entries);
        jobturn_abandon(entry);
        jobs_leave(jobs, machine, entry);
    }
    jobtable_clear(&jobs->table);
    pthread_cond_destroy(&jobs->close);
    pthread_cond_destroy(&jobs->work);
    pthread_mutex_destroy(&jobs->lock);
    free(jobs->threads);
    free(jobs);
}

/* ---- callers ---- */

/* True when the machine has open jobs, or one is about to be; under the lock. */
static bool jobs_machine_busy(const struct jobs *jobs, const struct guid *vm)
{
    const struct job_machine *machine;
    const struct job_claim *claim;
    const struct job_entry *entry;

    /* One that can be seen to have ended is on its way out of the queue: who has seen it goes on at once. */
    TAILQ_FOREACH(machine, &jobs->queue, link)
    TAILQ_FOREACH(entry, &machine->entries, order)
    if (guid_equal(&machine->vm, vm) && !job_finished(&entry->job))
        return true;
    LIST_FOREACH(claim, &jobs->claims, link)
    if (guid_equal(&claim->vm, vm))
        return true;
    return false;
}

/* A place among the open jobs. The claim holds while the job is being stored, which is before it is queued;
 * jobs_submit() ends it. */
static int jobs_reserve(struct jobs *jobs, const struct job *job, struct job_claim *claim,
                        struct error *err)
{
    int result = 0;

    claim->vm = job->vm;
    pthread_mutex_lock(&jobs->lock);
    if (jobs->closing)
        result = error_set(err, ERR_UNAVAILABLE, "The service is stopping.");
    else if (jobs->open >= OPEN_MOST)
        result = error_set(err, ERR_QUOTA,
                           "%d jobs are waiting or running already; try again "
                           "when some have ended.",
                           OPEN_MOST);
    else if (job_kind_row(job->kind)->alone && jobs_machine_busy(jobs, &job->vm))
        result = error_set(err, ERR_IN_USE, "Another job of this machine is waiting or running; try "
                                            "again when it has ended.");
    if (result == 0) {
        jobs->open++;
        LIST_INSERT_HEAD(&jobs->claims, claim, link);
    }
    pthread_mutex_unlock(&jobs->lock);
    return result;
}

int jobs_submit(struct jobs *jobs, struct job *job, const struct job_work *work, void *task,
                struct error *err)
{
    struct job_machine *spare;
    struct job_entry *entry;
    struct job_claim claim;

    if (jobs_reserve(jobs, job, &claim, err))
        return -1;
    entry = jobs_entry_new(jobs, &spare, err);
    if (!entry || store_job_put(jobs->store, job, err))
        goto fail;
    HOOK("job stored");
    jobs_entry_fill(entry, job, work, task);
    pthread_mutex_lock(&jobs->lock);
    LIST_REMOVE(&claim, link);
    jobs_enter(jobs, entry, spare);
    pthread_mutex_unlock(&jobs->lock);
    return 0;
fail:
    free(entry);
    free(spare);
    pthread_mutex_lock(&jobs->lock);
    LIST_REMOVE(&claim, link);
    jobs->open--;
    pthread_mutex_unlock(&jobs->lock);
    return -1;
}

enum job_state jobs_wait(struct jobs *jobs, const struct guid *id, long ms)
{
    int64_t until = clock_mono_ms() + ms;
    enum job_state state = JOB_EXCEPTION;
    struct job_entry *entry;

    pthread_mutex_lock(&jobs->lock);
    entry = jobtable_find(&jobs->table, id);
    if (entry) {
        entry->waiters++;
        while (!job_finished(&entry->job) && clock_mono_ms() < until)
            clock_wait(&entry->ended, &jobs->lock, until);
        entry->waiters--;
        state = entry->job.state;
    }
    pthread_mutex_unlock(&jobs->lock);
    return state;
}

/* Appends copies of those jobs of one list that `owner` owns. */
static int jobs_copy(const struct job_order *order, const char *owner, struct job_list *out)
{
    const struct job_entry *entry;

    TAILQ_FOREACH(entry, order, order)
    {
        struct job copy;
        if (owner && strcmp(owner, entry->job.owner) != 0)
            continue;
        if (job_copy(&copy, &entry->job))
            return -1;
        copy.cancellable = jobturn_cancellable(entry);
        copy.stay = entry->stay;
        if (job_list_take(out, &copy)) {
            job_clear(&copy);
            return -1;
        }
    }
    return 0;
}

int jobs_list(struct jobs *jobs, const char *owner, struct job_list *out, struct error *err)
{
    const struct job_machine *machine;
    int result;

    *out = (struct job_list){ 0 };
    pthread_mutex_lock(&jobs->lock);
    result = jobs_copy(&jobs->table.finished, owner, out);
    TAILQ_FOREACH(machine, &jobs->queue, link)
    result = result ? result : jobs_copy(&machine->entries, owner, out);
    pthread_mutex_unlock(&jobs->lock);
    if (result == 0)
        return 0;
    job_list_clear(out);
    return error_set(err, ERR_NO_MEMORY, NULL);
}

int jobs_get(struct jobs *jobs, const struct guid *id, struct job *out, struct error *err)
{
    const struct job_entry *entry;
    int result = 0;

    *out = (struct job){ 0 };
    pthread_mutex_lock(&jobs->lock);
    entry = jobtable_find(&jobs->table, id);
    if (!entry)
        result = error_set(err, ERR_NOT_FOUND, NULL);
    else if (job_copy(out, &entry->job))
        result = error_set(err, ERR_NO_MEMORY, NULL);
    if (result == 0) {
        out->cancellable = jobturn_cancellable(entry);
        out->stay = entry->stay;
    }
    pthread_mutex_unlock(&jobs->lock);
    return result;
}

bool jobs_withhold(struct jobs *jobs, const struct guid *snapshot)
{
    const struct job_entry *entry;
    bool withhold;

    pthread_mutex_lock(&jobs->lock);
    entry = jobtable_find_snapshot(&jobs->table, snapshot);
    withhold = entry && entry->job.state != JOB_COMPLETED;
    pthread_mutex_unlock(&jobs->lock);
    return withhold;
}

bool jobs_promised(struct jobs *jobs, const struct guid *snapshot)
{
    bool promised;

    pthread_mutex_lock(&jobs->lock);
    promised = jobtable_find_snapshot(&jobs->table, snapshot) != NULL;
    pthread_mutex_unlock(&jobs->lock);
    return promised;
}
