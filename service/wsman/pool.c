/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/pool.h"

#include <pthread.h>
#include <stdlib.h>

struct decoder_pool {
    pthread_mutex_t lock; /* guards idle and count; no other lock is taken under it */
    size_t count, keep;
    struct decoder *idle[];
};

struct decoder_pool *decoder_pool_new(size_t keep)
{
    struct decoder_pool *pool = calloc(1, sizeof(*pool) + keep * sizeof(pool->idle[0]));

    if (!pool)
        return NULL;
    pthread_mutex_init(&pool->lock, NULL);
    pool->keep = keep;
    return pool;
}

void decoder_pool_free(struct decoder_pool *pool)
{
    if (!pool)
        return;
    while (pool->count)
        decoder_free(pool->idle[--pool->count]);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

struct decoder *decoder_pool_get(struct decoder_pool *pool)
{
    struct decoder *decoder = NULL;

    pthread_mutex_lock(&pool->lock);
    if (pool->count)
        decoder = pool->idle[--pool->count];
    pthread_mutex_unlock(&pool->lock);
    return decoder ? decoder : decoder_new();
}

void decoder_pool_put(struct decoder_pool *pool, struct decoder *decoder)
{
    pthread_mutex_lock(&pool->lock);
    if (pool->count < pool->keep) {
        pool->idle[pool->count++] = decoder;
        decoder = NULL;
    }
    pthread_mutex_unlock(&pool->lock);
    decoder_free(decoder);
}
