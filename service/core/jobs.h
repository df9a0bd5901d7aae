/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The queue of jobs and the threads that carry them out. Jobs on one machine run one at a time, in
 * the order of submission; other machines go on beside it. What a caller can see of a job's state
 * is in the store already, but for when it began. Threads: any, after jobs_start(). Errors: 0, or -1 with err.
 */
#ifndef CIMSNAPD_CORE_JOBS_H
#define CIMSNAPD_CORE_JOBS_H

#include "base/config.h"
#include "core/backend.h"
#include "core/job.h"
#include "core/store.h"

struct jobs;

/* What came of one turn. OUTCOME_AGAIN asks for another after a pause, which doubles each time up
 * to half a minute; the machine's other jobs wait meanwhile. */
enum job_outcome {
    OUTCOME_COMPLETED,
    OUTCOME_FAILED,
    OUTCOME_AGAIN,
    OUTCOME_WAIT, /* the same, but for something that is expected: after a quarter of a second each time */
};

/* How a job is done. */
struct job_work {
    /* Sets err with OUTCOME_FAILED: its message becomes the job's error text. The call reports
     * progress and journals for this job. */
    enum job_outcome (*run)(void *task, const struct backend_call *call, struct error *err);
    void (*release)(void *task);
    /* Told of a job that never had a turn when the service stops; NULL for work that goes on after
     * the next start, which stays open. */
    const char *dropped;
    /* A turn that goes on, or waits, can be told to end early (backend_call.cancelled). Before its first turn
     * every job can be cancelled. */
    bool cancellable;
};

/* store and config are borrowed until jobs_close(). No thread runs yet. */
int jobs_open(struct jobs **out, struct store *store, const struct config *config,
              struct error *err);
/* Before jobs_start(): takes a job that the store knows, and the work that is left to do for it
 * (both NULL for a finished one). On error the caller still owns job and task. */
int jobs_load(struct jobs *jobs, struct job *job, const struct job_work *work, void *task,
              struct error *err);
/* Before jobs_start(): gives the loaded open jobs their first turn, in this thread, until one asks
 * for another: then what it waits for is missing, and the rest is left to the threads. */
void jobs_settle(struct jobs *jobs);
int jobs_start(struct jobs *jobs, struct error *err);
/* Lets the running turns end, drops or leaves what waits, frees everything. NULL is legal. */
void jobs_close(struct jobs *jobs);

/* Stores job, then queues it; takes job and task. On error the caller still owns both, and the work
 * is never done. A kind that wants the machine alone (job_kind_row()) is ERR_IN_USE while the machine has
 * another open job. */
int jobs_submit(struct jobs *jobs, struct job *job, const struct job_work *work, void *task,
                struct error *err);
/* The job's state once it has ended, or after `ms` milliseconds; JOB_EXCEPTION if there is none. */
enum job_state jobs_wait(struct jobs *jobs, const struct guid *id, long ms);

/* Ends a job early, as JOB_TERMINATED or JOB_KILLED: at once before its first turn, else soon, if its work can
 * end early. ERR_INVALID_STATE: it has ended; ERR_NOT_SUPPORTED: it cannot be cancelled now. */
int jobs_cancel(struct jobs *jobs, const struct guid *id, enum job_state as, struct error *err);
/* Forgets a job that has ended, here and in the store; ERR_INVALID_STATE for others. */
int jobs_forget(struct jobs *jobs, const struct guid *id, struct error *err);
/* Says how long a job stays once it has ended, and whether it goes then. */
int jobs_stay(struct jobs *jobs, const struct guid *id, const struct job_stay *stay,
              struct error *err);
/* The machine's first open job: its kind, and (NULL is legal) its id; 0 for none. */
enum job_kind jobs_of_machine(struct jobs *jobs, const struct guid *vm, struct guid *id);

/* Copies. owner NULL: of everybody. Finished ones come first, the oldest end leading. */
int jobs_list(struct jobs *jobs, const char *owner, struct job_list *out, struct error *err);
int jobs_get(struct jobs *jobs, const struct guid *id, struct job *out, struct error *err);
/* True when a job promised this snapshot and has not completed: it runs, or has failed. */
bool jobs_withhold(struct jobs *jobs, const struct guid *snapshot);
/* True when a job that is still known promised this snapshot. */
bool jobs_promised(struct jobs *jobs, const struct guid *snapshot);

#endif
