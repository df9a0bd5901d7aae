/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_dial.h"

#include "base/clock.h"
#include "base/put.h"
#include "libvirt/lv_error.h"

#include <libvirt/virterror.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DIAL_WAIT_MS = 10000 };

struct lv_dialer {
    char *uri;
    pthread_mutex_t lock; /* guards the rest; no other lock is taken under it */
    pthread_cond_t change;
    bool busy;     /* a thread is connecting */
    bool wanted;   /* and somebody waits for it */
    bool answered; /* made and failure hold what came of it */
    bool closed;   /* the owner is gone: the thread frees everything */
    virConnectPtr made;
    struct lv_dial_failure failure;
};

struct lv_dialer *lv_dialer_new(const char *uri)
{
    struct lv_dialer *d = calloc(1, sizeof(*d));

    if (!d)
        return NULL;
    d->uri = strdup(uri);
    if (!d->uri) {
        free(d);
        return NULL;
    }
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->change, NULL);
    return d;
}

static void dialer_destroy(struct lv_dialer *d)
{
    pthread_cond_destroy(&d->change);
    pthread_mutex_destroy(&d->lock);
    free(d->uri);
    free(d);
}

void lv_dialer_free(struct lv_dialer *d)
{
    bool busy;

    if (!d)
        return;
    pthread_mutex_lock(&d->lock);
    busy = d->busy;
    d->closed = true;
    pthread_mutex_unlock(&d->lock);
    if (!busy)
        dialer_destroy(d);
}

/* Hands over what came, or throws away what nobody waits for any more. */
static void *dialer_run(void *opaque)
{
    struct lv_dialer *d = opaque;
    virConnectPtr made = virConnectOpen(d->uri);
    struct lv_dial_failure failure = { .hopeless = !made && lv_error_is_hopeless() };
    bool closed;

    if (!made)
        put_text(failure.text, sizeof(failure.text), virGetLastErrorMessage());
    pthread_mutex_lock(&d->lock);
    if (d->wanted) {
        d->made = made;
        d->failure = failure;
        d->answered = true;
        made = NULL;
    }
    d->busy = false;
    closed = d->closed;
    pthread_cond_broadcast(&d->change);
    pthread_mutex_unlock(&d->lock);
    if (made)
        virConnectClose(made);
    if (closed)
        dialer_destroy(d);
    return NULL;
}

/* Waits for *flag to become `value`; false when the time is over. The lock is held. */
static bool dialer_wait(struct lv_dialer *d, const bool *flag, bool value, int64_t until)
{
    while (*flag != value)
        if (!clock_wait(&d->change, &d->lock, until))
            return *flag == value;
    return true;
}

/* The lock is held. */
static bool dialer_start(struct lv_dialer *d)
{
    pthread_attr_t detached;
    pthread_t thread;
    bool started;

    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    started = pthread_create(&thread, &detached, dialer_run, d) == 0;
    pthread_attr_destroy(&detached);
    d->busy = d->wanted = started;
    return started;
}

/* The lock is held, nobody else is connecting. */
static virConnectPtr dialer_attempt(struct lv_dialer *d, int64_t until,
                                    struct lv_dial_failure *failure)
{
    virConnectPtr made;

    if (!dialer_start(d))
        return NULL;
    if (dialer_wait(d, &d->answered, true, until))
        *failure = d->failure;
    made = d->made;
    d->made = NULL;
    d->wanted = d->answered = false;
    pthread_cond_broadcast(&d->change);
    return made;
}

virConnectPtr lv_dial(struct lv_dialer *d, struct lv_dial_failure *failure)
{
    int64_t until = clock_mono_ms() + DIAL_WAIT_MS;
    virConnectPtr made = NULL;

    *failure = (struct lv_dial_failure){ false, "an attempt to connect does not end" };
    pthread_mutex_lock(&d->lock);
    /* busy but wanted by nobody is stuck: no use to wait for */
    while (d->wanted && dialer_wait(d, &d->wanted, false, until))
        ;
    if (!d->busy && !d->wanted)
        made = dialer_attempt(d, until, failure);
    pthread_mutex_unlock(&d->lock);
    return made;
}
