/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/sweep.h"

#include "base/clock.h"
#include "base/log.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* What the last look at a machine found. */
struct sweep_vm {
    struct guid id;
    bool looked; /* else snapshots is not known yet */
    struct guid *snapshots;
    size_t count;
};

struct sweep {
    struct backend *backend;
    const struct config *config;
    struct sweep_listener listener;
    struct sweep_vm *vms; /* sorted by id; only the thread that passes touches them */
    size_t count;
    struct guid last; /* the machine looked at last */
    bool begun;       /* a first list of machines is there */
    bool away;        /* the last pass found no hypervisor: said once */

    pthread_t thread;
    bool started;
    pthread_mutex_t lock; /* guards closing; nothing is called under it */
    pthread_cond_t close;
    bool closing;
};

static int compare_guids(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct guid));
}

/* Both begin with their id. */
static int compare_vms(const void *a, const void *b)
{
    return memcmp(&((const struct vm *)a)->id, &((const struct vm *)b)->id, sizeof(struct guid));
}

static bool has(const struct guid *sorted, size_t count, const struct guid *id)
{
    return count && bsearch(id, sorted, count, sizeof(*sorted), compare_guids);
}

static void tell(struct sweep *sweep, enum sweep_change change, const struct guid *vm,
                 const struct guid *snapshot, const char *name)
{
    sweep->listener.change(sweep->listener.opaque, change, vm, snapshot, name);
}

/* Takes what a look found: `ids` is owned by the machine afterwards. */
static void take_snapshots(struct sweep *sweep, struct sweep_vm *vm,
                           const struct snapshot_list *list, struct guid *ids)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct snapshot *snapshot = &list->items[i];
        sweep->listener.found(sweep->listener.opaque, snapshot);
        if (vm->looked && !has(vm->snapshots, vm->count, &snapshot->id))
            tell(sweep, SWEEP_SNAPSHOT_SEEN, &vm->id, &snapshot->id, snapshot->name);
        ids[i] = snapshot->id;
    }
    qsort(ids, list->count, sizeof(*ids), compare_guids);
    for (size_t i = 0; i < vm->count; i++)
        if (!has(ids, list->count, &vm->snapshots[i]))
            tell(sweep, SWEEP_SNAPSHOT_GONE, &vm->id, &vm->snapshots[i], NULL);
    free(vm->snapshots);
    vm->snapshots = ids;
    vm->count = list->count;
    vm->looked = true;
}

static int look(struct sweep *sweep, struct sweep_vm *vm, struct error *err)
{
    struct snapshot_list list = { 0 };
    struct error why = { 0 };
    struct guid *ids;

    if (backend_snapshot_list(sweep->backend, &vm->id, &list, &why)) {
        if (why.code == ERR_NOT_FOUND) /* gone meanwhile: the next pass says so */
            return 0;
        *err = why;
        return -1;
    }
    ids = malloc((list.count + 1) * sizeof(*ids));
    if (ids)
        take_snapshots(sweep, vm, &list, ids);
    snapshot_list_clear(&list);
    return ids ? 0 : error_set(err, ERR_NO_MEMORY, NULL);
}

/* Replaces the machines by those of `list` (sorted); what is known of one that stays, stays. */
static int take_vms(struct sweep *sweep, const struct vm_list *list, struct error *err)
{
    struct sweep_vm *next = calloc(list->count + 1, sizeof(*next));
    size_t old = 0;

    if (!next)
        return error_set(err, ERR_NO_MEMORY, NULL);
    for (size_t i = 0; i <= list->count; i++) {
        const struct vm *vm = i < list->count ? &list->items[i] : NULL;
        while (old < sweep->count && (!vm || compare_guids(&sweep->vms[old].id, &vm->id) < 0)) {
            tell(sweep, SWEEP_VM_GONE, &sweep->vms[old].id, NULL, NULL);
            free(sweep->vms[old++].snapshots);
        }
        if (!vm)
            break;
        if (old < sweep->count && guid_equal(&sweep->vms[old].id, &vm->id)) {
            next[i] = sweep->vms[old++];
            continue;
        }
        next[i].id = vm->id;
        next[i].looked = sweep->begun; /* of a new machine everything is news */
        if (sweep->begun)
            tell(sweep, SWEEP_VM_SEEN, &vm->id, NULL, vm->name);
    }
    free(sweep->vms);
    sweep->vms = next;
    sweep->count = list->count;
    sweep->begun = true;
    return 0;
}

static int list_vms(struct sweep *sweep, struct error *err)
{
    struct vm_list list = { 0 };
    int rc;

    if (backend_vm_list(sweep->backend, &list, err))
        return -1;
    if (list.count)
        qsort(list.items, list.count, sizeof(*list.items), compare_vms);
    rc = take_vms(sweep, &list, err);
    vm_list_clear(&list);
    return rc;
}

static bool is_closing(struct sweep *sweep)
{
    bool closing;

    pthread_mutex_lock(&sweep->lock);
    closing = sweep->closing;
    pthread_mutex_unlock(&sweep->lock);
    return closing;
}

int sweep_pass(struct sweep *sweep, struct error *err)
{
    size_t most = (size_t)sweep->config->sweep_machines, first = 0;

    if (list_vms(sweep, err))
        return -1;
    if (most > sweep->count)
        most = sweep->count;
    while (first < sweep->count && compare_guids(&sweep->vms[first].id, &sweep->last) <= 0)
        first++;
    for (size_t i = 0; i < most && !is_closing(sweep); i++) {
        struct sweep_vm *vm = &sweep->vms[(first + i) % sweep->count];
        if (look(sweep, vm, err))
            return -1;
        sweep->last = vm->id;
    }
    return 0;
}

/* ---- life ---- */

int sweep_open(struct sweep **out, struct backend *backend, const struct config *config,
               const struct sweep_listener *listener, struct error *err)
{
    struct sweep *sweep = calloc(1, sizeof(*sweep));

    *out = NULL;
    if (!sweep)
        return error_set(err, ERR_NO_MEMORY, NULL);
    sweep->backend = backend;
    sweep->config = config;
    sweep->listener = *listener;
    pthread_mutex_init(&sweep->lock, NULL);
    pthread_cond_init(&sweep->close, NULL);
    *out = sweep;
    return 0;
}

static void pass_and_log(struct sweep *sweep)
{
    struct error err = { 0 };

    if (sweep_pass(sweep, &err) == 0) {
        sweep->away = false;
    } else if (!sweep->away) {
        log_event(LOG_WARN, "sweep-failed", "message", err.message, "cause",
                  err.cause[0] ? err.cause : NULL, NULL);
        sweep->away = true;
    }
}

/* False when the service stops. */
static bool wait_for_next(struct sweep *sweep, int64_t until)
{
    bool closing;

    pthread_mutex_lock(&sweep->lock);
    while (!sweep->closing && clock_mono_ms() < until)
        clock_wait(&sweep->close, &sweep->lock, until);
    closing = sweep->closing;
    pthread_mutex_unlock(&sweep->lock);
    return !closing;
}

static void *sweep_thread(void *opaque)
{
    struct sweep *sweep = opaque;
    int64_t next;

    do {
        next = clock_mono_ms() + sweep->config->sweep_seconds * INT64_C(1000);
        pass_and_log(sweep);
    } while (wait_for_next(sweep, next));
    return NULL;
}

int sweep_start(struct sweep *sweep, struct error *err)
{
    sigset_t all, before;
    int rc;

    if (sweep->config->sweep_seconds == 0)
        return 0;
    sigfillset(&all); /* signals are for the main thread */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&sweep->thread, NULL, sweep_thread, sweep);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    sweep->started = rc == 0;
    if (rc == 0)
        return 0;
    error_cause(err, "pthread_create: %s", strerror(rc));
    return error_set(err, ERR_INTERNAL, "The service cannot start its sweep.");
}

void sweep_close(struct sweep *sweep)
{
    if (!sweep)
        return;
    pthread_mutex_lock(&sweep->lock);
    sweep->closing = true;
    pthread_cond_broadcast(&sweep->close);
    pthread_mutex_unlock(&sweep->lock);
    if (sweep->started)
        pthread_join(sweep->thread, NULL);
    for (size_t i = 0; i < sweep->count; i++)
        free(sweep->vms[i].snapshots);
    free(sweep->vms);
    pthread_cond_destroy(&sweep->close);
    pthread_mutex_destroy(&sweep->lock);
    free(sweep);
}
