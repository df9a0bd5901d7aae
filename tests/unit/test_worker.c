/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"
#include "net/worker.h"

#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct task {
    struct worker_task task; /* first */
    bool gate;
    unsigned order;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool at_gate, open_gate;
static atomic_uint ran;

static void run(struct worker_task *base)
{
    struct task *task = (struct task *)base;

    if (task->gate) {
        pthread_mutex_lock(&lock);
        at_gate = true;
        pthread_cond_broadcast(&changed);
        while (!open_gate)
            pthread_cond_wait(&changed, &lock);
        pthread_mutex_unlock(&lock);
    }
    task->order = ++ran;
}

static void await_gate(void)
{
    pthread_mutex_lock(&lock);
    while (!at_gate)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void release_gate(void)
{
    pthread_mutex_lock(&lock);
    open_gate = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void test_order_and_limit(void)
{
    struct task tasks[4] = { { { .run = run }, true, 0 },
                             { { .run = run }, false, 0 },
                             { { .run = run }, false, 0 },
                             { { .run = run }, false, 0 } };
    struct worker_pool *pool;
    size_t busy, queued;

    ran = 0;
    CU_ASSERT_EQUAL_FATAL(worker_start(&pool, "test", 1, 2, NULL), 0);
    CU_ASSERT_EQUAL(worker_submit(pool, &tasks[0].task), 0);
    await_gate(); /* now it is not queued any more */
    CU_ASSERT_EQUAL(worker_submit(pool, &tasks[1].task), 0);
    CU_ASSERT_EQUAL(worker_submit(pool, &tasks[2].task), 0);
    CU_ASSERT_EQUAL(worker_submit(pool, &tasks[3].task), -1);
    worker_load(pool, &busy, &queued);
    CU_ASSERT_EQUAL(busy, 1);
    CU_ASSERT_EQUAL(queued, 2);
    release_gate();
    worker_stop(pool); /* runs what is queued */
    for (unsigned i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(tasks[i].order, i + 1);
    CU_ASSERT_EQUAL(tasks[3].order, 0);
}

static void test_many(void)
{
    static struct task tasks[1000];
    struct worker_pool *pool;

    ran = 0;
    CU_ASSERT_EQUAL_FATAL(worker_start(&pool, "test", 8, 1000, NULL), 0);
    for (size_t i = 0; i < 1000; i++) {
        tasks[i].task.run = run;
        CU_ASSERT_EQUAL(worker_submit(pool, &tasks[i].task), 0);
    }
    worker_stop(pool);
    CU_ASSERT_EQUAL(ran, 1000);
    worker_stop(NULL);
}

enum { WORKERS = 4, TURNS = 200 };

static unsigned met, parted; /* under the lock */

/* Until so many have come; false when they do not within ten seconds. Under the lock. */
static bool await_all(const unsigned *count)
{
    const int64_t end = clock_mono_ms() + 10000;

    while (*count < WORKERS)
        if (!clock_wait(&changed, &lock, end))
            return false;
    return true;
}

static void meet(struct worker_task *task)
{
    (void)task;
    pthread_mutex_lock(&lock);
    met++;
    pthread_cond_broadcast(&changed);
    if (await_all(&met))
        parted++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* Who submits calls one worker only; the others that are needed are called by that one. */
static void test_all_are_called(void)
{
    struct worker_task tasks[WORKERS];
    struct worker_pool *pool;
    bool all = true;

    CU_ASSERT_EQUAL_FATAL(worker_start(&pool, "test", WORKERS, WORKERS, NULL), 0);
    for (unsigned turn = 0; all && turn < TURNS; turn++) {
        pthread_mutex_lock(&lock);
        met = parted = 0;
        for (size_t i = 0; i < WORKERS; i++) {
            tasks[i].run = meet;
            CU_ASSERT_EQUAL(worker_submit(pool, &tasks[i]), 0);
        }
        all = await_all(&parted);
        pthread_mutex_unlock(&lock);
    }
    CU_ASSERT(all);
    worker_stop(pool);
}

UNIT_MAIN({ "order, and a full queue", test_order_and_limit }, { "many tasks", test_many },
          { "each gets a worker", test_all_are_called })
