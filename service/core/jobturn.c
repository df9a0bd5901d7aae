/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/jobturn.h"

#include "base/auditlog.h"
#include "base/clock.h"
#include "base/hook.h"
#include "base/log.h"
#include "core/text.h"

#include <stdlib.h>

enum { PAUSE_FIRST_MS = 100, PAUSE_MOST_MS = 30000 };

int64_t jobturn_pause_ms(unsigned pauses)
{
    return pauses < 9 ? PAUSE_FIRST_MS << pauses : PAUSE_MOST_MS;
}

static void turn_log_end(const struct job *job, const struct error *err)
{
    bool failed = job->state != JOB_COMPLETED;

    log_event(failed ? LOG_WARN : LOG_INFO, "job-end", "job", GUID_STR(&job->id), "machine",
              GUID_STR(&job->vm), "snapshot", GUID_STR(&job->snapshot), "owner", job->owner,
              "result", failed ? error_row(job->error)->name : "COMPLETED", "message",
              failed ? err->message : NULL, "cause", err->cause[0] ? err->cause : NULL, "where",
              err->where, NULL);
    auditlog_event("job", "job", GUID_STR(&job->id), "user", job->owner, "machine", GUID_STR(&job->vm),
                "result", failed ? "failed" : "completed", "error",
                failed ? error_row(job->error)->name : NULL, NULL);
}

static void turn_progress(void *opaque, unsigned percent)
{
    struct job_entry *entry = opaque;

    if (percent > 100)
        percent = 100;
    pthread_mutex_lock(&entry->jobs->lock);
    if (percent > entry->job.percent)
        entry->job.percent = percent;
    pthread_mutex_unlock(&entry->jobs->lock);
}

typedef int turn_journal_put(struct store *store, const struct guid *job, const char *state, struct error *err);

static int turn_put_state(const struct job_entry *entry, const char *state, turn_journal_put *put, struct error *err)
{
    int rc;

    HOOK("before journal");
    rc = put(entry->jobs->store, &entry->job.id, state, err);
    HOOK("after journal");
    return rc;
}

static int turn_journal(void *opaque, const char *state, struct error *err)
{
    return turn_put_state(opaque, state, store_journal_put, err);
}

static int turn_note(void *opaque, const char *state, struct error *err)
{
    return turn_put_state(opaque, state, store_journal_note, err);
}

static bool turn_cancelled(void *opaque)
{
    struct job_entry *entry = opaque;
    bool cancelled;

    pthread_mutex_lock(&entry->jobs->lock);
    cancelled = entry->cancel != 0;
    pthread_mutex_unlock(&entry->jobs->lock);
    return cancelled;
}

typedef int turn_put(struct store *store, const struct job *job, struct error *err);

/* Stores what entry's job is to become, then lets it be seen. */
static int turn_become(struct job_entry *entry, const struct job *next, turn_put *put, struct error *err)
{
    struct jobs *jobs = entry->jobs;

    HOOK("before job change");
    if (put(jobs->store, next, err))
        return -1;
    HOOK("after job change");
    pthread_mutex_lock(&jobs->lock);
    entry->job = *next;
    pthread_mutex_unlock(&jobs->lock);
    return 0;
}

/* The job's end: completed, or with err's code an exception. */
static int turn_end(struct job_entry *entry, const struct error *err, struct error *why)
{
    struct job next = entry->job;

    next.state = !err->code                                      ? JOB_COMPLETED
                 : err->code == ERR_CANCELLED && entry->cancel ? entry->cancel
                                                                 : JOB_EXCEPTION;
    next.error = err->code;
    next.changed_us = next.ended_us = clock_now_us();
    if (!err->code)
        next.percent = 100;
    else if (!(next.error_text = text_clean(err->message, sizeof(err->message))))
        return error_set(why, ERR_NO_MEMORY, NULL);
    if (turn_become(entry, &next, store_job_put, why)) {
        free(next.error_text);
        return -1;
    }
    turn_log_end(&next, err);
    return 0;
}

/* Ends the job as soon as the store takes it. Only the end of the service comes between: then the
 * job stays open in the store, and the next start finds out how it ended. */
static bool turn_end_surely(struct job_entry *entry, const struct error *err)
{
    struct jobs *jobs = entry->jobs;
    bool closing = false;

    for (unsigned tries = 0; !closing; tries++) {
        struct error why = { 0 };
        int64_t until;
        if (turn_end(entry, err, &why) == 0)
            return true;
        log_event(LOG_ERROR_, "job-end-not-stored", "job", GUID_STR(&entry->job.id), "message",
                  why.message, "cause", why.cause, NULL);
        until = clock_mono_ms() + jobturn_pause_ms(tries);
        pthread_mutex_lock(&jobs->lock);
        while (!jobs->closing && clock_mono_ms() < until)
            clock_wait(&jobs->close, &jobs->lock, until);
        closing = jobs->closing;
        pthread_mutex_unlock(&jobs->lock);
    }
    return false;
}

/* The time of the first turn is kept, for work that begins a job. It gets to the disk with the first step of the journal,
 * before which nothing has been done. */
static int turn_begin(struct job_entry *entry, struct error *err)
{
    struct job next = entry->job;

    if (next.started_us || !entry->work->dropped)
        return 0;
    next.started_us = clock_now_us();
    return turn_become(entry, &next, store_job_note, err);
}

enum job_outcome jobturn_take(struct job_entry *entry)
{
    struct backend_call call = { .opaque = entry,
                                 .progress = turn_progress,
                                 .journal = turn_journal,
                                 .note = turn_note,
                                 .agent_seconds =
                                     (int)entry->jobs->config->snapshot_agent_seconds,
                                 .cancelled = turn_cancelled };
    enum job_outcome outcome = OUTCOME_FAILED;
    struct error err = { 0 };

    if (turn_begin(entry, &err) == 0)
        outcome = entry->work->run(entry->task, &call, &err);
    if (outcome == OUTCOME_AGAIN || outcome == OUTCOME_WAIT)
        return outcome;
    if (outcome == OUTCOME_COMPLETED)
        error_clear(&err);
    else
        error_set(&err, ERR_FAILED, NULL); /* does nothing when run() has said why */
    return turn_end_surely(entry, &err) ? outcome : OUTCOME_AGAIN;
}

int jobturn_cancel(struct job_entry *entry, struct error *err)
{
    struct error why = { 0 };

    error_set(&why, ERR_CANCELLED, "The job was cancelled before it began.");
    return turn_end(entry, &why, err);
}

bool jobturn_cancellable(const struct job_entry *entry)
{
    if (!entry->work || job_finished(&entry->job) || entry->cancel)
        return false;
    /* what goes on after a restart, as recovery does, cannot be given up */
    return entry->work->cancellable ||
           (entry->work->dropped && !entry->turn && !entry->job.started_us);
}

void jobturn_abandon(struct job_entry *entry)
{
    struct error err = { 0 }, why = { 0 };

    if (!entry->work->dropped || entry->job.started_us)
        return;
    error_set(&err, ERR_CANCELLED, "%s", entry->work->dropped);
    if (turn_end(entry, &err, &why))
        log_event(LOG_WARN, "job-end-not-stored", "job", GUID_STR(&entry->job.id), "message",
                  why.message, "cause", why.cause, NULL);
}
