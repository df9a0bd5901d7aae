/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of the memory backend share. Only for memory.c and control.c.
 */
#ifndef CIMSNAPD_MEMORY_INSIDE_H
#define CIMSNAPD_MEMORY_INSIDE_H

#include "memory/script.h"

#include <pthread.h>

struct memory {
    pthread_mutex_t lock; /* guards script, never held over a delay or a callback */
    pthread_cond_t pause; /* never signalled: a create waits on it for its delay */
    struct script script;
};

/* The scripted failure of an operation, if it is due. The lock is held. */
int memory_fail(struct memory *memory, enum script_op op, struct error *err);
/* The same: NULL with ERR_NOT_FOUND. */
struct script_machine *memory_find(struct memory *memory, const struct guid *id,
                                   struct error *err);
/* The scripted delay, with progress; ends early when the action is cancelled. */
void memory_delay(struct memory *memory, const struct backend_call *call);

/* In control.c, as in backend_ops. */
int memory_vm_change(void *self, const struct backend_call *call, const struct guid *vm,
                     enum vm_change change, struct error *err);
int memory_vm_keys(void *self, const struct guid *vm, const struct key_event *events,
                   size_t count, struct error *err);
int memory_vm_picture(void *self, const struct guid *vm, struct picture *out,
                      struct error *err);
int memory_vm_settings(void *self, const struct guid *vm, struct vm_settings *out,
                       struct error *err);
int memory_vm_edit(void *self, const struct guid *vm, const struct vm_edit *edit,
                   struct error *err);
int memory_snapshot_edit(void *self, const struct snapshot_edit *edit, struct error *err);

#endif
