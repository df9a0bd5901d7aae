/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The operations on machines themselves.
 */
#include "memory/inside.h"
#include "memory/lists.h"

#include "memory/machine.h"

int memory_vm_change(void *self, const struct backend_call *call, const struct guid *vm,
                            enum vm_change change, struct error *err)
{
    struct memory *memory = self;
    struct script_machine *machine;
    int result = -1;

    pthread_mutex_lock(&memory->lock);
    machine = memory_find(memory, vm, err);
    if (machine && vm_change_allowed(machine->vm.state, change))
        result = 0;
    else if (machine)
        error_set(err, ERR_INVALID_STATE, NULL);
    pthread_mutex_unlock(&memory->lock);
    if (result)
        return -1;
    memory_delay(memory, call);
    if (change == CHANGE_SAVE && call->cancelled(call->opaque))
        return error_set(err, ERR_CANCELLED, NULL);
    pthread_mutex_lock(&memory->lock);
    result = memory_fail(memory, SCRIPT_CHANGE, err);
    if (result == 0)
        machine_change(machine, change);
    pthread_mutex_unlock(&memory->lock);
    return result;
}

/* The keys go nowhere. */
int memory_vm_keys(void *self, const struct guid *vm, const struct key_event *events,
                          size_t count, struct error *err)
{
    struct memory *memory = self;
    struct script_machine *machine;
    int result = -1;

    (void)events;
    (void)count;
    pthread_mutex_lock(&memory->lock);
    machine = memory_find(memory, vm, err);
    if (machine && machine->vm.state != VM_RUNNING)
        error_set(err, ERR_INVALID_STATE, "The machine is not running.");
    else if (machine)
        result = 0;
    pthread_mutex_unlock(&memory->lock);
    return result;
}

int memory_vm_picture(void *self, const struct guid *vm, struct picture *out,
                             struct error *err)
{
    struct memory *memory = self;
    struct script_machine *machine;
    int result = -1;

    pthread_mutex_lock(&memory->lock);
    machine = memory_find(memory, vm, err);
    if (machine && memory_fail(memory, SCRIPT_SCREEN, err) == 0)
        result = machine_picture(machine, out, err);
    pthread_mutex_unlock(&memory->lock);
    return result;
}

int memory_vm_settings(void *self, const struct guid *vm, struct vm_settings *out,
                              struct error *err)
{
    struct memory *memory = self;
    struct script_machine *machine;
    int result = -1;

    pthread_mutex_lock(&memory->lock);
    machine = memory_find(memory, vm, err);
    if (machine)
        result = machine_settings(machine, out, err);
    pthread_mutex_unlock(&memory->lock);
    return result;
}

int memory_vm_edit(void *self, const struct guid *vm, const struct vm_edit *edit,
                          struct error *err)
{
    struct memory *memory = self;
    struct script_machine *machine;
    int result = -1;

    pthread_mutex_lock(&memory->lock);
    machine = memory_find(memory, vm, err);
    if (machine && memory_fail(memory, SCRIPT_EDIT, err) == 0)
        result = machine_edit(machine, edit, err);
    if (machine)
        lists_renamed(&memory->script, machine);
    pthread_mutex_unlock(&memory->lock);
    return result;
}

int memory_snapshot_edit(void *self, const struct snapshot_edit *edit, struct error *err)
{
    struct memory *memory = self;
    struct script_machine *machine;
    int result = -1;

    pthread_mutex_lock(&memory->lock);
    machine = memory_find(memory, &edit->vm, err);
    if (machine && memory_fail(memory, SCRIPT_EDIT, err) == 0)
        result = machine_edit_snapshot(machine, edit, err);
    if (machine)
        lists_renamed(&memory->script, machine);
    pthread_mutex_unlock(&memory->lock);
    return result;
}
