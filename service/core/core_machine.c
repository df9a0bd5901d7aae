/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is done to machines themselves, and the names and notes of snapshots.
 */
#include "core/core_inside.h"

#include "core/edit.h"
#include "core/power.h"
#include "core/text.h"

enum { GIVE_UP_MS = 5000 };

/* A job of this kind, with its task (NULL: err is set), for a machine that is in hand. */
struct order {
    enum job_kind kind;
    const struct vm *vm;
    struct guid snapshot;
    const struct job_work *work;
    void *task;
};

/* Takes the task. */
static int core_order(struct core *core, const struct principal *who, const struct order *order,
                      struct snapshot_ticket *out, struct error *err)
{
    struct job job = { 0 };
    int result;

    if (core_job_describe(&job, order->kind, who, order->vm, &order->snapshot)) {
        order->work->release(order->task);
        result = error_set(err, ERR_NO_MEMORY, NULL);
    } else {
        out->job = job.id;
        out->snapshot = job.snapshot;
        result = core_job_start(core, &job, order->work, order->task, err);
    }
    job_clear(&job);
    if (result == 0)
        core_job_await(core, who, &order->vm->id, out);
    return result;
}

/* The machine, for one who may change it. */
static int core_machine(struct core *core, const struct principal *who, const struct guid *id,
                        struct vm *out, struct error *err)
{
    if (core_allow(who, ROLE_OPERATOR, err) || core_vm_get(core, who, id, out, err))
        return -1;
    access_note_change(who, id, NULL);
    return 0;
}

/* ---- states ---- */

/* Nobody needs to wait for a guest any more whose machine is turned off. */
static void core_give_up(struct core *core, const struct guid *vm)
{
    struct guid job;

    if (jobs_of_machine(core->jobs, vm, &job) == power_kind(CHANGE_SHUTDOWN) &&
        jobs_cancel(core->jobs, &job, JOB_TERMINATED, NULL) == 0)
        jobs_wait(core->jobs, &job, GIVE_UP_MS);
}

int core_vm_change(struct core *core, const struct principal *who, const struct guid *id,
                   enum vm_change change, struct snapshot_ticket *out, struct error *err)
{
    struct order order = { .work = power_work(change) };
    struct vm vm;
    int result;

    *out = (struct snapshot_ticket){ 0 };
    if (core_machine(core, who, id, &vm, err))
        return -1;
    result = power_check(&vm, change, err);
    if (result == 0 && (change == CHANGE_OFF || change == CHANGE_RESET))
        core_give_up(core, id);
    if (result == 0) {
        order.kind = power_kind(change);
        order.vm = &vm;
        order.task = power_task_new(core->backend, &vm, change,
                                    core->config->machine_shutdown_seconds, err);
        result = core_order(core, who, &order, out, err);
    }
    if (result == 0)
        asked_put(&core->asked, id, order.kind);
    vm_clear(&vm);
    return result;
}

static void core_no_progress(void *opaque, unsigned percent)
{
    (void)opaque;
    (void)percent;
}

static int core_no_journal(void *opaque, const char *state, struct error *err)
{
    (void)opaque;
    (void)state;
    (void)err;
    return 0;
}

static bool core_not_cancelled(void *opaque)
{
    (void)opaque;
    return false;
}

int core_vm_ask(struct core *core, const struct principal *who, const struct guid *id,
                enum vm_change change, struct error *err)
{
    const struct backend_call call = { .progress = core_no_progress,
                                       .journal = core_no_journal,
                                       .note = core_no_journal,
                                       .agent_seconds = (int)core->config->snapshot_agent_seconds,
                                       .cancelled = core_not_cancelled };
    struct vm vm;
    int result;

    if (core_machine(core, who, id, &vm, err))
        return -1;
    result = power_check(&vm, change, err);
    if (result == 0 && vm.doing)
        result = error_set(err, ERR_IN_USE, NULL);
    if (result == 0)
        result = backend_vm_change(core->backend, &call, id, change, err);
    if (result == 0)
        asked_put(&core->asked, id, power_kind(change));
    vm_clear(&vm);
    return result;
}

/* ---- names, notes, settings ---- */

int core_vm_edit(struct core *core, const struct principal *who, const struct guid *id,
                 const struct vm_edit *edit, struct snapshot_ticket *out, struct error *err)
{
    struct order order = { .kind = JOB_VM_EDIT, .work = &edit_work };
    struct vm vm;
    int result;

    *out = (struct snapshot_ticket){ 0 };
    if (core_machine(core, who, id, &vm, err))
        return -1;
    result = edit_check(edit->title, edit->settings.notes, err);
    if (result == 0 && edit->title && !text_is_line(edit->title))
        result = error_set(err, ERR_INVALID_PARAMETER, "The name of a machine cannot have line breaks.");
    if (result == 0 && edit->which & SETTING_POLICY &&
        (edit->settings.policy < POLICY_DISABLED || edit->settings.policy > POLICY_STANDARD))
        result = error_set(err, ERR_INVALID_PARAMETER, "UserSnapshotType is none of 2, 3, 4 and 5.");
    if (result == 0) {
        order.vm = &vm;
        order.task = edit_machine_task(core->backend, id, edit, err);
        result = core_order(core, who, &order, out, err);
    }
    vm_clear(&vm);
    return result;
}

int core_snapshot_edit(struct core *core, const struct principal *who,
                       const struct snapshot_edit *edit, struct snapshot_ticket *out,
                       struct error *err)
{
    struct order order = { .kind = JOB_SNAPSHOT_EDIT, .snapshot = edit->id, .work = &edit_work };
    struct snapshot_edit placed = *edit;
    struct snapshot snapshot;
    struct vm vm;
    int result;

    *out = (struct snapshot_ticket){ 0 };
    if (core_allow(who, ROLE_OPERATOR, err) ||
        core_snapshot_get(core, who, &edit->id, &snapshot, err))
        return -1;
    placed.vm = snapshot.vm;
    snapshot_clear(&snapshot);
    if (core_machine(core, who, &placed.vm, &vm, err))
        return -1;
    result = edit_check(edit->name, edit->notes, err);
    if (result == 0 && edit->name && !edit->name[0])
        result = error_set(err, ERR_INVALID_PARAMETER, "ElementName is empty.");
    if (result == 0) {
        order.vm = &vm;
        order.task = edit_snapshot_task(core->backend, &placed, err);
        result = core_order(core, who, &order, out, err);
    }
    vm_clear(&vm);
    return result;
}

int core_vm_settings(struct core *core, const struct principal *who, const struct guid *id,
                     struct vm_settings *out, struct error *err)
{
    *out = (struct vm_settings){ 0 };
    if (core_sees(core, who, id, err))
        return -1;
    return backend_vm_settings(core->backend, id, out, err);
}

/* ---- keyboard and screen ---- */

/* The machine runs. */
static int core_running(struct core *core, const struct principal *who, const struct guid *id,
                        struct error *err)
{
    bool running;
    struct vm vm;

    if (core_machine(core, who, id, &vm, err))
        return -1;
    running = vm.state == VM_RUNNING || vm.state == VM_PAUSED;
    vm_clear(&vm);
    return running ? 0 : error_set(err, ERR_INVALID_STATE, "The machine is not running.");
}

int core_vm_keys(struct core *core, const struct principal *who, const struct guid *id,
                 const struct key_event *events, size_t count, struct error *err)
{
    return core_running(core, who, id, err)
               ? -1
               : backend_vm_keys(core->backend, id, events, count, err);
}

int core_vm_picture(struct core *core, const struct principal *who, const struct guid *id,
                    struct picture *out, struct error *err)
{
    *out = (struct picture){ 0 };
    return core_running(core, who, id, err) ? -1
                                            : backend_vm_picture(core->backend, id, out, err);
}
