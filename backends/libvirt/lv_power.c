/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_power.h"

#include "base/clock.h"
#include "libvirt/lv_error.h"
#include "libvirt/lv_machine.h"

#include <pthread.h>
#include <string.h>

enum { LOOK_MS = 200 };

/* A save under way, looked at from a thread and connection of their own. */
struct watch {
    struct lv_conn *conn;
    const struct backend_call *call;
    const struct guid *vm;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done; /* guarded by lock */
};

static void watch_look(const struct watch *watch)
{
    struct lv_link link = { 0 };
    virDomainJobInfo info;
    virDomainPtr dom = NULL;

    if (lv_conn_get(watch->conn, &link, NULL) == 0)
        dom = lv_conn_machine(&link, watch->vm, NULL);
    if (dom && watch->call->cancelled(watch->call->opaque))
        virDomainAbortJob(dom); /* too early or too late: the next look, or the end, tells */
    else if (dom && virDomainGetJobInfo(dom, &info) == 0 && info.dataTotal > 0 &&
             info.dataProcessed < info.dataTotal)
        watch->call->progress(watch->call->opaque,
                              (unsigned)(info.dataProcessed * 99 / info.dataTotal));
    if (dom)
        virDomainFree(dom);
    lv_conn_put(&link);
}

static void *watch_run(void *opaque)
{
    struct watch *watch = opaque;

    pthread_mutex_lock(&watch->lock);
    while (!watch->done) {
        clock_wait(&watch->changed, &watch->lock, clock_mono_ms() + LOOK_MS);
        if (watch->done)
            break;
        pthread_mutex_unlock(&watch->lock);
        watch_look(watch);
        pthread_mutex_lock(&watch->lock);
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

/* Without the thread there is no progress and no cancel, but there is a save. A machine that was paused
 * runs when it is started again, as on Hyper-V. */
static int power_save(struct watch *watch, virDomainPtr dom, struct error *err)
{
    pthread_t thread;
    bool watched;
    int result = 0;

    pthread_mutex_init(&watch->lock, NULL);
    pthread_cond_init(&watch->changed, NULL);
    watched = pthread_create(&thread, NULL, watch_run, watch) == 0;
    if (virDomainManagedSave(dom, VIR_DOMAIN_SAVE_RUNNING))
        result = lv_error_set(err, "save the machine");
    pthread_mutex_lock(&watch->lock);
    watch->done = true;
    pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->lock);
    if (watched)
        pthread_join(thread, NULL);
    pthread_cond_destroy(&watch->changed);
    pthread_mutex_destroy(&watch->lock);
    return result;
}

static int call_forget(virDomainPtr dom)
{
    return virDomainManagedSaveRemove(dom, 0);
}

/* By the guest agent where one answers, else by the power button. */
static int call_shutdown(virDomainPtr dom)
{
    return virDomainShutdownFlags(dom, 0);
}

static int call_reboot(virDomainPtr dom)
{
    return virDomainReboot(dom, 0);
}

static int call_reset(virDomainPtr dom)
{
    return virDomainReset(dom, 0);
}

static const struct {
    int (*call)(virDomainPtr dom);
    const char *doing;
} changes[CHANGES] = {
    [CHANGE_START] = { virDomainCreate, "start the machine" },
    [CHANGE_RESUME] = { virDomainResume, "resume the machine" },
    [CHANGE_PAUSE] = { virDomainSuspend, "pause the machine" },
    [CHANGE_FORGET] = { call_forget, "discard the saved state" },
    [CHANGE_OFF] = { virDomainDestroy, "turn the machine off" },
    [CHANGE_SHUTDOWN] = { call_shutdown, "ask the guest to shut down" },
    [CHANGE_REBOOT] = { call_reboot, "ask the guest to restart" },
    [CHANGE_RESET] = { call_reset, "reset the machine" },
};

/* libvirt takes some changes for done that the state does not allow. */
static int power_check(const struct lv_link *link, struct lv_holds *holds, const struct guid *id,
                       enum vm_change change, struct error *err)
{
    struct vm vm;
    int result;

    if (lv_machine_get(link, holds, id, &vm, err))
        return -1;
    result = vm_change_allowed(vm.state, change) ? 0 : error_set(err, ERR_INVALID_STATE, NULL);
    vm_clear(&vm);
    return result;
}

int lv_power(struct lv_conn *conn, struct lv_holds *holds, const struct backend_call *call,
             const struct guid *vm, enum vm_change change, struct error *err)
{
    struct watch watch = { .conn = conn, .call = call, .vm = vm };
    virDomainPtr dom = NULL;
    struct lv_link link;
    int result = -1;

    if (lv_conn_get(conn, &link, err))
        return -1;
    if (power_check(&link, holds, vm, change, err) == 0)
        dom = lv_conn_machine(&link, vm, err);
    if (dom && change == CHANGE_SAVE)
        result = power_save(&watch, dom, err);
    else if (dom)
        result = changes[change].call(dom) ? lv_error_set(err, changes[change].doing) : 0;
    if (dom)
        virDomainFree(dom);
    lv_conn_put(&link);
    return result;
}

/* libvirt carries out what it was asked for when its client has gone. The monitor is asked for first: a job that has it
 * would make the other question wait. */
static bool power_is_working(virDomainPtr dom)
{
    virDomainControlInfo control;
    virDomainJobInfo job = { 0 };
    int state = -1, reason = 0;

    if (virDomainGetControlInfo(dom, &control, 0) == 0 &&
        (control.state == VIR_DOMAIN_CONTROL_JOB || control.state == VIR_DOMAIN_CONTROL_OCCUPIED))
        return true;
    if (virDomainGetState(dom, &state, &reason, 0) == 0 && state == VIR_DOMAIN_PAUSED &&
        reason == VIR_DOMAIN_PAUSED_STARTING_UP)
        return true;
    /* Also of a job that has completed: its data have been written, but the machine is not off yet, nor known as saved. */
    return virDomainGetJobInfo(dom, &job) == 0 && job.type != VIR_DOMAIN_JOB_NONE;
}

int lv_power_working(struct lv_conn *conn, const struct guid *vm, bool *out, struct error *err)
{
    struct lv_link link;
    virDomainPtr dom;

    if (lv_conn_get(conn, &link, err))
        return -1;
    dom = lv_conn_machine(&link, vm, err);
    if (dom) {
        *out = power_is_working(dom);
        virDomainFree(dom);
    }
    lv_conn_put(&link);
    return dom ? 0 : -1;
}
