/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A fixed number of threads that run tasks in the order they came, behind a queue of fixed length.
 */
#ifndef CIMSNAPD_NET_WORKER_H
#define CIMSNAPD_NET_WORKER_H

#include "base/error.h"

#include <stddef.h>

/* Part of the submitter's own struct, which run() finds again and from then on owns. */
struct worker_task {
    void (*run)(struct worker_task *task);
    struct worker_task *next; /* the pool's */
};

struct worker_pool;

/* name: of the threads, at most 15 octets. */
int worker_start(struct worker_pool **out, const char *name, size_t threads, size_t queue,
                 struct error *err);
/* Any thread. -1 when the queue is full; the task is then still the caller's. */
int worker_submit(struct worker_pool *pool, struct worker_task *task);
/* Tasks that run, and that wait. Any thread. */
void worker_load(struct worker_pool *pool, size_t *busy, size_t *queued);
/* Runs what is queued, joins the threads, frees the pool. Nobody may submit any more. */
void worker_stop(struct worker_pool *pool);

#endif
