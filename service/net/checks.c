/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/checks.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { BUCKETS = 256 };

LIST_HEAD(check_list, check);

struct checks {
    struct worker_pool *pool;
    struct peers *peers; /* locks itself, inside `lock` */
    const char *full;    /* why there is no room */
    atomic_ulong made;
    pthread_mutex_t lock; /* guards what follows, and `same` of what is in it */
    struct check_list buckets[BUCKETS];
};

int checks_open(struct checks **out, const struct checks_limits *limits, struct error *err)
{
    const struct peers_limits room = {
        .all = limits->all,
        .each = limits->per_peer,
        .all_reason = limits->all_reason,
        .each_reason = limits->each_reason,
    };
    struct checks *checks = calloc(1, sizeof(*checks));

    if (!checks)
        return error_set(err, ERR_NO_MEMORY, NULL);
    pthread_mutex_init(&checks->lock, NULL);
    checks->full = limits->all_reason;
    /* peers lets no more in than the queue takes. */
    if (peers_open(&checks->peers, &room, err) < 0 ||
        worker_start(&checks->pool, limits->name, limits->threads, limits->all, err) < 0) {
        checks_close(checks);
        return -1;
    }
    *out = checks;
    return 0;
}

void checks_close(struct checks *checks)
{
    if (!checks)
        return;
    worker_stop(checks->pool);
    peers_close(checks->peers);
    pthread_mutex_destroy(&checks->lock);
    free(checks);
}

static struct check_list *bucket(struct checks *checks, const struct check *check)
{
    return &checks->buckets[check->key.mac[0] % BUCKETS];
}

static struct check *find(struct checks *checks, const struct check *like)
{
    struct check *check;

    LIST_FOREACH(check, bucket(checks, like), link)
    if (!check->alone && CRYPTO_memcmp(check->key.mac, like->key.mac, sizeof(like->key.mac)) == 0)
        return check;
    return NULL;
}

static void run(struct worker_task *task)
{
    struct check *check = (struct check *)(void *)task;
    struct checks *checks = check->checks;
    struct auth_verdict verdict;

    check->run(check, &verdict);
    checks->made++;
    pthread_mutex_lock(&checks->lock);
    LIST_REMOVE(check, link); /* from here on nobody joins it */
    peers_leave(checks->peers, check->peer);
    pthread_mutex_unlock(&checks->lock);
    while (check) {
        struct check *next = check->same;
        check->done(check, &verdict);
        check = next;
    }
}

/* With the lock held. */
static const char *submit(struct checks *checks, struct check *check)
{
    struct check *first = check->alone ? NULL : find(checks, check);
    const char *reason;

    check->same = NULL;
    if (first) {
        check->same = first->same;
        first->same = check;
        return NULL;
    }
    reason = peers_enter(checks->peers, check->peer);
    if (reason)
        return reason;
    check->checks = checks;
    check->task.run = run;
    LIST_INSERT_HEAD(bucket(checks, check), check, link);
    if (worker_submit(checks->pool, &check->task) == 0)
        return NULL;
    LIST_REMOVE(check, link);
    peers_leave(checks->peers, check->peer);
    return checks->full;
}

const char *checks_submit(struct checks *checks, struct check *check)
{
    const char *reason;

    pthread_mutex_lock(&checks->lock);
    reason = submit(checks, check);
    pthread_mutex_unlock(&checks->lock);
    return reason;
}

unsigned long checks_made(struct checks *checks)
{
    return checks->made;
}

size_t checks_pending(struct checks *checks)
{
    return peers_count(checks->peers);
}
