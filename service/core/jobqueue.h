/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who is next: open jobs in the order of submission, machine by machine. Of one machine only the
 * first job may have a turn. Plain data; the caller holds the lock. A scan is linear, as open jobs
 * are few.
 */
#ifndef CIMSNAPD_CORE_JOBQUEUE_H
#define CIMSNAPD_CORE_JOBQUEUE_H

#include "core/jobtable.h"

/* A machine with open jobs. */
struct job_machine {
    struct guid vm;
    bool busy;                /* its first job has its turn */
    struct job_order entries; /* never empty */
    TAILQ_ENTRY(job_machine) link;
};

TAILQ_HEAD(job_queue, job_machine);

/* Appends. `spare` is memory for a machine that is not there yet: taken, or freed. */
void jobqueue_add(struct job_queue *queue, struct job_entry *entry, struct job_machine *spare);
/* A machine whose first job is due, or NULL and in *next_ms when the next will be (INT64_MAX: only
 * a change brings one). */
struct job_machine *jobqueue_ready(const struct job_queue *queue, int64_t now_ms, int64_t *next_ms);
/* Takes an entry out; its machine goes with its last one. Else the machine queues again behind the
 * others, so that each gets its turn. */
void jobqueue_remove(struct job_queue *queue, struct job_machine *machine, struct job_entry *entry);

#endif
