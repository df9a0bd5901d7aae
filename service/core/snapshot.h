/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rules of making a snapshot, and the work that makes it.
 * Rules: ElementName up to 100 characters (Msvm_VirtualSystemCapabilities.MaxElementNameLen); what
 * is wrong with an order is said at once, before there is a job.
 */
#ifndef CIMSNAPD_CORE_SNAPSHOT_H
#define CIMSNAPD_CORE_SNAPSHOT_H

#include "core/core.h"
#include "core/jobs.h"

enum { SNAPSHOT_NAME_MOST = 100 /* characters */, SNAPSHOT_NOTES_MOST = 16384 /* octets */ };

/* 0, or -1 with ERR_INVALID_PARAMETER, ERR_INVALID_TYPE or ERR_INVALID_STATE: what is wrong, and
 * what can be done about it. */
int snapshot_check(const struct vm_prospect *prospect, const struct snapshot_order *order, struct error *err);

/* "<machine> - (<date> - <time>)" in local time, at most SNAPSHOT_NAME_MOST characters, to be
 * freed; NULL without memory. */
char *snapshot_default_name(const struct vm *vm, int64_t now_us);

/* The task for snapshot_work: makes the snapshot `id` of vm as ordered. backend is borrowed. */
void *snapshot_task_new(struct backend *backend, const struct vm *vm,
                        const struct snapshot_order *order, const struct guid *id,
                        struct error *err);
extern const struct job_work snapshot_work;

#endif
