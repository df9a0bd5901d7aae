/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What has to outlive the process, in SQLite: jobs, and for each running job the last state of its
 * journal; and the snapshots last applied. Every write is on the disk when its call returns, but for what is
 * noted; writes of several threads get there together. The file belongs to one service at a time. Threads: any;
 * calls wait for each other. Errors: 0, or -1 with err.
 */
#ifndef CIMSNAPD_CORE_STORE_H
#define CIMSNAPD_CORE_STORE_H

#include "base/error.h"
#include "base/guid.h"
#include "core/job.h"

struct store;

/* path: a file in a directory that exists, made with mode 0600; ":memory:" for tests. A file of a
 * newer version, one that another service holds and one that is no store are errors. A damaged one
 * is told to the log, moved aside, and made anew with the jobs that can still be read. */
int store_open(struct store **out, const char *path, struct error *err);
void store_close(struct store *store);

/* Inserts or updates. A job that has ended loses its journal in the same step. */
int store_job_put(struct store *store, const struct job *job, struct error *err);
/* The same, on the disk no later than what is written next; a process that is killed before loses it. */
int store_job_note(struct store *store, const struct job *job, struct error *err);
/* Open jobs in the order of submission, then finished ones in the order of their end. */
int store_job_list(struct store *store, struct job_list *out, struct error *err);
/* How long the job stays, whether it runs or has ended; nothing when there is no such job. */
int store_stay_put(struct store *store, const struct guid *id, const struct job_stay *stay,
                   struct error *err);
/* Forgets one job. */
int store_job_drop(struct store *store, const struct guid *id, struct error *err);
/* Forgets all but the `keep` finished jobs that ended last. */
int store_prune(struct store *store, long keep, struct error *err);

/* Replaces the journal of a job that was put before. */
int store_journal_put(struct store *store, const struct guid *job, const char *state,
                      struct error *err);
/* The same, on the disk no later than what is written next, as store_job_note(). */
int store_journal_note(struct store *store, const struct guid *job, const char *state, struct error *err);
/* The last state, to be freed; NULL when none was written. */
int store_journal_get(struct store *store, const struct guid *job, char **state, struct error *err);

/* Which snapshot was last applied to the machine; written with the end of that job. It may have died since. */
bool store_applied_get(struct store *store, const struct guid *vm, struct guid *snapshot);
/* It has died. */
int store_applied_forget(struct store *store, const struct guid *vm, const struct guid *snapshot,
                         struct error *err);

/* What the backend still has to do for machines when their jobs have ended (backend.h): made, or paid. */
int store_debt_put(struct store *store, const struct guid *vm, bool owed, struct error *err);
/* All of them, to be freed, also on error. */
int store_debt_list(struct store *store, struct guid **out, size_t *count, struct error *err);

#endif
