/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/life.h"

#include "core/attempt.h"

#include <stdlib.h>

/* ---- rules ---- */

/* As Hyper-V: who applies a snapshot says first what becomes of what runs. */
static const struct {
    enum vm_state state;
    bool may_turn_off; /* the configuration can allow it */
    const char *why;
} refused[] = {
    { VM_RUNNING, true, "The machine is running. Turn it off or save it, and try again." },
    { VM_PAUSED, true, "The machine is paused. Turn it off or save it, and try again." },
    { VM_CRASHED, true, "The machine has crashed. Turn it off, and try again." },
    { VM_STOPPING, false, "The machine is shutting down. Wait until it is off, and try again." },
    { VM_UNKNOWN, false, "The machine is in a state that is not known here." },
};

int life_check_apply(const struct vm *vm, bool turn_off, struct error *err)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        if (refused[i].state == vm->state && !(turn_off && refused[i].may_turn_off))
            return error_set(err, ERR_INVALID_STATE, "%s", refused[i].why);
    return 0;
}

/* ---- work ---- */

struct life_task {
    struct attempt attempt;
    struct backend *backend;
    struct snapshot_change change;
};

static void life_task_free(void *opaque)
{
    struct life_task *task = opaque;

    if (task)
        attempt_clear(&task->attempt);
    free(task);
}

void *life_task_new(struct backend *backend, enum job_kind kind, const struct snapshot *snapshot,
                    bool turn_off, struct error *err)
{
    struct life_task *task = calloc(1, sizeof(*task));

    if (!task) {
        error_set(err, ERR_NO_MEMORY, NULL);
        return NULL;
    }
    task->backend = backend;
    task->change = (struct snapshot_change){ .vm = snapshot->vm,
                                             .id = snapshot->id,
                                             .turn_off = turn_off,
                                             .tree = kind == JOB_SNAPSHOT_DESTROY_TREE };
    attempt_init(&task->attempt, backend, kind, &snapshot->vm, &snapshot->id);
    return task;
}

static int life_apply(void *opaque, const struct backend_call *call, struct error *err)
{
    struct life_task *task = opaque;

    return backend_snapshot_apply(task->backend, call, &task->change, err);
}

static int life_destroy(void *opaque, const struct backend_call *call, struct error *err)
{
    struct life_task *task = opaque;

    return backend_snapshot_destroy(task->backend, call, &task->change, err);
}

static enum job_outcome life_run(void *opaque, const struct backend_call *call, struct error *err)
{
    struct life_task *task = opaque;
    bool apply = task->attempt.lost.kind == JOB_SNAPSHOT_APPLY;

    return attempt_run(&task->attempt, apply ? life_apply : life_destroy, task, call, err);
}

static const struct job_work apply_work = {
    .run = life_run,
    .release = life_task_free,
    .dropped = "The service was stopped before the snapshot was applied.",
};

static const struct job_work destroy_work = {
    .run = life_run,
    .release = life_task_free,
    .dropped = "The service was stopped before the snapshot was removed.",
};

const struct job_work *life_work(enum job_kind kind)
{
    return kind == JOB_SNAPSHOT_APPLY ? &apply_work : &destroy_work;
}
