/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The life of a snapshot after it was made: the rules of applying and destroying it, and the work that does.
 */
#ifndef CIMSNAPD_CORE_LIFE_H
#define CIMSNAPD_CORE_LIFE_H

#include "core/core.h"
#include "core/jobs.h"

/* Values of the configuration's snapshot.apply_running. */
enum { LIFE_REFUSE, LIFE_TURN_OFF };

/* 0, or -1 with ERR_INVALID_STATE: why nothing can be applied to the machine now. turn_off: it may be turned
 * off for it. */
int life_check_apply(const struct vm *vm, bool turn_off, struct error *err);

/* The task for life_work(kind): kind is one of JOB_SNAPSHOT_APPLY, _DESTROY and _DESTROY_TREE. backend is
 * borrowed. */
void *life_task_new(struct backend *backend, enum job_kind kind, const struct snapshot *snapshot,
                    bool turn_off, struct error *err);
const struct job_work *life_work(enum job_kind kind);

#endif
