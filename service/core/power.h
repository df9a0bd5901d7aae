/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Changes of a machine's state: the rules, and the work that makes them.
 */
#ifndef CIMSNAPD_CORE_POWER_H
#define CIMSNAPD_CORE_POWER_H

#include "core/core.h"
#include "core/recover.h"

/* The kind of job that makes a change, and back. */
enum job_kind power_kind(enum vm_change change);
bool power_is_kind(enum job_kind kind);

/* 0, or -1 with ERR_INVALID_STATE: why the machine cannot be asked for it now. */
int power_check(const struct vm *vm, enum vm_change change, struct error *err);

/* The task for power_work(change). A guest that was asked to shut down is waited for, at most `seconds`. */
void *power_task_new(struct backend *backend, const struct vm *vm, enum vm_change change,
                     long seconds, struct error *err);
const struct job_work *power_work(enum vm_change change);

/* As backend_snapshot_recover(), of a change: by the state that the machine is in, once nobody works on it any more.
 * ERR_STILL_RUNNING until then. */
int power_recover(const struct recover_case *what, enum recovery *out, struct error *err);

#endif
