/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/power.h"

#include "base/clock.h"
#include "core/attempt.h"

#include <stdio.h>
#include <stdlib.h>

/* The state that a change leads to, and what a machine in another one than it needs is told. */
static const struct {
    enum vm_state to;
    const char *why;
} rows[CHANGES] = {
    [CHANGE_START] = { VM_RUNNING, "Only a machine that is off or saved can be started." },
    [CHANGE_RESUME] = { VM_RUNNING, "Only a paused machine can be resumed." },
    [CHANGE_PAUSE] = { VM_PAUSED, "Only a running machine can be paused." },
    [CHANGE_SAVE] = { VM_SAVED, "Only a running or paused machine can be saved." },
    [CHANGE_FORGET] = { VM_OFF, "The machine has no saved state." },
    [CHANGE_OFF] = { VM_OFF, "The machine is off already." },
    [CHANGE_SHUTDOWN] = { VM_OFF, "Only a running machine can be shut down by its guest." },
    [CHANGE_REBOOT] = { VM_RUNNING, "Only a running machine can be restarted by its guest." },
    [CHANGE_RESET] = { VM_RUNNING, "Only a running or paused machine can be reset." },
};

enum job_kind power_kind(enum vm_change change)
{
    return (enum job_kind)(JOB_VM_CHANGE + change);
}

bool power_is_kind(enum job_kind kind)
{
    return kind >= JOB_VM_CHANGE && kind < JOB_VM_CHANGE + CHANGES;
}

int power_check(const struct vm *vm, enum vm_change change, struct error *err)
{
    if ((unsigned)change >= CHANGES)
        return error_set(err, ERR_INVALID_PARAMETER, NULL);
    return vm_change_allowed(vm->state, change)
               ? 0
               : error_set(err, ERR_INVALID_STATE, "%s", rows[change].why);
}

/* ---- work ---- */

struct power_task {
    struct attempt attempt;
    struct backend *backend;
    struct guid vm;
    enum vm_change change;
    int64_t until_ms; /* the guest is waited for, 0: it was not asked yet */
    long seconds;
};

static void power_task_free(void *opaque)
{
    struct power_task *task = opaque;

    if (task)
        attempt_clear(&task->attempt);
    free(task);
}

void *power_task_new(struct backend *backend, const struct vm *vm, enum vm_change change,
                     long seconds, struct error *err)
{
    struct power_task *task = calloc(1, sizeof(*task));

    if (!task) {
        error_set(err, ERR_NO_MEMORY, NULL);
        return NULL;
    }
    task->backend = backend;
    task->vm = vm->id;
    task->change = change;
    task->seconds = seconds;
    attempt_init(&task->attempt, backend, power_kind(change), &vm->id, &task->vm);
    return task;
}

/* Says until when a guest that is asked is waited for, as seconds since 1970. */
#define POWER_JOURNAL "change until %lld"

static int power_act(void *opaque, const struct backend_call *call, struct error *err)
{
    struct power_task *task = opaque;
    char state[64];

    snprintf(state, sizeof(state), POWER_JOURNAL, (long long)clock_now_us() / 1000000 + task->seconds);
    if (call->journal(call->opaque, state, err))
        return -1;
    return backend_vm_change(task->backend, call, &task->vm, task->change, err);
}

/* The machine's state; VM_OFF for one that has gone, as a transient one does. VM_UNKNOWN: cannot be told now. */
static enum vm_state power_look(struct backend *backend, const struct guid *id, struct error *why)
{
    enum vm_state state;
    struct vm vm;

    if (backend_vm_get(backend, id, &vm, why))
        return why->code == ERR_NOT_FOUND ? VM_OFF : VM_UNKNOWN;
    state = vm.state;
    vm_clear(&vm);
    return state;
}

/* One look at a guest that was asked to shut down. */
static enum job_outcome power_await(struct power_task *task, const struct backend_call *call,
                                    struct error *err)
{
    struct error why = { 0 };
    enum vm_state state = power_look(task->backend, &task->vm, &why);

    if (state == VM_OFF)
        return OUTCOME_COMPLETED;
    if (call->cancelled(call->opaque)) {
        error_set(err, ERR_CANCELLED, "The guest is no longer waited for; it may still shut down.");
        return OUTCOME_FAILED;
    }
    if (clock_mono_ms() < task->until_ms)
        return OUTCOME_WAIT;
    error_set(err, ERR_TIMEOUT, "The guest was asked to shut down, and has not done it in %ld seconds.",
              task->seconds);
    return OUTCOME_FAILED;
}

static enum job_outcome power_run(void *opaque, const struct backend_call *call, struct error *err)
{
    struct power_task *task = opaque;
    enum job_outcome outcome;

    if (task->until_ms)
        return power_await(task, call, err);
    outcome = attempt_run(&task->attempt, power_act, task, call, err);
    if (outcome != OUTCOME_COMPLETED || task->change != CHANGE_SHUTDOWN || task->attempt.asking)
        return outcome;
    task->until_ms = clock_mono_ms() + task->seconds * 1000;
    return power_await(task, call, err);
}

static const struct job_work quick_work = {
    .run = power_run,
    .release = power_task_free,
    .dropped = "The service was stopped before the machine's state was changed.",
};

static const struct job_work slow_work = {
    .run = power_run,
    .release = power_task_free,
    .dropped = "The service was stopped before the machine's state was changed.",
    .cancellable = true,
};

const struct job_work *power_work(enum vm_change change)
{
    return change == CHANGE_SAVE || change == CHANGE_SHUTDOWN ? &slow_work : &quick_work;
}

/* The machine is not in the state that it was to come to. 0: it never will be. ERR_STILL_RUNNING: it may, and whether
 * it does will show. */
static int power_wait(const struct recover_case *what, enum vm_change change, enum vm_state state, struct error *err)
{
    long long until = 0;

    if (change == CHANGE_SHUTDOWN && sscanf(what->state, POWER_JOURNAL, &until) == 1 &&
        clock_now_us() / 1000000 < until)
        return error_set(err, ERR_STILL_RUNNING, "The guest may still shut down.");
    if (state == VM_STOPPING && rows[change].to == VM_OFF)
        return error_set(err, ERR_IN_USE, "The machine is still shutting down.");
    return 0;
}

int power_recover(const struct recover_case *what, enum recovery *out, struct error *err)
{
    enum vm_change change = (enum vm_change)(what->kind - JOB_VM_CHANGE);
    enum vm_state state;
    struct vm vm;
    bool working;

    *out = RECOVERY_NONE;
    if (!what->state) /* it was not begun */
        return 0;
    /* asked for first: what ends between the two questions has come to its state */
    if (backend_vm_working(what->backend, &what->vm, &working, err) ||
        backend_vm_get(what->backend, &what->vm, &vm, err))
        return -1;
    state = vm.state;
    vm_clear(&vm);
    if (change == CHANGE_REBOOT || change == CHANGE_RESET)
        return error_set(err, ERR_NOT_SUPPORTED, "whether the machine has restarted does not show.");
    if (state != rows[change].to && working)
        return error_set(err, ERR_STILL_RUNNING, "The hypervisor still changes the machine's state.");
    if (state != rows[change].to)
        return power_wait(what, change, state, err);
    *out = RECOVERY_WHOLE;
    return 0;
}
