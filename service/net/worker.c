/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/worker.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct worker_pool {
    pthread_mutex_t lock; /* guards everything up to `stopping` */
    pthread_cond_t wake;
    struct worker_task *first, **last;
    size_t queued, busy, idle;
    bool waking; /* one worker has been called and is on its way */
    bool stopping;
    size_t limit, count; /* const */
    pthread_t threads[];
};

/* Whether a worker must be called for what is queued. One is on its way at a time, and calls the
 * next if it finds more: what a worker that has just ended a task takes, takes no switch of
 * threads, and switches are dearer than most requests. The signal itself comes after the lock is
 * left, or the worker would only wake to wait for the lock. */
static bool must_call(struct worker_pool *pool)
{
    if (!pool->first || pool->idle == 0 || pool->waking)
        return false;
    pool->waking = true;
    return true;
}

/* The next task, or NULL when the pool stops and none is left. ended: the caller has done one. */
static struct worker_task *take(struct worker_pool *pool, bool ended)
{
    struct worker_task *task;
    bool more;

    pthread_mutex_lock(&pool->lock);
    pool->busy -= ended;
    while (!pool->first && !pool->stopping) {
        pool->idle++;
        pthread_cond_wait(&pool->wake, &pool->lock);
        pool->idle--;
        pool->waking = false;
    }
    task = pool->first;
    if (task) {
        pool->first = task->next;
        if (!pool->first)
            pool->last = &pool->first;
        pool->queued--;
        pool->busy++;
    }
    more = must_call(pool);
    pthread_mutex_unlock(&pool->lock);
    if (more)
        pthread_cond_signal(&pool->wake);
    return task;
}

static void *work(void *opaque)
{
    struct worker_pool *pool = opaque;
    struct worker_task *task;
    bool ended = false;

    while ((task = take(pool, ended))) {
        task->run(task);
        ended = true;
    }
    return NULL;
}

int worker_start(struct worker_pool **out, const char *name, size_t threads, size_t queue,
                 struct error *err)
{
    struct worker_pool *pool = calloc(1, sizeof(*pool) + threads * sizeof(pool->threads[0]));

    if (!pool)
        return error_set(err, ERR_NO_MEMORY, NULL);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->last = &pool->first;
    pool->limit = queue;
    for (; pool->count < threads; pool->count++) {
        if (pthread_create(&pool->threads[pool->count], NULL, work, pool) != 0) {
            worker_stop(pool);
            return error_set(err, ERR_FAILED, "a worker thread cannot be started");
        }
        pthread_setname_np(pool->threads[pool->count], name);
    }
    *out = pool;
    return 0;
}

int worker_submit(struct worker_pool *pool, struct worker_task *task)
{
    bool room, call;

    task->next = NULL;
    pthread_mutex_lock(&pool->lock);
    room = pool->queued < pool->limit;
    if (room) {
        *pool->last = task;
        pool->last = &task->next;
        pool->queued++;
    }
    call = must_call(pool);
    pthread_mutex_unlock(&pool->lock);
    if (call)
        pthread_cond_signal(&pool->wake);
    return room ? 0 : -1;
}

void worker_load(struct worker_pool *pool, size_t *busy, size_t *queued)
{
    pthread_mutex_lock(&pool->lock);
    *busy = pool->busy;
    *queued = pool->queued;
    pthread_mutex_unlock(&pool->lock);
}

void worker_stop(struct worker_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->count; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
