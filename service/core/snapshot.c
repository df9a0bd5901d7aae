/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/snapshot.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/attempt.h"
#include "core/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- rules ---- */

/* States a snapshot cannot be made in; in every other one the backend has the last word. */
static const struct {
    enum vm_state state;
    const char *why;
} refused[] = {
    { VM_SAVED, "The machine is saved: a snapshot of its disks would not fit the memory that waits "
                "on disk. Start the machine, or discard its saved state, and try again." },
    { VM_CRASHED, "The machine has crashed. Turn it off or restart it, and try again." },
    { VM_STOPPING, "The machine is shutting down. Wait until it is off, and try again." },
};

static int snapshot_check_state(const struct vm *vm, struct error *err)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        if (refused[i].state == vm->state)
            return error_set(err, ERR_INVALID_STATE, "%s", refused[i].why);
    return 0;
}

static int snapshot_check_text(const struct snapshot_order *order, struct error *err)
{
    if (order->name && !text_is_lines(order->name))
        return error_set(err, ERR_INVALID_PARAMETER,
                         "The name is not valid UTF-8, or has characters that XML cannot carry.");
    if (order->name && utf8_length(order->name) > SNAPSHOT_NAME_MOST)
        return error_set(err, ERR_INVALID_PARAMETER, "The name is longer than %d characters.",
                         SNAPSHOT_NAME_MOST);
    if (order->notes && strnlen(order->notes, SNAPSHOT_NOTES_MOST + 1) > SNAPSHOT_NOTES_MOST)
        return error_set(err, ERR_INVALID_PARAMETER, "The notes are longer than %d octets.",
                         SNAPSHOT_NOTES_MOST);
    if (order->notes && !text_is_lines(order->notes))
        return error_set(err, ERR_INVALID_PARAMETER,
                         "The notes are not valid UTF-8, or have characters that XML cannot carry.");
    return 0;
}

static bool snapshot_kind_known(enum snapshot_kind kind)
{
    return kind == SNAPSHOT_FULL || kind == SNAPSHOT_DISK || kind == SNAPSHOT_RECOVERY;
}

static bool snapshot_allowed(const struct vm_capabilities *caps, const struct vm *vm,
                             const struct snapshot_order *order)
{
    if (order->ignore_unsupported_disks && caps->partial &&
        (order->kind != SNAPSHOT_FULL || vm->state == VM_OFF))
        return true;
    switch (order->kind) {
    case SNAPSHOT_FULL:
        return caps->full;
    case SNAPSHOT_DISK:
        return caps->disk;
    case SNAPSHOT_RECOVERY:
        return caps->recovery;
    default:
        return false;
    }
}

int snapshot_check(const struct vm_prospect *prospect, const struct snapshot_order *order, struct error *err)
{
    const struct vm_capabilities *can = &prospect->can;

    if (!snapshot_kind_known(order->kind))
        return error_set(err, ERR_INVALID_TYPE, "There is no such kind of snapshot.");
    if ((unsigned)order->consistency > CONSISTENCY_CRASH)
        return error_set(err, ERR_INVALID_PARAMETER, "There is no such consistency level.");
    /* The state goes before the kind: it often is why a kind is missing, and the user can change
     * it. */
    if (snapshot_check_text(order, err) || snapshot_check_state(&prospect->vm, err))
        return -1;
    if (!snapshot_allowed(can, &prospect->vm, order))
        return error_set(err, ERR_INVALID_TYPE, can->why[0] ? "%s" : NULL, can->why);
    /* Whether the guest agent answers is for the backend to find out: a return code could not tell the
     * caller that it is missing, the job's ErrorDescription does. */
    return 0;
}

char *snapshot_default_name(const struct vm *vm, int64_t now_us)
{
    const time_t now = (time_t)(now_us / 1000000);
    char when[64] = "", *title, *name = NULL;
    struct tm local;

    if (localtime_r(&now, &local))
        strftime(when, sizeof(when), " - (%Y-%m-%d - %H:%M:%S)", &local);
    title = text_clean(vm->title, SNAPSHOT_NAME_MOST - strlen(when));
    if (title && asprintf(&name, "%s%s", title, when) < 0)
        name = NULL;
    free(title);
    return name;
}

/* ---- work ---- */

struct snapshot_task {
    struct attempt attempt;
    struct backend *backend;
    struct snapshot_spec spec; /* its strings are the two below */
    bool fall_back;
    char *name, *notes;
};

static void snapshot_task_free(void *opaque)
{
    struct snapshot_task *task = opaque;

    if (!task)
        return;
    attempt_clear(&task->attempt);
    free(task->name);
    free(task->notes);
    free(task);
}

void *snapshot_task_new(struct backend *backend, const struct vm *vm,
                        const struct snapshot_order *order, const struct guid *id,
                        struct error *err)
{
    struct snapshot_task *task = calloc(1, sizeof(*task));
    bool named = order->name && order->name[0];

    if (!task)
        goto fail;
    task->name = named ? strdup(order->name) : snapshot_default_name(vm, clock_now_us());
    task->notes = order->notes ? strdup(order->notes) : NULL;
    if (!task->name || (order->notes && !task->notes))
        goto fail;
    task->backend = backend;
    task->spec = (struct snapshot_spec){
        .vm = vm->id,
        .id = *id,
        .kind = order->kind,
        .consistency = order->consistency,
        .ignore_unsupported_disks = order->ignore_unsupported_disks,
        .name = task->name,
        .notes = task->notes,
    };
    task->fall_back = order->fall_back;
    attempt_init(&task->attempt, backend, JOB_SNAPSHOT_CREATE, &vm->id, id);
    return task;
fail:
    snapshot_task_free(task);
    error_set(err, ERR_NO_MEMORY, NULL);
    return NULL;
}

static int snapshot_make(void *opaque, const struct backend_call *call, struct error *err)
{
    struct snapshot_task *task = opaque;
    struct error why = { 0 };

    if (backend_snapshot_create(task->backend, call, &task->spec, &why) == 0)
        return 0;
    if (!task->fall_back || why.code != ERR_AGENT) {
        *err = why;
        return -1;
    }
    log_event(LOG_WARN, "snapshot-falls-back", "snapshot", GUID_STR(&task->spec.id), "message",
              why.message, "cause", why.cause, NULL);
    task->spec.kind = SNAPSHOT_FULL;
    task->spec.consistency = CONSISTENCY_ANY;
    return backend_snapshot_create(task->backend, call, &task->spec, err);
}

static enum job_outcome snapshot_run(void *opaque, const struct backend_call *call,
                                     struct error *err)
{
    struct snapshot_task *task = opaque;

    return attempt_run(&task->attempt, snapshot_make, task, call, err);
}

const struct job_work snapshot_work = {
    .run = snapshot_run,
    .release = snapshot_task_free,
    .dropped = "The service was stopped before the snapshot was begun.",
};
