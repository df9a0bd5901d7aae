/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The jobs in memory: found by their own GUID or by that of the snapshot they promise, and the
 * finished ones in the order of their end. Plain data; the caller holds the lock.
 */
#ifndef CIMSNAPD_CORE_JOBTABLE_H
#define CIMSNAPD_CORE_JOBTABLE_H

#include "core/job.h"

#include <pthread.h>
#include <sys/queue.h>

struct job_work;

struct job_entry {
    struct job job; /* as stored, but for percent */
    const struct job_work *work;
    void *task; /* for work, which releases it; both NULL once the job has ended */
    struct jobs *jobs;
    int64_t due_ms;               /* clock_mono_ms() before which it gets no turn */
    unsigned pauses;              /* turns that asked for another one */
    bool turn;                    /* some thread gives it its turn now */
    enum job_state cancel;        /* what it is to end as, or 0 */
    struct job_stay stay;
    pthread_cond_t ended;         /* for those who wait for the job's end */
    unsigned waiters;             /* while there are any, the entry stays */
    TAILQ_ENTRY(job_entry) order; /* in its machine's queue, then in table.finished */
    LIST_ENTRY(job_entry) by_id, by_snapshot;
};

TAILQ_HEAD(job_order, job_entry);
LIST_HEAD(job_bucket, job_entry);

struct job_table {
    struct job_bucket *by_id, *by_snapshot;
    size_t mask; /* of either: the number of buckets, a power of two, less one */
    struct job_order finished;
    size_t finished_count;
};

/* For about `capacity` jobs; more only make it slower. -1 without memory. */
int jobtable_init(struct job_table *table, size_t capacity);
/* Frees every finished job; the open ones belong to the queues. */
void jobtable_clear(struct job_table *table);

void jobtable_add(struct job_table *table, struct job_entry *entry);
/* The entry has left its queue and is among the finished ones from now on. */
void jobtable_finish(struct job_table *table, struct job_entry *entry);
/* Frees the oldest finished jobs that nobody waits for, until `keep` are left; says how many went.
 */
size_t jobtable_prune(struct job_table *table, size_t keep);
/* Takes an entry that is in no list out of the table and frees it. */
void jobtable_drop(struct job_entry *entry);

/* Forgets a finished job that nobody waits for; false when somebody does. */
bool jobtable_forget(struct job_table *table, struct job_entry *entry);
struct job_entry *jobtable_find(const struct job_table *table, const struct guid *id);
struct job_entry *jobtable_find_snapshot(const struct job_table *table,
                                         const struct guid *snapshot);

#endif
