/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * For the tests of core: a backend whose every step the test holds in its hand, and a store that
 * can be made to fail. Waiting is for events; the deadline only keeps a broken build from hanging.
 */
#ifndef CIMSNAPD_TESTS_FAKE_H
#define CIMSNAPD_TESTS_FAKE_H

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "core/backend.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FAKE_VMS = 4, FAKE_SNAPSHOTS = 256, FAKE_DEADLINE_S = 20 };

struct fake_vm {
    const char *name, *title;
    enum vm_state state;
    struct vm_capabilities caps;
    bool gone;
};

struct fake {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct fake_vm vms[FAKE_VMS]; /* its GUID: fake_vm_id(index) */
    struct snapshot made[FAKE_SNAPSHOTS];
    size_t made_count;

    /* create */
    bool gated;       /* each create waits for a permit */
    unsigned permits; /* creates that may still go on */
    unsigned begun;   /* creates so far */
    char names[4096]; /* of the creates so far, in order: "a b c " */
    unsigned running, running_most;
    bool half; /* the snapshot shows while it is being made */
    enum error_code fail;
    const char *fail_text;
    const char *journal; /* written first, if set */
    bool journal_broken; /* the disk is full just then */
    struct snapshot_spec last;
    struct snapshot_change last_change;

    /* recover */
    enum error_code recover_fail;
    const char *recover_text;
    enum recovery found;
    unsigned recovers;
    enum job_kind recovered; /* of the last one */
    char state[64]; /* the journal of the last one, "-" for none */

    bool working;   /* the hypervisor, on a change of a machine's state */
    enum vm_state ends; /* if not 0: what the first machine comes to when that is asked for */
    bool away;      /* queries say ERR_UNAVAILABLE */
    unsigned lists; /* of snapshots, so far */
};

static struct fake fake = { .lock = PTHREAD_MUTEX_INITIALIZER,
                            .changed = PTHREAD_COND_INITIALIZER };

static inline struct guid fake_vm_id(size_t index)
{
    return (struct guid){ .bytes = { 0xFA, [15] = (unsigned char)(index + 1) } };
}

static inline struct fake_vm *fake_find(const struct guid *id)
{
    for (size_t i = 0; i < FAKE_VMS; i++) {
        struct guid own = fake_vm_id(i);
        if (guid_equal(&own, id) && fake.vms[i].name && !fake.vms[i].gone)
            return &fake.vms[i];
    }
    return NULL;
}

static inline int fake_away(struct error *err)
{
    return fake.away ? error_set(err, ERR_UNAVAILABLE, NULL) : 0;
}

static inline int fake_open(void **self, const char *uri, struct error *err)
{
    (void)uri;
    (void)err;
    *self = &fake;
    return 0;
}

static inline void fake_close(void *self)
{
    (void)self;
}

static inline int fake_ping(void *self, struct error *err)
{
    (void)self;
    return fake_away(err);
}

static inline void fake_copy_vm(size_t index, struct vm *out)
{
    *out = (struct vm){ .id = fake_vm_id(index),
                        .name = strdup(fake.vms[index].name),
                        .title = strdup(fake.vms[index].title),
                        .state = fake.vms[index].state,
                        .persistent = true };
}

static inline int fake_vm_list(void *self, struct vm_list *out, struct error *err)
{
    (void)self;
    if (fake_away(err))
        return -1;
    for (size_t i = 0; i < FAKE_VMS; i++) {
        struct vm vm;
        if (!fake.vms[i].name || fake.vms[i].gone)
            continue;
        fake_copy_vm(i, &vm);
        vm_list_take(out, &vm);
    }
    return 0;
}

static inline int fake_vm_get(void *self, const struct guid *id, struct vm *out, struct error *err)
{
    struct fake_vm *vm = fake_find(id);

    (void)self;
    if (fake_away(err))
        return -1;
    if (!vm)
        return error_set(err, ERR_NOT_FOUND, NULL);
    fake_copy_vm((size_t)(vm - fake.vms), out);
    return 0;
}

static inline int fake_vm_capabilities(void *self, const struct guid *id,
                                       struct vm_capabilities *out, struct error *err)
{
    struct fake_vm *vm = fake_find(id);

    (void)self;
    if (!vm)
        return error_set(err, ERR_NOT_FOUND, NULL);
    *out = vm->caps;
    return 0;
}

static inline int fake_snapshot_list(void *self, const struct guid *vm, struct snapshot_list *out,
                                     struct error *err)
{
    (void)self;
    if (fake_away(err))
        return -1;
    if (!fake_find(vm))
        return error_set(err, ERR_NOT_FOUND, NULL);
    pthread_mutex_lock(&fake.lock);
    fake.lists++;
    for (size_t i = 0; i < fake.made_count; i++) {
        struct snapshot copy = fake.made[i];
        if (!guid_equal(&copy.vm, vm))
            continue;
        copy.name = strdup("s");
        snapshot_list_take(out, &copy);
    }
    pthread_mutex_unlock(&fake.lock);
    return 0;
}

static inline void fake_made_add(const struct guid *vm, const struct guid *id)
{
    fake.made[fake.made_count++] = (struct snapshot){ .id = *id, .vm = *vm };
}

/* Waits, under the lock, until *counter is at least `least`; false at the deadline. */
static inline bool fake_wait(const unsigned *counter, unsigned least)
{
    const int64_t until = clock_mono_ms() + FAKE_DEADLINE_S * 1000;

    while (*counter < least)
        if (!clock_wait(&fake.changed, &fake.lock, until))
            return *counter >= least;
    return true;
}

static inline bool fake_await(const unsigned *counter, unsigned least)
{
    bool reached;

    pthread_mutex_lock(&fake.lock);
    reached = fake_wait(counter, least);
    pthread_mutex_unlock(&fake.lock);
    return reached;
}

static inline void fake_permit(unsigned more)
{
    pthread_mutex_lock(&fake.lock);
    fake.permits += more;
    pthread_cond_broadcast(&fake.changed);
    pthread_mutex_unlock(&fake.lock);
}

/* While broken, no file of this process can grow: every write to the store fails. */
static inline void fake_disk_full(bool broken)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = broken ? 0 : limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static inline int fake_journal(const struct backend_call *call, struct error *err)
{
    int result = 0;

    if (!fake.journal)
        return 0;
    fake_disk_full(fake.journal_broken);
    result = call->journal(call->opaque, fake.journal, err);
    fake_disk_full(false);
    return result;
}

/* Writes down who had a turn, as far as there is room; under the lock. */
static inline void fake_note(const char *name, const char *end)
{
    size_t len = strlen(fake.names);

    snprintf(fake.names + len, sizeof(fake.names) - len, "%s%s", name, end);
}

static inline int fake_snapshot_create(void *self, const struct backend_call *call,
                                       const struct snapshot_spec *spec, struct error *err)
{
    enum error_code fail;

    (void)self;
    if (fake_journal(call, err))
        return -1;
    pthread_mutex_lock(&fake.lock);
    fake.begun++;
    fake.last = *spec;
    fake_note(spec->name, " ");
    if (++fake.running > fake.running_most)
        fake.running_most = fake.running;
    if (fake.half)
        fake_made_add(&spec->vm, &spec->id);
    pthread_cond_broadcast(&fake.changed);
    if (fake.gated && fake_wait(&fake.permits, 1))
        fake.permits--;
    fake.running--;
    fail = fake.fail;
    if (fail == ERR_NONE && !fake.half)
        fake_made_add(&spec->vm, &spec->id);
    pthread_mutex_unlock(&fake.lock);
    if (fail == ERR_NONE)
        return 0;
    error_cause(err, "only for the log");
    return error_set(err, fail, "%s", fake.fail_text);
}

/* Applies or destroys: one counter more, and `fake.fail`. */
static inline int fake_snapshot_change(const struct backend_call *call,
                                       const struct snapshot_change *change, struct error *err)
{
    enum error_code fail;

    if (fake_journal(call, err))
        return -1;
    pthread_mutex_lock(&fake.lock);
    fake.begun++;
    fake.last_change = *change;
    pthread_cond_broadcast(&fake.changed);
    if (fake.gated && fake_wait(&fake.permits, 1))
        fake.permits--;
    fail = fake.fail;
    pthread_mutex_unlock(&fake.lock);
    return fail ? error_set(err, fail, "%s", fake.fail_text) : 0;
}

static inline int fake_snapshot_apply(void *self, const struct backend_call *call,
                                      const struct snapshot_change *change, struct error *err)
{
    (void)self;
    return fake_snapshot_change(call, change, err);
}

static inline int fake_snapshot_destroy(void *self, const struct backend_call *call,
                                        const struct snapshot_change *change, struct error *err)
{
    (void)self;
    if (fake_snapshot_change(call, change, err))
        return -1;
    pthread_mutex_lock(&fake.lock);
    for (size_t i = 0; i < fake.made_count; i++)
        if (guid_equal(&fake.made[i].id, &change->id))
            fake.made[i] = fake.made[--fake.made_count];
    pthread_mutex_unlock(&fake.lock);
    return 0;
}

static inline int fake_snapshot_recover(void *self, const struct recovery_order *order,
                                        enum recovery *out, struct error *err)
{
    int result = 0;

    (void)self;
    pthread_mutex_lock(&fake.lock);
    fake.recovers++;
    fake.recovered = order->kind;
    snprintf(fake.state, sizeof(fake.state), "%s", order->state ? order->state : "-");
    *out = fake.found;
    if (fake.recover_fail)
        result = error_set(err, fake.recover_fail, "%s", fake.recover_text);
    pthread_cond_broadcast(&fake.changed);
    pthread_mutex_unlock(&fake.lock);
    return result;
}

/* What recovery finds from now on. */
static inline void fake_recovery(enum error_code fail, enum recovery found)
{
    pthread_mutex_lock(&fake.lock);
    fake.recover_fail = fail;
    fake.recover_text = "no answer";
    fake.found = found;
    pthread_mutex_unlock(&fake.lock);
}

static inline int fake_vm_working(void *self, const struct guid *vm, bool *out, struct error *err)
{
    (void)self;
    (void)vm;
    if (fake_away(err))
        return -1;
    *out = fake.working;
    if (fake.ends)
        fake.vms[0].state = fake.ends;
    return 0;
}

static const struct backend_ops fake_ops = {
    .size = sizeof(struct backend_ops),
    .api = BACKEND_API,
    .name = "fake",
    .threads = BACKEND_PARALLEL,
    .open = fake_open,
    .close = fake_close,
    .ping = fake_ping,
    .vm_list = fake_vm_list,
    .vm_get = fake_vm_get,
    .vm_capabilities = fake_vm_capabilities,
    .snapshot_list = fake_snapshot_list,
    .snapshot_create = fake_snapshot_create,
    .snapshot_recover = fake_snapshot_recover,
    .snapshot_apply = fake_snapshot_apply,
    .snapshot_destroy = fake_snapshot_destroy,
    .vm_working = fake_vm_working,
};

/* Two running machines, "alpha" and "beta", that can do everything; no noise in the log. */
static inline void fake_reset(void)
{
    static const struct vm_capabilities all = {
        .full = true, .disk = true, .recovery = true, .agent = true
    };

    pthread_mutex_lock(&fake.lock);
    memset((char *)&fake + offsetof(struct fake, vms), 0,
           sizeof(fake) - offsetof(struct fake, vms));
    fake.vms[0] = (struct fake_vm){ "alpha", "Alpha", VM_RUNNING, all, false };
    fake.vms[1] = (struct fake_vm){ "beta", "Beta", VM_RUNNING, all, false };
    pthread_mutex_unlock(&fake.lock);
    log_set_level((enum log_level) - 1);
    clock_freeze(0);
}

static inline struct backend *fake_backend(void)
{
    struct backend *backend = NULL;

    return backend_open_ops(&backend, &fake_ops, "", NULL) ? NULL : backend;
}

/* ---- the store ---- */

static char fake_dir[256], fake_path[300];

static inline void fake_store_remove(void)
{
    static const char *const tails[] = { "", "-wal", "-shm", "-journal" };

    for (size_t i = 0; i < 4; i++) {
        char path[sizeof(fake_path) + 16];
        snprintf(path, sizeof(path), "%s%s", fake_path, tails[i]);
        unlink(path);
    }
    rmdir(fake_dir);
}

/* A path for a new store, gone at the end of the program. */
static inline char *fake_store_path(void)
{
    static bool registered;

    if (registered)
        fake_store_remove();
    else
        atexit(fake_store_remove);
    registered = true;
    snprintf(fake_dir, sizeof(fake_dir), "%s/cimsnapd-unit-XXXXXX", P_tmpdir);
    if (!mkdtemp(fake_dir))
        abort();
    snprintf(fake_path, sizeof(fake_path), "%s/state.db", fake_dir);
    return fake_path;
}

static inline struct config fake_config(char *store_path)
{
    return (struct config){
        .store_path = store_path, .jobs_threads = 4, .jobs_keep = 1000, .snapshot_agent_seconds = 10
    };
}

#endif
