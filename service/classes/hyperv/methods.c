/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the methods of all three models do with references and jobs. `self` tells the model: a reference that
 * names no namespace is of self's, and what is answered is in the form of self's namespace.
 */
#include "classes/hyperv/hyperv.h"

#include "base/clock.h"
#include "cim/reference.h"

#include <strings.h>

enum { WAIT_MOST_MS = 60000 /* for a client that says nothing */ };

int hv_read_vm(struct cim_call *call, const struct cim_instance *self, const struct cim_ref *ref,
               const char *parameter, struct guid *vm)
{
    const struct hv_system *system;
    struct cim_instance instance;

    if (cim_resolve(call, self->class->ns, ref, &instance) != 0)
        return -1;
    system = instance.object;
    if (cim_class_plain(instance.class) != &msvm_computer_system || !system->vm)
        return error_set(call->err, ERR_INVALID_PARAMETER, "%s is not a virtual machine.", parameter);
    *vm = system->vm->id;
    return 0;
}

/* The machine's class by its own name, and keys that an instance with that id has. */
static bool names_vm(struct cim_call *call, const struct cim_instance *self, const struct cim_ref *ref,
                     struct guid *id)
{
    struct vm vm = { 0 }; /* keys need no more than the id */
    const struct hv_system system = { .vm = &vm };
    const struct cim_class *class = cim_class_view(&msvm_computer_system, ref->ns ? ref->ns : self->class->ns);
    const struct cim_instance named = { class, &system };
    bool parsed = false;

    if (!class || strcasecmp(ref->class, class->name) != 0)
        return false;
    for (size_t i = 0; i < ref->key_count; i++)
        if (strcasecmp(ref->keys[i].name, class->get_key) == 0 && ref->keys[i].text)
            parsed = guid_parse(&vm.id, ref->keys[i].text) == 0;
    *id = vm.id;
    return parsed && cim_ref_matches(ref, &named, call->arena);
}

int hv_name_vm(struct cim_call *call, const struct cim_instance *self, const struct cim_ref *ref,
               const char *parameter, struct guid *vm)
{
    return names_vm(call, self, ref, vm) ? 0 : hv_read_vm(call, self, ref, parameter, vm);
}

const struct snapshot *hv_read_snapshot(struct cim_call *call, const struct cim_instance *self,
                                        const struct cim_ref *ref)
{
    const struct hv_settings *settings;
    struct cim_instance instance;

    if (cim_resolve(call, self->class->ns, ref, &instance) != 0)
        return NULL;
    settings = instance.object;
    if (cim_class_plain(instance.class) == &msvm_virtual_system_setting_data && settings->snapshot)
        return settings->snapshot;
    error_set(call->err, ERR_INVALID_PARAMETER, "The reference is not of a snapshot.");
    return NULL;
}

/* The reference to an object of the plain class, as self's namespace has it; NULL without memory. */
static const struct cim_ref *ref_of(struct cim_call *call, const struct cim_instance *self,
                                    const struct cim_class *plain, const void *object)
{
    const struct cim_instance seen = { cim_class_view(plain, self->class->ns), object };

    return seen.class && object ? cim_ref_of(&seen, call->arena) : NULL;
}

const struct cim_ref *hv_snapshot_ref(struct cim_call *call, const struct cim_instance *self,
                                      const struct guid *id)
{
    struct snapshot *snapshot = arena_alloc(call->arena, sizeof(*snapshot));
    struct hv_settings *settings = arena_alloc(call->arena, sizeof(*settings));

    if (!snapshot || !settings)
        return NULL;
    snapshot->id = *id; /* keys need no more */
    settings->snapshot = snapshot;
    return ref_of(call, self, &msvm_virtual_system_setting_data, settings);
}

/* The method fails as its job did. */
static int job_failure(struct cim_call *call, const struct guid *id)
{
    struct job job = { 0 };

    if (core_job_get(call->core, call->who, id, &job, call->err) != 0)
        return -1;
    error_set(call->err, job.error ? job.error : ERR_FAILED, "%s",
              job.error_text ? job.error_text : error_row(ERR_FAILED)->text);
    job_clear(&job);
    return -1;
}

int hv_ticket(struct cim_call *call, const struct cim_instance *self,
              const struct snapshot_ticket *ticket, struct cim_value *out, unsigned *ret)
{
    enum { STARTED = 4096 };
    struct job *job;

    if (ticket->state != JOB_RUNNING && ticket->state != JOB_COMPLETED)
        return job_failure(call, &ticket->job);
    *ret = ticket->state == JOB_RUNNING ? STARTED : 0;
    if (*ret != STARTED)
        return 0;
    job = arena_alloc(call->arena, sizeof(*job));
    if (!job)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    job->id = ticket->job; /* the key needs no more */
    out->ref = ref_of(call, self, &msvm_concrete_job, job);
    return 0;
}

int hv_wait(struct cim_call *call, const struct snapshot_ticket *ticket)
{
    enum job_state state = ticket->state;

    if (state == JOB_RUNNING)
        state = core_job_wait(call->core, &ticket->job,
                              call->deadline_ms ? call->deadline_ms : clock_mono_ms() + WAIT_MOST_MS);
    if (state == JOB_RUNNING)
        return error_set(call->err, ERR_STILL_RUNNING, NULL);
    return state == JOB_COMPLETED ? 0 : job_failure(call, &ticket->job);
}
