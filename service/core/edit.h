/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Other names, notes and settings for machines and snapshots: the rules, and the work.
 */
#ifndef CIMSNAPD_CORE_EDIT_H
#define CIMSNAPD_CORE_EDIT_H

#include "core/core.h"
#include "core/recover.h"

/* 0, or -1 with ERR_INVALID_PARAMETER. NULL texts are legal. */
int edit_check(const char *name, const char *notes, struct error *err);

/* Tasks for edit_work. What they are given is copied. */
void *edit_snapshot_task(struct backend *backend, const struct snapshot_edit *edit,
                         struct error *err);
void *edit_machine_task(struct backend *backend, const struct guid *vm, const struct vm_edit *edit,
                        struct error *err);
extern const struct job_work edit_work;

/* As backend_snapshot_recover(), of an edit: by what is there now. */
int edit_recover(const struct recover_case *what, enum recovery *out, struct error *err);

#endif
