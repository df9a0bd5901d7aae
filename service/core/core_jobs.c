/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/core_inside.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

static int core_vm_order(const void *a, const void *b)
{
    const struct vm *left = a, *right = b;

    return memcmp(left->id.bytes, right->id.bytes, sizeof(left->id.bytes));
}

bool core_sees_all(const struct principal *who)
{
    return strcmp(who->scope, "*") == 0;
}

/* Leaves those jobs whose machine is in scope, or gone. */
static int core_jobs_filter(struct core *core, const struct principal *who, struct job_list *jobs,
                            struct error *err)
{
    struct vm_list vms;
    size_t kept = 0;

    if (backend_vm_list(core->backend, &vms, err))
        return -1;
    if (vms.count)
        qsort(vms.items, vms.count, sizeof(*vms.items), core_vm_order);
    for (size_t i = 0; i < jobs->count; i++) {
        const struct vm key = { .id = jobs->items[i].vm };
        const struct vm *vm =
            vms.count ? bsearch(&key, vms.items, vms.count, sizeof(key), core_vm_order) : NULL;
        if (!vm || access_sees_vm(who, vm))
            jobs->items[kept++] = jobs->items[i];
        else
            job_clear(&jobs->items[i]);
    }
    jobs->count = kept;
    vm_list_clear(&vms);
    return 0;
}

int core_job_list(struct core *core, const struct principal *who, struct job_list *out,
                  struct error *err)
{
    const char *owner = access_allows(who, ROLE_ADMINISTRATOR) ? NULL : who->name;

    *out = (struct job_list){ 0 };
    if (core_allow(who, ROLE_VIEWER, err) || jobs_list(core->jobs, owner, out, err))
        return -1;
    if (core_sees_all(who) || core_jobs_filter(core, who, out, err) == 0)
        return 0;
    job_list_clear(out);
    return -1;
}

/* 0 when the job is who's to see, else -1 with ERR_NOT_FOUND, or with why that cannot be said now.
 */
static int core_job_check(struct core *core, const struct principal *who, const struct job *job,
                          struct error *err)
{
    struct error why = { 0 };
    bool seen;
    struct vm vm;

    if (!access_owns(who, job->owner))
        return error_set(err, ERR_NOT_FOUND, NULL);
    if (core_sees_all(who))
        return 0;
    if (backend_vm_get(core->backend, &job->vm, &vm, &why))
        return why.code == ERR_NOT_FOUND ? 0 : core_pass(err, &why);
    seen = access_sees_vm(who, &vm);
    vm_clear(&vm);
    return seen ? 0 : error_set(err, ERR_NOT_FOUND, NULL);
}

int core_job_get(struct core *core, const struct principal *who, const struct guid *id,
                 struct job *out, struct error *err)
{
    *out = (struct job){ 0 };
    if (core_allow(who, ROLE_VIEWER, err) || jobs_get(core->jobs, id, out, err))
        return -1;
    if (core_job_check(core, who, out, err) == 0)
        return 0;
    job_clear(out);
    return -1;
}

/* The same, of a job that is to be changed. */
static int core_job_own(struct core *core, const struct principal *who, const struct guid *id,
                        struct error *err)
{
    struct job job;

    if (core_allow(who, ROLE_OPERATOR, err) || core_job_get(core, who, id, &job, err))
        return -1;
    access_note_change(who, &job.vm, id);
    job_clear(&job);
    return 0;
}

int core_job_cancel(struct core *core, const struct principal *who, const struct guid *id,
                    enum job_state as, struct error *err)
{
    return core_job_own(core, who, id, err) ? -1 : jobs_cancel(core->jobs, id, as, err);
}

int core_job_stay(struct core *core, const struct principal *who, const struct guid *id,
                  const struct job_stay *stay, struct error *err)
{
    return core_job_own(core, who, id, err) ? -1 : jobs_stay(core->jobs, id, stay, err);
}

int core_job_forget(struct core *core, const struct principal *who, const struct guid *id,
                    struct error *err)
{
    return core_job_own(core, who, id, err) ? -1 : jobs_forget(core->jobs, id, err);
}

enum job_state core_job_wait(struct core *core, const struct guid *id, int64_t until_ms)
{
    int64_t now = clock_mono_ms();

    return jobs_wait(core->jobs, id, until_ms > now ? (long)(until_ms - now) : 0);
}
