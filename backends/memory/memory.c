/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory/inside.h"
#include "memory/memory.h"
#include "memory/lists.h"
#include "memory/parts.h"
#include "memory/script.h"
#include "memory/tree.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY_STEPS = 10 }; /* progress reports of a create */

static int memory_open(void **self, const char *uri, struct error *err)
{
    struct memory *memory = calloc(1, sizeof(*memory));

    if (!memory)
        return error_set(err, ERR_NO_MEMORY, NULL);
    if (script_read(&memory->script, uri, err)) {
        free(memory);
        return -1;
    }
    pthread_mutex_init(&memory->lock, NULL);
    pthread_cond_init(&memory->pause, NULL);
    *self = memory;
    return 0;
}

static void memory_close(void *self)
{
    struct memory *memory = self;

    script_clear(&memory->script);
    pthread_cond_destroy(&memory->pause);
    pthread_mutex_destroy(&memory->lock);
    free(memory);
}

/* The scripted failure of an operation, if it is due. The lock is held. */
int memory_fail(struct memory *memory, enum script_op op, struct error *err)
{
    struct script *script = &memory->script;

    if (script->fail != op)
        return 0;
    if (script->fail_after > 0) {
        script->fail_after--;
        return 0;
    }
    error_cause(err, "as the script says");
    return error_set(err, script->fail_code, NULL);
}

struct script_machine *memory_find(struct memory *memory, const struct guid *id,
                                   struct error *err)
{
    return lists_find(&memory->script, id, err);
}

static int memory_ping(void *self, struct error *err)
{
    struct memory *memory = self;
    int result;

    pthread_mutex_lock(&memory->lock);
    result = memory_fail(memory, SCRIPT_PING, err);
    pthread_mutex_unlock(&memory->lock);
    return result;
}

static int memory_vm_part(void *self, const struct list_part *part, struct vm_list *out,
                          struct error *err)
{
    struct memory *memory = self;
    int result;

    pthread_mutex_lock(&memory->lock);
    result = memory_fail(memory, SCRIPT_LIST, err);
    if (result == 0)
        result = lists_vms(&memory->script, part, out, err);
    pthread_mutex_unlock(&memory->lock);
    if (result)
        vm_list_clear(out);
    return result;
}

static int memory_vm_list(void *self, struct vm_list *out, struct error *err)
{
    return memory_vm_part(self, NULL, out, err);
}

static int memory_vm_get(void *self, const struct guid *vm, struct vm *out, struct error *err)
{
    struct memory *memory = self;
    struct script_machine *machine;
    int result = -1;

    pthread_mutex_lock(&memory->lock);
    machine = memory_find(memory, vm, err);
    if (machine)
        result = lists_copy_vm(out, &machine->vm, err);
    pthread_mutex_unlock(&memory->lock);
    return result;
}

static int memory_vm_capabilities(void *self, const struct guid *vm, struct vm_capabilities *out,
                                  struct error *err)
{
    struct memory *memory = self;
    struct script_machine *machine;
    int result = -1;

    pthread_mutex_lock(&memory->lock);
    machine = memory_find(memory, vm, err);
    if (machine && memory_fail(memory, SCRIPT_CAPABILITIES, err) == 0) {
        *out = machine->capabilities;
        result = 0;
    }
    pthread_mutex_unlock(&memory->lock);
    return result;
}

static int memory_snapshot_part(void *self, const struct guid *vm, const struct list_part *part,
                                struct snapshot_list *out, struct error *err)
{
    struct memory *memory = self;
    struct script_machine *machine;
    int result = -1;

    pthread_mutex_lock(&memory->lock);
    machine = memory_find(memory, vm, err);
    if (machine)
        result = lists_snapshots(machine, part, out, err);
    pthread_mutex_unlock(&memory->lock);
    if (result)
        snapshot_list_clear(out);
    return result;
}

static int memory_snapshot_list(void *self, const struct guid *vm, struct snapshot_list *out,
                                struct error *err)
{
    return memory_snapshot_part(self, vm, NULL, out, err);
}

/* What the hypervisors refuse, refused here in the same words of errors.def. */
static int memory_check(const struct script_machine *machine, const struct snapshot_spec *spec,
                        struct error *err)
{
    const struct vm_capabilities *can = &machine->capabilities;
    const bool allowed[] = { [SNAPSHOT_FULL] = can->full,
                             [SNAPSHOT_DISK] = can->disk,
                             [SNAPSHOT_RECOVERY] = can->recovery };
    enum vm_state state = machine->vm.state;

    if (spec->kind < SNAPSHOT_FULL || spec->kind > SNAPSHOT_RECOVERY || !allowed[spec->kind])
        return error_set(err, ERR_INVALID_TYPE, NULL);
    if (!machine->vm.persistent)
        return error_set(err, ERR_INVALID_STATE, "The machine is transient.");
    if (state != VM_RUNNING && state != VM_PAUSED && state != VM_OFF)
        return error_set(err, ERR_INVALID_STATE, NULL);
    if (spec->consistency == CONSISTENCY_APPLICATION && spec->kind != SNAPSHOT_FULL &&
        state != VM_OFF && (!can->agent || state != VM_RUNNING))
        return error_set(err, ERR_AGENT, "No guest agent answers in this machine.");
    if (tree_find(&machine->snapshots, &spec->id))
        return error_set(err, ERR_EXISTS, NULL);
    return 0;
}

/* The new snapshot becomes the current one, and the old current one its parent. */
static int memory_add(struct script_machine *machine, const struct snapshot_spec *spec,
                      struct error *err)
{
    struct snapshot made = { .id = spec->id,
                             .vm = spec->vm,
                             .kind = spec->kind,
                             .has_memory =
                                 spec->kind == SNAPSHOT_FULL && machine->vm.state != VM_OFF,
                             .created_us = clock_now_us() };

    made.name = strdup(spec->name);
    made.notes = spec->notes ? strdup(spec->notes) : NULL;
    if (made.name && (!spec->notes || made.notes) && lists_add(machine, &made) == 0)
        return 0;
    snapshot_clear(&made);
    return error_set(err, ERR_NO_MEMORY, NULL);
}

static void memory_wait(struct memory *memory, long ms)
{
    const int64_t until = clock_mono_ms() + ms;

    pthread_mutex_lock(&memory->lock);
    while (clock_wait(&memory->pause, &memory->lock, until))
        continue;
    pthread_mutex_unlock(&memory->lock);
}

/* Ends early when the action is cancelled. */
void memory_delay(struct memory *memory, const struct backend_call *call)
{
    long delay = memory->script.delay_ms; /* fixed once open */

    for (int i = 0; i < MEMORY_STEPS && delay > 0; i++) {
        if (call->cancelled && call->cancelled(call->opaque))
            return;
        call->progress(call->opaque, (unsigned)i * 100 / MEMORY_STEPS);
        memory_wait(memory, delay * (i + 1) / MEMORY_STEPS - delay * i / MEMORY_STEPS);
    }
}

static int memory_snapshot_create(void *self, const struct backend_call *call,
                                  const struct snapshot_spec *spec, struct error *err)
{
    struct memory *memory = self;
    struct script_machine *machine;
    int result = -1;

    pthread_mutex_lock(&memory->lock);
    machine = lists_find(&memory->script, &spec->vm, err);
    if (machine)
        result = memory_check(machine, spec, err);
    pthread_mutex_unlock(&memory->lock);
    if (result || call->journal(call->opaque, "memory 1 create", err))
        return -1;
    memory_delay(memory, call);
    /* Machines never move or go while the backend is open. */
    pthread_mutex_lock(&memory->lock);
    result = memory_fail(memory, SCRIPT_CREATE, err);
    if (result == 0)
        result = memory_add(machine, spec, err);
    pthread_mutex_unlock(&memory->lock);
    if (result == 0)
        call->progress(call->opaque, 100);
    return result;
}

/* The machine of a change and, of its tree, the snapshot; NULL with err. The lock is held. */
static struct script_machine *memory_target(struct memory *memory,
                                            const struct snapshot_change *change, struct error *err)
{
    struct script_machine *machine = lists_find(&memory->script, &change->vm, err);

    if (!machine || tree_find(&machine->snapshots, &change->id))
        return machine;
    error_set(err, ERR_NOT_FOUND, "No such snapshot.");
    return NULL;
}

static int memory_may_apply(const struct script_machine *machine,
                            const struct snapshot_change *change, struct error *err)
{
    enum vm_state state = machine->vm.state;

    if (!machine->vm.persistent)
        return error_set(err, ERR_INVALID_STATE, "The machine is transient.");
    if (state == VM_OFF || state == VM_SAVED || change->turn_off)
        return 0;
    return error_set(err, ERR_INVALID_STATE, NULL);
}

/* What comes before a change: its rules, its journal, its delay. */
static int memory_change_begin(struct memory *memory, const struct backend_call *call,
                               const struct snapshot_change *change, bool apply, struct error *err)
{
    struct script_machine *machine;
    int result = -1;

    pthread_mutex_lock(&memory->lock);
    machine = memory_target(memory, change, err);
    if (machine)
        result = apply ? memory_may_apply(machine, change, err) : 0;
    pthread_mutex_unlock(&memory->lock);
    if (result || call->journal(call->opaque, "memory 1 change", err))
        return -1;
    memory_delay(memory, call);
    return 0;
}

static int memory_snapshot_apply(void *self, const struct backend_call *call,
                                 const struct snapshot_change *change, struct error *err)
{
    struct memory *memory = self;
    struct script_machine *machine;
    int result;

    if (memory_change_begin(memory, call, change, true, err))
        return -1;
    pthread_mutex_lock(&memory->lock);
    result = memory_fail(memory, SCRIPT_APPLY, err);
    machine = result ? NULL : memory_target(memory, change, err);
    if (machine) {
        tree_turn_to(&machine->snapshots, &change->id);
        machine->vm.state =
            tree_find(&machine->snapshots, &change->id)->has_memory ? VM_SAVED : VM_OFF;
        machine->vm.started_us = 0;
    }
    pthread_mutex_unlock(&memory->lock);
    if (machine)
        call->progress(call->opaque, 100);
    return machine ? 0 : -1;
}

static int memory_snapshot_destroy(void *self, const struct backend_call *call,
                                   const struct snapshot_change *change, struct error *err)
{
    struct memory *memory = self;
    struct script_machine *machine = NULL;
    int result;

    if (memory_change_begin(memory, call, change, false, err))
        return -1;
    pthread_mutex_lock(&memory->lock);
    result = memory_fail(memory, SCRIPT_DESTROY, err);
    if (result == 0 && (machine = memory_target(memory, change, err)) == NULL)
        result = -1;
    if (result == 0 && !change->tree)
        tree_remove(&machine->snapshots, &change->id);
    else if (result == 0 && tree_prune(&machine->snapshots, &change->id))
        result = error_set(err, ERR_NO_MEMORY, NULL);
    if (machine)
        lists_removed(machine);
    pthread_mutex_unlock(&memory->lock);
    if (result == 0)
        call->progress(call->opaque, 100);
    return result;
}

/* Nothing is ever half-done here. */
static bool memory_done(const struct recovery_order *order, const struct snapshot *snapshot)
{
    switch (order->kind) {
    case JOB_SNAPSHOT_CREATE:
        return snapshot != NULL;
    case JOB_SNAPSHOT_APPLY:
        return snapshot && snapshot->current;
    default:
        return order->state && !snapshot;
    }
}

static int memory_snapshot_recover(void *self, const struct recovery_order *order,
                                   enum recovery *out, struct error *err)
{
    struct memory *memory = self;
    struct script_machine *machine;

    (void)err;
    pthread_mutex_lock(&memory->lock);
    machine = lists_find(&memory->script, &order->vm, NULL);
    if (machine && memory_done(order, tree_find(&machine->snapshots, &order->snapshot)))
        *out = RECOVERY_WHOLE;
    pthread_mutex_unlock(&memory->lock);
    return 0;
}

static int memory_hardware(void *self, const struct guid *vm, const struct guid *snapshot,
                           struct hardware *out, struct error *err)
{
    struct memory *memory = self;
    struct script_machine *machine;
    bool known = !snapshot;
    int result = -1;

    pthread_mutex_lock(&memory->lock);
    machine = memory_find(memory, vm, err);
    if (machine && !known)
        known = lists_has_snapshot(machine, snapshot, err);
    if (machine && known)
        result = parts_make(machine, snapshot, out, err);
    else if (machine && !err->code)
        error_set(err, ERR_NOT_FOUND, NULL);
    pthread_mutex_unlock(&memory->lock);
    return result;
}

static int memory_host(void *self, struct host *out, struct error *err)
{
    (void)self;
    return parts_host(out, err);
}

static int memory_network_list(void *self, struct network_list *out, struct error *err)
{
    (void)self;
    return parts_networks(out, err);
}

const struct backend_ops memory_ops = {
    .size = sizeof(struct backend_ops),
    .api = BACKEND_API,
    .name = "memory",
    .threads = BACKEND_PARALLEL,
    .prompt = true,
    .open = memory_open,
    .close = memory_close,
    .ping = memory_ping,
    .vm_list = memory_vm_list,
    .vm_get = memory_vm_get,
    .vm_capabilities = memory_vm_capabilities,
    .vm_part = memory_vm_part,
    .snapshot_part = memory_snapshot_part,
    .snapshot_list = memory_snapshot_list,
    .hardware = memory_hardware,
    .host = memory_host,
    .network_list = memory_network_list,
    .snapshot_create = memory_snapshot_create,
    .snapshot_recover = memory_snapshot_recover,
    .snapshot_apply = memory_snapshot_apply,
    .snapshot_destroy = memory_snapshot_destroy,
    .vm_change = memory_vm_change,
    .vm_keys = memory_vm_keys,
    .vm_picture = memory_vm_picture,
    .vm_settings = memory_vm_settings,
    .vm_edit = memory_vm_edit,
    .snapshot_edit = memory_snapshot_edit,
};
