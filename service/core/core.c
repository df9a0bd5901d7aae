/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/core_inside.h"

#include "base/log.h"
#include "core/recover.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- life ---- */

int core_open(struct core **out, const struct config *config, struct error *err)
{
    struct backend *backend;

    *out = NULL;
    if (backend_open(&backend, config->backend_module, config->backend_uri, err))
        return -1;
    if (core_open_with(out, config, backend, err) == 0)
        return 0;
    backend_close(backend);
    return -1;
}

static void core_swept_change(void *opaque, enum sweep_change change, const struct guid *vm,
                              const struct guid *snapshot, const char *name)
{
    static const char *const events[] = {
        [SWEEP_VM_SEEN] = "machine-seen",
        [SWEEP_VM_GONE] = "machine-gone",
        [SWEEP_SNAPSHOT_SEEN] = "snapshot-seen",
        [SWEEP_SNAPSHOT_GONE] = "snapshot-gone",
    };
    struct core *core = opaque;

    /* Our own have told of themselves. */
    if (snapshot && jobs_promised(core->jobs, snapshot))
        return;
    log_event(LOG_INFO, events[change], "machine", GUID_STR(vm), "snapshot",
              snapshot ? GUID_STR(snapshot) : NULL, "name", name, NULL);
}

static void core_swept_found(void *opaque, const struct snapshot *snapshot)
{
    struct core *core = opaque;

    hint_put(&core->hint, &snapshot->id, &snapshot->vm);
}

static void core_note_debt(void *opaque, const struct guid *vm, bool owed)
{
    struct core *core = opaque;
    struct error why = { 0 };

    if (store_debt_put(core->store, vm, owed, &why))
        log_event(LOG_ERROR_, "debt-not-stored", "machine", GUID_STR(vm), "message", why.message, "cause",
                  why.cause, NULL);
}

/* Before the open jobs are seen to, which may make more of them. */
static int core_load_debts(struct core *core, struct backend *backend, struct error *err)
{
    struct backend_debts debts = { .opaque = core, .note = core_note_debt };
    struct guid *left;
    int result = store_debt_list(core->store, &left, &debts.count, err);

    debts.left = left;
    if (result == 0)
        backend_owes(backend, &debts);
    free(left);
    return result;
}

static int core_start(struct core *core, struct backend *backend, struct error *err)
{
    const struct sweep_listener listener = { core_swept_change, core_swept_found, core };
    const struct config *config = core->config;

    if (store_open(&core->store, config->store_path, err) ||
        store_prune(core->store, config->jobs_keep, err) ||
        jobs_open(&core->jobs, core->store, config, err) || core_load_debts(core, backend, err) ||
        recover_load(core->jobs, core->store, backend, err) ||
        sweep_open(&core->sweep, backend, config, &listener, err) || jobs_start(core->jobs, err))
        return -1;
    return sweep_start(core->sweep, err);
}

int core_open_with(struct core **out, const struct config *config, struct backend *backend,
                   struct error *err)
{
    struct core *core = calloc(1, sizeof(*core));

    *out = NULL;
    if (!core)
        return error_set(err, ERR_NO_MEMORY, NULL);
    core->config = config;
    hint_init(&core->hint);
    asked_init(&core->asked);
    if (gethostname(core->host, sizeof(core->host) - 1) || !core->host[0])
        memcpy(core->host, "localhost", sizeof("localhost"));
    if (core_start(core, backend, err)) {
        backend_owes(backend, NULL);
        core_close(core); /* the backend stays the caller's */
        return -1;
    }
    core->backend = backend;
    *out = core;
    return 0;
}

void core_close(struct core *core)
{
    if (!core)
        return;
    sweep_close(core->sweep);
    jobs_close(core->jobs);
    backend_close(core->backend);
    store_close(core->store);
    hint_destroy(&core->hint);
    asked_destroy(&core->asked);
    free(core);
}

const char *core_host_name(const struct core *core)
{
    return core->host;
}

int core_ping(struct core *core, struct error *err)
{
    return backend_ping(core->backend, err);
}

/* ---- machines ---- */

int core_pass(struct error *err, const struct error *why)
{
    if (err && err->code == ERR_NONE)
        *err = *why;
    return -1;
}

int core_allow(const struct principal *who, enum role needed, struct error *err)
{
    if (access_allows(who, needed))
        return 0;
    return error_set(err, ERR_ACCESS_DENIED, "This needs the role %s.", role_name(needed));
}

/* What only core knows of a machine. */
static void core_vm_mark(struct core *core, struct vm *vm)
{
    vm->doing = jobs_of_machine(core->jobs, &vm->id, NULL);
    vm->asked = asked_get(&core->asked, &vm->id);
}

/* Leaves those that can be seen. */
static void core_vms_filter(struct core *core, const struct principal *who, struct vm_list *list)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (access_sees_vm(who, &list->items[i])) {
            core_vm_mark(core, &list->items[i]);
            list->items[kept++] = list->items[i];
        } else {
            vm_clear(&list->items[i]);
        }
    }
    list->count = kept;
}

/* A part none of which can be seen is not the end of the list. */
static int core_vms_part(struct core *core, const struct principal *who, const struct list_part *part,
                         struct vm_list *out, struct error *err)
{
    struct list_part next = *part;
    struct guid last;
    bool more;

    do {
        if (backend_vm_part(core->backend, &next, out, err))
            return -1;
        more = part->most && out->count == part->most;
        if (more) {
            last = out->items[out->count - 1].id;
            next.after = &last;
        }
        core_vms_filter(core, who, out);
        more = more && out->count == 0;
        if (more)
            vm_list_clear(out);
    } while (more);
    return 0;
}

int core_vm_list(struct core *core, const struct principal *who, const struct list_part *part,
                 struct vm_list *out, struct error *err)
{
    *out = (struct vm_list){ 0 };
    if (core_allow(who, ROLE_VIEWER, err))
        return -1;
    if (part)
        return core_vms_part(core, who, part, out, err);
    if (backend_vm_list(core->backend, out, err))
        return -1;
    core_vms_filter(core, who, out);
    return 0;
}

int core_vm_show(struct core *core, const struct principal *who, struct vm *vm, struct error *err)
{
    if (access_sees_vm(who, vm)) {
        core_vm_mark(core, vm);
        return 0;
    }
    access_note_hidden(who, &vm->id);
    vm_clear(vm);
    /* Not a word more than for a machine that is not there. */
    return error_set(err, ERR_NOT_FOUND, NULL);
}

int core_vm_get(struct core *core, const struct principal *who, const struct guid *vm,
                struct vm *out, struct error *err)
{
    *out = (struct vm){ 0 };
    if (core_allow(who, ROLE_VIEWER, err) || backend_vm_get(core->backend, vm, out, err))
        return -1;
    return core_vm_show(core, who, out, err);
}

int core_sees(struct core *core, const struct principal *who, const struct guid *vm, struct error *err)
{
    struct vm seen;

    if (core_sees_all(who))
        return core_allow(who, ROLE_VIEWER, err);
    if (core_vm_get(core, who, vm, &seen, err))
        return -1;
    vm_clear(&seen);
    return 0;
}

int core_vm_capabilities(struct core *core, const struct principal *who, const struct guid *vm,
                         struct vm_capabilities *out, struct error *err)
{
    *out = (struct vm_capabilities){ 0 };
    if (core_sees(core, who, vm, err))
        return -1;
    return backend_vm_capabilities(core->backend, vm, out, err);
}

bool core_has_grace(const struct core *core)
{
    return core->config->snapshot_job_grace_ms > 0;
}

/* ---- snapshots ---- */

bool core_applied_get(struct core *core, const struct guid *vm, struct guid *snapshot)
{
    return store_applied_get(core->store, vm, snapshot);
}

/* A mark whose snapshot is not in the whole list goes, as another may come to its name. */
static void core_settle_applied(struct core *core, const struct guid *vm, const struct snapshot_list *list)
{
    struct error err = { 0 };
    bool found = false;
    struct guid id;

    if (!store_applied_get(core->store, vm, &id))
        return;
    for (size_t i = 0; i < list->count; i++)
        found = found || guid_equal(&list->items[i].id, &id);
    if (!found && store_applied_forget(core->store, vm, &id, &err))
        log_event(LOG_WARN, "store-forget", "message", err.message, "cause", err.cause, NULL);
}

/* Moves those that can be seen. */
static int core_snapshots_take(struct core *core, const struct guid *vm, struct snapshot_list *from,
                               struct snapshot_list *out, struct error *err)
{
    for (size_t i = 0; i < from->count; i++) {
        struct snapshot *snapshot = &from->items[i];
        if (jobs_withhold(core->jobs, &snapshot->id))
            continue;
        hint_put(&core->hint, &snapshot->id, vm);
        if (snapshot_list_take(out, snapshot))
            return error_set(err, ERR_NO_MEMORY, NULL);
        *snapshot = (struct snapshot){ 0 };
    }
    return 0;
}

/* Appends the snapshots of one machine that can be seen. */
static int core_snapshots_add(struct core *core, const struct guid *vm, const struct list_part *part,
                              struct snapshot_list *out, struct error *err)
{
    struct list_part next = part ? *part : (struct list_part){ 0 };
    size_t before = out->count;
    struct guid last;
    int result;
    bool more;

    do {
        struct snapshot_list list = { 0 };
        if (backend_snapshot_part(core->backend, vm, part ? &next : NULL, &list, err))
            return -1;
        if (!part)
            core_settle_applied(core, vm, &list);
        more = next.most && list.count == next.most;
        if (more) {
            last = list.items[list.count - 1].id;
            next.after = &last;
        }
        result = core_snapshots_take(core, vm, &list, out, err);
        snapshot_list_clear(&list);
    } while (result == 0 && more && out->count == before);
    return result;
}

static int core_snapshots_of_all(struct core *core, const struct principal *who,
                                 const struct list_part *part, struct snapshot_list *out,
                                 struct error *err)
{
    struct vm_list vms;
    int result = 0;

    if (core_vm_list(core, who, NULL, &vms, err))
        return -1;
    for (size_t i = 0; i < vms.count && result == 0 && !(part && part->only && out->count); i++) {
        struct error why = { 0 };
        /* A machine may go while we look at the others. */
        if (core_snapshots_add(core, &vms.items[i].id, part, out, &why) && why.code != ERR_NOT_FOUND)
            result = core_pass(err, &why);
    }
    vm_list_clear(&vms);
    return result;
}

static int core_snapshots_of_one(struct core *core, const struct principal *who,
                                 const struct guid *id, const struct list_part *part,
                                 struct snapshot_list *out, struct error *err)
{
    if (core_sees(core, who, id, err))
        return -1;
    return core_snapshots_add(core, id, part, out, err);
}

int core_snapshot_list(struct core *core, const struct principal *who, const struct guid *vm,
                       const struct list_part *part, struct snapshot_list *out, struct error *err)
{
    int result;

    *out = (struct snapshot_list){ 0 };
    result = vm ? core_snapshots_of_one(core, who, vm, part, out, err)
                : core_snapshots_of_all(core, who, part, out, err);
    if (result)
        snapshot_list_clear(out);
    return result;
}

/* Looks for a snapshot on one machine, or with vm NULL on all. */
static int core_snapshot_find(struct core *core, const struct principal *who, const struct guid *vm,
                              const struct guid *id, struct snapshot *out, struct error *err)
{
    const struct list_part part = { .only = id };
    struct snapshot_list list;
    bool found;

    if (core_snapshot_list(core, who, vm, &part, &list, err))
        return -1;
    found = list.count > 0;
    if (found) {
        *out = list.items[0];
        list.items[0] = (struct snapshot){ 0 };
    }
    snapshot_list_clear(&list);
    return found ? 0 : error_set(err, ERR_NOT_FOUND, NULL);
}

int core_snapshot_get(struct core *core, const struct principal *who, const struct guid *id,
                      struct snapshot *out, struct error *err)
{
    struct error why = { 0 };
    struct guid vm;

    *out = (struct snapshot){ 0 };
    if (core_allow(who, ROLE_VIEWER, err))
        return -1;
    if (jobs_withhold(core->jobs, id))
        return error_set(err, ERR_NOT_FOUND, NULL);
    if (hint_get(&core->hint, id, &vm)) {
        if (core_snapshot_find(core, who, &vm, id, out, &why) == 0)
            return 0;
        if (why.code != ERR_NOT_FOUND)
            return core_pass(err, &why);
    }
    return core_snapshot_find(core, who, NULL, id, out, err);
}
