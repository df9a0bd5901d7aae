/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_thaw.h"

#include "base/clock.h"
#include "base/log.h"
#include "libvirt/lv_error.h"
#include "libvirt/lv_wake.h"

#include <libvirt/virterror.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/queue.h>

enum {
    THAW_AGENT_S = 5, /* one try */
    THAW_PAUSE_MS = 5000, /* between two */
    THAW_GIVE_UP_S = 3600,
};

struct thaw {
    struct guid vm;
    int64_t until_ms;
    bool end; /* to be turned off, not thawed */
    TAILQ_ENTRY(thaw) link;
};

struct lv_thaws {
    struct lv_conn *conn;
    pthread_mutex_t lock; /* guards the rest; never held while libvirt is asked, but while core takes a note */
    pthread_cond_t changed;
    TAILQ_HEAD(, thaw) owed;
    struct backend_debts debts; /* whom to tell; its list is not kept */
    bool trying; /* that of `now` */
    struct guid now;
    bool started, closing;
    pthread_t thread;
};

struct lv_thaws *lv_thaws_open(struct lv_conn *conn)
{
    struct lv_thaws *thaws = calloc(1, sizeof(*thaws));

    if (!thaws)
        return NULL;
    thaws->conn = conn;
    TAILQ_INIT(&thaws->owed);
    pthread_mutex_init(&thaws->lock, NULL);
    pthread_cond_init(&thaws->changed, NULL);
    return thaws;
}

void lv_thaws_close(struct lv_thaws *thaws)
{
    struct thaw *thaw;

    if (!thaws)
        return;
    pthread_mutex_lock(&thaws->lock);
    thaws->closing = true;
    pthread_cond_broadcast(&thaws->changed);
    pthread_mutex_unlock(&thaws->lock);
    if (thaws->started)
        pthread_join(thaws->thread, NULL);
    while ((thaw = TAILQ_FIRST(&thaws->owed))) {
        log_event(LOG_ERROR_, thaw->end ? "end-owed" : "thaw-owed", "machine", GUID_STR(&thaw->vm), NULL);
        TAILQ_REMOVE(&thaws->owed, thaw, link);
        free(thaw);
    }
    pthread_cond_destroy(&thaws->changed);
    pthread_mutex_destroy(&thaws->lock);
    free(thaws);
}

/* The lock is held, so that notes are taken in the order of what they tell of. */
static void thaw_note(struct lv_thaws *thaws, const struct guid *vm, bool owed)
{
    if (thaws->debts.note)
        thaws->debts.note(thaws->debts.opaque, vm, owed);
}

/* The lock is held. */
static void thaw_drop(struct lv_thaws *thaws, struct thaw *thaw)
{
    thaw_note(thaws, &thaw->vm, false);
    TAILQ_REMOVE(&thaws->owed, thaw, link);
    free(thaw);
}

/* ---- the thread ---- */

/* True when nothing is owed any more. */
static bool thaw_machine(virDomainPtr dom, const struct guid *vm)
{
    if (virDomainIsActive(dom) == 0)
        return true;
    virDomainAgentSetResponseTimeout(dom, THAW_AGENT_S, 0);
    if (virDomainFSThaw(dom, NULL, 0, 0) >= 0) {
        log_event(LOG_INFO, "thawed-late", "machine", GUID_STR(vm), NULL);
        return true;
    }
    if (lv_error_is_silence())
        return false;
    log_event(LOG_ERROR_, "thaw-failed", "machine", GUID_STR(vm), "libvirt", virGetLastErrorMessage(), NULL);
    return true;
}

static bool thaw_try(struct lv_thaws *thaws, const struct guid *vm, bool end)
{
    struct error err = { 0 };
    struct lv_link link;
    virDomainPtr dom;
    bool over;

    if (lv_conn_get(thaws->conn, &link, &err))
        return false;
    dom = lv_conn_machine(&link, vm, &err);
    if (dom)
        over = end ? lv_wake_end_late(dom, vm) : thaw_machine(dom, vm);
    else
        over = err.code == ERR_NOT_FOUND;
    if (dom)
        virDomainFree(dom);
    lv_conn_put(&link);
    return over;
}

/* The lock is held, but not during the try; the entry stays, as forget() waits for it. */
static void thaw_one(struct lv_thaws *thaws, struct thaw *thaw)
{
    const bool end = thaw->end;
    bool over;

    thaws->trying = true;
    thaws->now = thaw->vm;
    pthread_mutex_unlock(&thaws->lock);
    over = thaw_try(thaws, &thaws->now, end);
    pthread_mutex_lock(&thaws->lock);
    thaws->trying = false;
    if (!over && clock_mono_ms() >= thaw->until_ms) {
        log_event(LOG_ERROR_, end ? "end-given-up" : "thaw-given-up", "machine", GUID_STR(&thaw->vm), NULL);
        over = true;
    }
    if (over && thaw->end == end)
        thaw_drop(thaws, thaw);
    pthread_cond_broadcast(&thaws->changed);
}

/* The lock is held. */
static void thaw_pause(struct lv_thaws *thaws)
{
    const int64_t until = clock_mono_ms() + THAW_PAUSE_MS;

    while (!thaws->closing && clock_wait(&thaws->changed, &thaws->lock, until))
        continue;
}

static void *thaw_run(void *opaque)
{
    struct lv_thaws *thaws = opaque;
    struct thaw *thaw;

    pthread_mutex_lock(&thaws->lock);
    while (!thaws->closing) {
        thaw = TAILQ_FIRST(&thaws->owed);
        if (!thaw) {
            pthread_cond_wait(&thaws->changed, &thaws->lock);
            continue;
        }
        thaw_pause(thaws);
        thaw = TAILQ_FIRST(&thaws->owed);
        if (thaws->closing || !thaw)
            continue;
        TAILQ_REMOVE(&thaws->owed, thaw, link); /* each in its turn */
        TAILQ_INSERT_TAIL(&thaws->owed, thaw, link);
        thaw_one(thaws, thaw);
    }
    pthread_mutex_unlock(&thaws->lock);
    return NULL;
}

/* The lock is held. */
static void thaw_start(struct lv_thaws *thaws)
{
    sigset_t all, before;

    if (thaws->started)
        return;
    sigfillset(&all); /* signals are for the main thread */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thaws->started = pthread_create(&thaws->thread, NULL, thaw_run, thaws) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- what is owed ---- */

static struct thaw *thaw_find(struct lv_thaws *thaws, const struct guid *vm)
{
    struct thaw *thaw;

    TAILQ_FOREACH(thaw, &thaws->owed, link)
    if (guid_equal(&thaw->vm, vm))
        return thaw;
    return NULL;
}

/* The lock is held. */
static void thaw_add(struct lv_thaws *thaws, const struct guid *vm, bool end)
{
    struct thaw *thaw = thaw_find(thaws, vm);

    if (!thaw && (thaw = calloc(1, sizeof(*thaw)))) {
        thaw->vm = *vm;
        TAILQ_INSERT_TAIL(&thaws->owed, thaw, link);
    }
    if (thaw) {
        thaw->until_ms = clock_mono_ms() + THAW_GIVE_UP_S * INT64_C(1000);
        thaw->end = end;
    }
    thaw_start(thaws);
    pthread_cond_broadcast(&thaws->changed);
}

void lv_thaws_owe(struct lv_thaws *thaws, const struct guid *vm)
{
    if (!thaws)
        return;
    pthread_mutex_lock(&thaws->lock);
    thaw_note(thaws, vm, true);
    thaw_add(thaws, vm, false);
    pthread_mutex_unlock(&thaws->lock);
}

/* One that was off had nothing that was frozen. */
void lv_thaws_owe_end(struct lv_thaws *thaws, const struct guid *vm)
{
    if (!thaws)
        return;
    pthread_mutex_lock(&thaws->lock);
    thaw_add(thaws, vm, true);
    pthread_mutex_unlock(&thaws->lock);
}

void lv_thaws_keep(struct lv_thaws *thaws, const struct backend_debts *debts)
{
    pthread_mutex_lock(&thaws->lock);
    thaws->debts = debts ? *debts : (struct backend_debts){ 0 };
    thaws->debts.left = NULL;
    for (size_t i = 0; debts && i < debts->count; i++) {
        log_event(LOG_WARN, "thaw-owed", "machine", GUID_STR(&debts->left[i]), NULL);
        thaw_add(thaws, &debts->left[i], false);
    }
    pthread_mutex_unlock(&thaws->lock);
}

void lv_thaws_forget(struct lv_thaws *thaws, const struct guid *vm)
{
    struct thaw *thaw;

    if (!thaws)
        return;
    pthread_mutex_lock(&thaws->lock);
    while (thaws->trying && guid_equal(&thaws->now, vm))
        pthread_cond_wait(&thaws->changed, &thaws->lock);
    thaw = thaw_find(thaws, vm);
    if (thaw)
        thaw_drop(thaws, thaw);
    pthread_mutex_unlock(&thaws->lock);
}
