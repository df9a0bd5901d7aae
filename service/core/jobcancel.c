/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Jobs that end before their time, and ended ones that are forgotten before theirs.
 */
#include "core/jobturn.h"

static struct job_machine *cancel_machine(const struct jobs *jobs, const struct guid *vm)
{
    struct job_machine *machine;

    TAILQ_FOREACH(machine, &jobs->queue, link)
    if (guid_equal(&machine->vm, vm))
        break;
    return machine;
}

/* Ends a job that had no turn, and now gets none: it is never due. */
static int cancel_end(struct jobs *jobs, struct job_entry *entry, struct error *err)
{
    int result = jobturn_cancel(entry, err);

    pthread_mutex_lock(&jobs->lock);
    if (result == 0) {
        jobs_leave(jobs, cancel_machine(jobs, &entry->job.vm), entry);
    } else {
        entry->cancel = 0;
        entry->due_ms = 0;
    }
    pthread_cond_signal(&jobs->work);
    pthread_mutex_unlock(&jobs->lock);
    return result;
}

int jobs_cancel(struct jobs *jobs, const struct guid *id, enum job_state as, struct error *err)
{
    struct job_entry *entry;
    bool waits = false;
    int result = 0;

    pthread_mutex_lock(&jobs->lock);
    entry = jobtable_find(&jobs->table, id);
    if (!entry) {
        result = error_set(err, ERR_NOT_FOUND, NULL);
    } else if (job_finished(&entry->job)) {
        result = error_set(err, ERR_INVALID_STATE, "The job has ended.");
    } else if (!jobturn_cancellable(entry)) {
        if (!entry->cancel)
            result = error_set(err, ERR_NOT_SUPPORTED, "The job cannot be cancelled now.");
    } else {
        waits = !entry->turn && !entry->job.started_us;
        entry->cancel = as;
        entry->due_ms = waits ? INT64_MAX : 0;
        pthread_cond_signal(&jobs->work);
    }
    pthread_mutex_unlock(&jobs->lock);
    return waits ? cancel_end(jobs, entry, err) : result;
}

int jobs_forget(struct jobs *jobs, const struct guid *id, struct error *err)
{
    struct job_entry *entry;
    int result = 0;

    pthread_mutex_lock(&jobs->lock);
    entry = jobtable_find(&jobs->table, id);
    if (!entry)
        result = error_set(err, ERR_NOT_FOUND, NULL);
    else if (entry->work)
        result = error_set(err, ERR_INVALID_STATE, "The job has not ended.");
    pthread_mutex_unlock(&jobs->lock);
    if (result || store_job_drop(jobs->store, id, err))
        return -1;
    pthread_mutex_lock(&jobs->lock);
    entry = jobtable_find(&jobs->table, id); /* another may have been as fast */
    if (entry && !jobtable_forget(&jobs->table, entry))
        result = error_set(err, ERR_IN_USE, "Somebody waits for the job.");
    pthread_mutex_unlock(&jobs->lock);
    return result;
}

enum job_kind jobs_of_machine(struct jobs *jobs, const struct guid *vm, struct guid *id)
{
    const struct job_machine *machine;
    const struct job_entry *first = NULL;
    enum job_kind kind = 0;

    pthread_mutex_lock(&jobs->lock);
    machine = cancel_machine(jobs, vm);
    if (machine)
        first = TAILQ_FIRST(&machine->entries);
    /* One that can be seen to have ended is on its way out of the queue. */
    if (first && job_finished(&first->job))
        first = TAILQ_NEXT(first, order);
    if (first) {
        kind = first->job.kind;
        if (id)
            *id = first->job.id;
    }
    pthread_mutex_unlock(&jobs->lock);
    return kind;
}
