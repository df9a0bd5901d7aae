/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_event.h"

#include "base/clock.h"
#include "base/log.h"
#include "libvirt/lv_loop.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

static struct {
    pthread_mutex_t lock; /* guards users, timer and thread */
    unsigned users;
    int timer; /* asleep; woken to end the loop */
    pthread_t thread;
    atomic_bool ending;
} loop = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Those who wait for the loop, in turn. */
static struct {
    pthread_mutex_t lock; /* guards both */
    pthread_cond_t ended;
    uintptr_t asked, done;
} turns = { .lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER };

enum { TURN_MS = 5000, EVENT_PAUSE_MS = 100 };

static int initialize_result, register_result;

/* Initialized apart: before that, virGetLastError() takes whatever another library left in its
 * place for an error. */
static void event_register(void)
{
    initialize_result = virInitialize();
    if (initialize_result == 0)
        register_result = lv_loop_register();
}

static void event_wake(int timer, void *opaque)
{
    (void)opaque;
    virEventUpdateTimeout(timer, -1);
}

/* A failure must not end the loop: without it every turn is waited for in vain, and libvirtd gets no keepalive. The pause
 * keeps one that lasts from taking a processor. */
static void *event_run(void *opaque)
{
    const struct timespec pause = { .tv_nsec = EVENT_PAUSE_MS * 1000000 };
    int before = 0, now;

    (void)opaque;
    for (; !atomic_load(&loop.ending); before = now) {
        now = lv_loop_turn();
        if (now == 0)
            continue;
        if (before == 0)
            log_event(LOG_WARN, "libvirt-events", "cause", strerror(errno), NULL);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

/* The thread takes no signals: they belong to the thread that waits for them. */
static int event_spawn(void)
{
    sigset_t all, old;
    int result;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    result = pthread_create(&loop.thread, NULL, event_run, NULL);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return result;
}

static int event_begin(struct error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, event_register);
    if (initialize_result < 0)
        return error_set(err, ERR_FAILED, "libvirt's library cannot be initialized.");
    loop.timer = register_result < 0 ? -1 : virEventAddTimeout(-1, event_wake, NULL, NULL);
    if (loop.timer < 0)
        return error_set(err, ERR_FAILED, "An event loop for libvirt cannot be had.");
    atomic_store(&loop.ending, false);
    if (event_spawn()) {
        virEventRemoveTimeout(loop.timer);
        return error_set(err, ERR_FAILED, "A thread could not be started.");
    }
    return 0;
}

int lv_event_start(struct error *err)
{
    int result = 0;

    pthread_mutex_lock(&loop.lock);
    if (loop.users == 0)
        result = event_begin(err);
    if (result == 0)
        loop.users++;
    pthread_mutex_unlock(&loop.lock);
    return result;
}

void lv_event_stop(void)
{
    pthread_mutex_lock(&loop.lock);
    if (--loop.users == 0) {
        atomic_store(&loop.ending, true);
        virEventUpdateTimeout(loop.timer, 0);
        pthread_join(loop.thread, NULL);
        virEventRemoveTimeout(loop.timer);
    }
    pthread_mutex_unlock(&loop.lock);
}

static void turn_end(int timer, void *opaque)
{
    virEventRemoveTimeout(timer);
    pthread_mutex_lock(&turns.lock);
    if (turns.done < (uintptr_t)opaque)
        turns.done = (uintptr_t)opaque;
    pthread_cond_broadcast(&turns.ended);
    pthread_mutex_unlock(&turns.lock);
}

/* The loop sees to its timers in the order in which they were added. */
int lv_event_turn(void)
{
    const int64_t until = clock_mono_ms() + TURN_MS;
    bool waiting = true;
    uintptr_t turn;
    int timer;

    pthread_mutex_lock(&turns.lock);
    turn = ++turns.asked;
    pthread_mutex_unlock(&turns.lock);
    timer = virEventAddTimeout(0, turn_end, (void *)turn, NULL);
    pthread_mutex_lock(&turns.lock);
    while (timer >= 0 && turns.done < turn && waiting)
        waiting = clock_wait(&turns.ended, &turns.lock, until);
    pthread_mutex_unlock(&turns.lock);
    return timer < 0 || !waiting ? -1 : 0;
}
