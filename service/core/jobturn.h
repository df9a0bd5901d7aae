/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One job's turn: begin, work, end. Only for jobs.c, whose insides both share.
 * Threads: the one that serves the job, without the lock.
 */
#ifndef CIMSNAPD_CORE_JOBTURN_H
#define CIMSNAPD_CORE_JOBTURN_H

#include "core/jobqueue.h"
#include "core/jobs.h"

#include <pthread.h>

/* A job that is being stored, and not in the queue yet. */
struct job_claim {
    struct guid vm;
    LIST_ENTRY(job_claim) link;
};

LIST_HEAD(job_claims, job_claim);

/* An entry's job, work and task are changed only by the thread that gives it its turn, and its job
 * under the lock, so that this thread may read it without. The lock is never held over I/O. */
struct jobs {
    struct store *store;
    const struct config *config;
    pthread_t *threads;
    size_t thread_count;

    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t work;  /* one looks again: something became due, or will; all: closing */
    pthread_cond_t close; /* for those who serve a job */
    struct job_table table;
    struct job_queue queue;
    struct job_claims claims;
    size_t open;     /* jobs in the queue, and those about to be */
    size_t unpruned; /* jobs gone from the table, but not from the store */
    int64_t expiry_ms; /* clock_mono_ms() when the next ended job goes, INT64_MAX: none */
    bool expiring;     /* some thread sees to that */
    bool closing;
};

/* The whole turn. OUTCOME_AGAIN too when the service stops before the store took the job's end. */
enum job_outcome jobturn_take(struct job_entry *entry);
/* When the service stops: work that never began ends here, other work is left to the next start; so
 * is what cannot be stored now. */
void jobturn_abandon(struct job_entry *entry);

/* Ends a job that had no turn as its entry->cancel says; -1 when the store does not take it. */
int jobturn_cancel(struct job_entry *entry, struct error *err);
/* Takes an entry whose job has its end out of the queue; the lock is held. */
void jobs_leave(struct jobs *jobs, struct job_machine *machine, struct job_entry *entry);
/* Whether the job can be cancelled; the lock is held. */
bool jobturn_cancellable(const struct job_entry *entry);

/* The pause after so many earlier ones. */
int64_t jobturn_pause_ms(unsigned pauses);

#endif
