/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/core_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "core/life.h"
#include "core/snapshot.h"
#include "core/text.h"

#include <stdlib.h>
#include <string.h>

static bool core_turn_off(const struct core *core)
{
    return core->config->snapshot_apply_running == LIFE_TURN_OFF;
}

/* ---- jobs ---- */

/* "Snapshot of demo", to be freed; NULL without memory. */
static char *core_job_title(enum job_kind kind, const struct vm *vm)
{
    const char *format = job_kind_row(kind)->title, *gap = strstr(format, "%s");
    char *machine = text_clean(vm->title, SNAPSHOT_NAME_MOST), *title = NULL;

    if (machine && asprintf(&title, "%.*s%s%s", (int)(gap - format), format, machine, gap + 2) < 0)
        title = NULL;
    free(machine);
    return title;
}

int core_job_describe(struct job *job, enum job_kind kind, const struct principal *who,
                      const struct vm *vm, const struct guid *snapshot)
{
    *job = (struct job){
        .id = guid_random(),
        .kind = kind,
        .state = JOB_RUNNING,
        .vm = vm->id,
        .snapshot = *snapshot,
        .owner = strdup(who->name),
        .title = core_job_title(kind, vm),
        .submitted_us = clock_now_us(),
    };
    job->changed_us = job->submitted_us;
    return job->owner && job->title ? 0 : -1;
}

int core_job_start(struct core *core, struct job *job, const struct job_work *work, void *task,
                   struct error *err)
{
    int result = task ? jobs_submit(core->jobs, job, work, task, err) : -1;

    if (result)
        work->release(task);
    return result;
}

void core_job_await(struct core *core, const struct principal *who, const struct guid *vm,
                    struct snapshot_ticket *ticket)
{
    access_note_change(who, vm, &ticket->job);
    log_event(LOG_INFO, "job-submit", "job", GUID_STR(&ticket->job), "machine", GUID_STR(vm),
              "snapshot", GUID_STR(&ticket->snapshot), "owner", who->name, NULL);
    /* without a grace the caller always follows the job, however fast it was */
    ticket->state = core->config->snapshot_job_grace_ms
                        ? jobs_wait(core->jobs, &ticket->job, core->config->snapshot_job_grace_ms)
                        : JOB_RUNNING;
}

/* ---- making one ---- */

/* The order is right: makes a job of it. */
static int core_snapshot_submit(struct core *core, const struct principal *who, const struct vm *vm,
                                const struct snapshot_order *order, struct snapshot_ticket *out,
                                struct error *err)
{
    struct guid promised = guid_timed();
    struct job job = { 0 };
    int result;

    result = core_job_describe(&job, JOB_SNAPSHOT_CREATE, who, vm, &promised)
                 ? error_set(err, ERR_NO_MEMORY, NULL)
                 : 0;
    out->job = job.id;
    out->snapshot = promised;
    if (result == 0)
        result = core_job_start(core, &job, &snapshot_work,
                                snapshot_task_new(core->backend, vm, order, &promised, err), err);
    job_clear(&job);
    return result;
}

/* What the plain kind is for this machine (UserSnapshotType). Production: disks that the guest has made consistent,
 * which are so in any case where it does not run. */
static int core_apply_policy(const struct vm_prospect *prospect, struct snapshot_order *order, struct error *err)
{
    enum vm_state state = prospect->vm.state;
    bool first = prospect->policy == POLICY_PRODUCTION_FIRST;

    if (order->kind != SNAPSHOT_FULL)
        return 0;
    if (prospect->policy == POLICY_DISABLED)
        return error_set(err, ERR_INVALID_TYPE, "Snapshots of this machine are disabled; its UserSnapshotType says so.");
    order->fall_back = first && prospect->can.full;
    if (prospect->policy == POLICY_PRODUCTION || (first && prospect->can.agent && state == VM_RUNNING)) {
        order->kind = SNAPSHOT_DISK;
        if (state != VM_OFF)
            order->consistency = CONSISTENCY_APPLICATION;
    }
    return 0;
}

/* The machine, for one who may make a snapshot of it, and what is to be known for that. */
static int core_prospect(struct core *core, const struct principal *who, const struct guid *vm,
                         struct vm_prospect *out, struct error *err)
{
    if (core_allow(who, ROLE_OPERATOR, err) || backend_vm_prospect(core->backend, vm, out, err))
        return -1;
    return core_vm_show(core, who, &out->vm, err);
}

int core_snapshot_create(struct core *core, const struct principal *who,
                         const struct snapshot_order *wanted, struct snapshot_ticket *out,
                         struct error *err)
{
    struct snapshot_order copy = *wanted, *order = &copy;
    struct vm_prospect prospect;
    int result;

    *out = (struct snapshot_ticket){ 0 };
    if (core_prospect(core, who, &order->vm, &prospect, err))
        return -1;
    access_note_change(who, &order->vm, NULL);
    result = core_apply_policy(&prospect, order, err) || snapshot_check(&prospect, order, err) ? -1 : 0;
    if (result == 0)
        result = core_snapshot_submit(core, who, &prospect.vm, order, out, err);
    vm_clear(&prospect.vm);
    if (result)
        return -1;
    hint_put(&core->hint, &out->snapshot, &order->vm);
    core_job_await(core, who, &order->vm, out);
    return 0;
}

/* ---- what is there already ---- */

/* What is to be done, and with which. */
struct change {
    enum job_kind kind;
    const struct snapshot *snapshot;
};

static int core_change_submit(struct core *core, const struct principal *who, const struct vm *vm,
                              const struct change *change, struct snapshot_ticket *out,
                              struct error *err)
{
    struct job job = { 0 };
    void *task = NULL;
    int result;

    result = core_job_describe(&job, change->kind, who, vm, &change->snapshot->id)
                 ? error_set(err, ERR_NO_MEMORY, NULL)
                 : 0;
    out->job = job.id;
    out->snapshot = job.snapshot;
    if (result == 0) {
        task = life_task_new(core->backend, change->kind, change->snapshot, core_turn_off(core), err);
        result = core_job_start(core, &job, life_work(change->kind), task, err);
    }
    job_clear(&job);
    return result;
}

/* The rules, then the job. */
static int core_snapshot_change(struct core *core, const struct principal *who, const struct change *change,
                                struct snapshot_ticket *out, struct error *err)
{
    struct vm vm;
    int result = 0;

    *out = (struct snapshot_ticket){ 0 };
    if (core_allow(who, ROLE_OPERATOR, err))
        return -1;
    if (jobs_withhold(core->jobs, &change->snapshot->id))
        return error_set(err, ERR_NOT_FOUND, NULL);
    if (core_vm_get(core, who, &change->snapshot->vm, &vm, err))
        return -1;
    access_note_change(who, &vm.id, NULL);
    if (change->kind == JOB_SNAPSHOT_APPLY)
        result = life_check_apply(&vm, core_turn_off(core), err);
    if (result == 0)
        result = core_change_submit(core, who, &vm, change, out, err);
    vm_clear(&vm);
    if (result == 0)
        core_job_await(core, who, &change->snapshot->vm, out);
    return result;
}

int core_snapshot_apply(struct core *core, const struct principal *who, const struct snapshot *snapshot,
                        struct snapshot_ticket *out, struct error *err)
{
    const struct change change = { JOB_SNAPSHOT_APPLY, snapshot };

    return core_snapshot_change(core, who, &change, out, err);
}

int core_snapshot_destroy(struct core *core, const struct principal *who, const struct snapshot *snapshot,
                          bool tree, struct snapshot_ticket *out, struct error *err)
{
    const struct change change = { tree ? JOB_SNAPSHOT_DESTROY_TREE : JOB_SNAPSHOT_DESTROY, snapshot };

    return core_snapshot_change(core, who, &change, out, err);
}
