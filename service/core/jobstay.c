/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/jobstay.h"

#include "base/clock.h"
#include "base/log.h"

enum { AT_ONCE = 64, AGAIN_MS = 1000 };

/* When the entry goes, by clock_now_us(): its end may have been in a former life of the process. */
static int64_t stay_until_us(const struct job_entry *entry)
{
    return entry->stay.remove ? entry->job.ended_us + entry->stay.us : INT64_MAX;
}

void jobstay_note(struct jobs *jobs, const struct job_entry *entry)
{
    int64_t until = stay_until_us(entry), now = clock_now_us(), at;

    if (entry->work || until == INT64_MAX)
        return;
    at = clock_mono_ms() + (until > now ? (until - now) / 1000 + 1 : 0);
    if (at < jobs->expiry_ms)
        jobs->expiry_ms = at;
}

/* Up to AT_ONCE jobs whose time is over. */
static size_t stay_collect(struct jobs *jobs, struct guid *ids)
{
    const struct job_entry *entry;
    size_t count = 0;

    jobs->expiry_ms = INT64_MAX;
    TAILQ_FOREACH(entry, &jobs->table.finished, order)
    {
        if (count < AT_ONCE && stay_until_us(entry) <= clock_now_us())
            ids[count++] = entry->job.id;
        else
            jobstay_note(jobs, entry);
    }
    return count;
}

/* One that cannot go now gets another second: the store does not take it, or somebody waits for the job. */
static void stay_remove(struct jobs *jobs, const struct guid *id)
{
    struct error err = { 0 };
    struct job_entry *entry;
    int failed;

    pthread_mutex_unlock(&jobs->lock);
    failed = store_job_drop(jobs->store, id, &err);
    if (failed)
        log_event(LOG_WARN, "job-not-removed", "job", GUID_STR(id), "message", err.message, "cause",
                  err.cause, NULL);
    pthread_mutex_lock(&jobs->lock);
    entry = jobtable_find(&jobs->table, id);
    if (entry && (failed || !jobtable_forget(&jobs->table, entry)) &&
        jobs->expiry_ms > clock_mono_ms() + AGAIN_MS)
        jobs->expiry_ms = clock_mono_ms() + AGAIN_MS;
}

void jobstay_expire(struct jobs *jobs)
{
    struct guid ids[AT_ONCE];
    size_t count;

    if (jobs->expiring || clock_mono_ms() < jobs->expiry_ms)
        return;
    jobs->expiring = true;
    count = stay_collect(jobs, ids);
    if (count)
        pthread_cond_signal(&jobs->work); /* another looks after the queue meanwhile */
    for (size_t i = 0; i < count; i++)
        stay_remove(jobs, &ids[i]);
    jobs->expiring = false;
}

int jobs_stay(struct jobs *jobs, const struct guid *id, const struct job_stay *stay,
              struct error *err)
{
    struct job_entry *entry;
    int result = 0;

    if (stay->us < JOB_STAY_LEAST_US || stay->us > JOB_STAY_MOST_US)
        return error_set(err, ERR_INVALID_PARAMETER,
                         "TimeBeforeRemoval is less than a second, or more than 99,999,999 days.");
    if (store_stay_put(jobs->store, id, stay, err))
        return -1;
    pthread_mutex_lock(&jobs->lock);
    entry = jobtable_find(&jobs->table, id);
    if (entry) {
        entry->stay = *stay;
        jobstay_note(jobs, entry);
        pthread_cond_signal(&jobs->work);
    } else {
        result = error_set(err, ERR_NOT_FOUND, NULL);
    }
    pthread_mutex_unlock(&jobs->lock);
    return result;
}
