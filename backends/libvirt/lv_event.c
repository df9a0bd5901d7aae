/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_event.h"

#include "libvirt/lv_error.h"

#include <libvirt/libvirt.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

static struct {
    pthread_mutex_t lock; /* guards users, timer and thread */
    unsigned users;
    int timer; /* asleep; woken to end the loop */
    pthread_t thread;
    atomic_bool ending;
} loop = { .lock = PTHREAD_MUTEX_INITIALIZER };

static int initialize_result, register_result;

/* Initialized apart: before that, virGetLastError() takes whatever another library left in its
 * place for an error. */
static void event_register(void)
{
    initialize_result = virInitialize();
    if (initialize_result == 0)
        register_result = virEventRegisterDefaultImpl();
}

static void event_wake(int timer, void *opaque)
{
    (void)opaque;
    virEventUpdateTimeout(timer, -1);
}

static void *event_run(void *opaque)
{
    (void)opaque;
    while (!atomic_load(&loop.ending) && virEventRunDefaultImpl() == 0)
        continue;
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
    if (register_result < 0)
        return lv_error_set(err, "start its event loop");
    loop.timer = virEventAddTimeout(-1, event_wake, NULL, NULL);
    if (loop.timer < 0)
        return lv_error_set(err, "start its event loop");
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
