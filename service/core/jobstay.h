/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Ended jobs that ask to be removed after their time (CIM_Job.DeleteOnCompletion, CIM_ConcreteJob.TimeBeforeRemoval).
 * Only for the files of jobs.h; the lock of struct jobs is held by the caller.
 */
#ifndef CIMSNAPD_CORE_JOBSTAY_H
#define CIMSNAPD_CORE_JOBSTAY_H

#include "core/jobturn.h"

/* The entry has ended, or is to stay another time: jobs->expiry_ms is right afterwards. */
void jobstay_note(struct jobs *jobs, const struct job_entry *entry);
/* Removes those whose time is over, from the store too; lets the lock go meanwhile. */
void jobstay_expire(struct jobs *jobs);

#endif
