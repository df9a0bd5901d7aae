/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/worker.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct worker_pool {
    pthread_mutex_t lock; /* guards everything up to `stopping` */
    pthread_cond_t wake;
    struct worker_task *first, **last;
    size_t queued;
    bool stopping;
    size_t limit, count; /* const */
    pthread_t threads[];
};

/* The next task, or NULL when the pool stops and none is left. */
static struct worker_task *take(struct worker_pool *pool)
{
    struct worker_task *task;

    pthread_mutex_lock(&pool->lock);
    while (!pool->first && !pool->stopping)
        pthread_cond_wait(&pool->wake, &pool->lock);
    task = pool->first;
    if (task) {
        pool->first = task->next;
        if (!pool->first)
            pool->last = &pool->first;
        pool->queued--;
    }
    pthread_mutex_unlock(&pool->lock);
    return task;
}

static void *work(void *opaque)
{
    struct worker_task *task;

    while ((task = take(opaque)))
        task->run(task);
    return NULL;
}

int worker_start(struct worker_pool **out, size_t threads, size_t queue, struct error *err)
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
        pthread_setname_np(pool->threads[pool->count], "worker");
    }
    *out = pool;
    return 0;
}

int worker_submit(struct worker_pool *pool, struct worker_task *task)
{
    bool room;

    task->next = NULL;
    pthread_mutex_lock(&pool->lock);
    room = pool->queued < pool->limit;
    if (room) {
        *pool->last = task;
        pool->last = &task->next;
        pool->queued++;
        pthread_cond_signal(&pool->wake);
    }
    pthread_mutex_unlock(&pool->lock);
    return room ? 0 : -1;
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
