/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/throttle.h"

#include <openssl/rand.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUCKETS = 1024,
    WAYS = 4,
    FIRST_MS = 250, /* then twice as long with each failure */
    MORE_MOST = 12, /* failures beyond those that are free, which are counted */
};

struct entry {
    unsigned char key[16];
    int64_t clean_ms; /* when the last failure will be forgiven; in the past: free */
};

struct throttle {
    long after, most_ms;  /* const */
    uint32_t seed;        /* const: nobody can choose who shares a bucket */
    pthread_mutex_t lock; /* guards entries */
    struct entry entries[BUCKETS][WAYS];
};

int throttle_open(struct throttle **out, long after, long most_ms, struct error *err)
{
    struct throttle *throttle = calloc(1, sizeof(*throttle));

    if (!throttle)
        return error_set(err, ERR_NO_MEMORY, NULL);
    if (RAND_bytes((unsigned char *)&throttle->seed, sizeof(throttle->seed)) != 1) {
        free(throttle);
        return error_set(err, ERR_FAILED, "no random numbers can be had");
    }
    throttle->after = after;
    throttle->most_ms = most_ms;
    pthread_mutex_init(&throttle->lock, NULL);
    *out = throttle;
    return 0;
}

void throttle_close(struct throttle *throttle)
{
    if (!throttle)
        return;
    pthread_mutex_destroy(&throttle->lock);
    free(throttle);
}

/* The peer's entry, or the one that it may have: the one that is forgiven soonest. */
static struct entry *find(struct throttle *throttle, const struct peer *peer)
{
    uint32_t hash = throttle->seed;
    struct entry *bucket, *best;

    for (size_t i = 0; i < sizeof(peer->key); i++)
        hash = (hash ^ peer->key[i]) * 16777619u;
    bucket = best = throttle->entries[(hash ^ hash >> 16) % BUCKETS];
    for (int i = 0; i < WAYS; i++) {
        if (memcmp(bucket[i].key, peer->key, sizeof(peer->key)) == 0)
            return &bucket[i];
        if (bucket[i].clean_ms < best->clean_ms)
            best = &bucket[i];
    }
    return best;
}

void throttle_failed(struct throttle *throttle, const struct peer *peer, int64_t now_ms)
{
    int64_t most_ms = now_ms + (throttle->after + MORE_MOST) * (int64_t)THROTTLE_FORGIVE_MS;
    struct entry *entry;

    pthread_mutex_lock(&throttle->lock);
    entry = find(throttle, peer);
    if (memcmp(entry->key, peer->key, sizeof(entry->key)) != 0 || entry->clean_ms < now_ms) {
        memcpy(entry->key, peer->key, sizeof(entry->key));
        entry->clean_ms = now_ms;
    }
    entry->clean_ms += THROTTLE_FORGIVE_MS;
    if (entry->clean_ms > most_ms)
        entry->clean_ms = most_ms;
    pthread_mutex_unlock(&throttle->lock);
}

long throttle_wait(struct throttle *throttle, const struct peer *peer, int64_t now_ms)
{
    const struct entry *entry;
    int64_t failures = 0;
    long wait = FIRST_MS;

    pthread_mutex_lock(&throttle->lock);
    entry = find(throttle, peer);
    if (memcmp(entry->key, peer->key, sizeof(entry->key)) == 0 && entry->clean_ms > now_ms)
        failures = (entry->clean_ms - now_ms + THROTTLE_FORGIVE_MS - 1) / THROTTLE_FORGIVE_MS;
    pthread_mutex_unlock(&throttle->lock);
    if (failures <= throttle->after)
        return 0;
    for (int64_t i = failures - throttle->after - 1; i > 0 && wait < throttle->most_ms; i--)
        wait *= 2;
    return wait < throttle->most_ms ? wait : throttle->most_ms;
}
