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

int worker_start(struct worker_pool **out, size_t threads, size_t queue, struct error *err);
/* Any thread. -1 when the queue is full; the task is then still the caller's. */
int worker_submit(struct worker_pool *pool, struct worker_task *task);
/* Runs what is queued, joins the threads, frees the pool. Nobody may submit any more. */
void worker_stop(struct worker_pool *pool);

#endif
