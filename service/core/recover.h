/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What became of an action whose end nobody saw: the service was killed, or lost the hypervisor. The
 * job ends by what the hypervisor shows; while that cannot be asked, it stays open.
 */
#ifndef CIMSNAPD_CORE_RECOVER_H
#define CIMSNAPD_CORE_RECOVER_H

#include "core/jobs.h"

/* Loads every job of the store into jobs, the open ones with the work of finding out, and gives
 * that its first turn. Before jobs_start(). backend and store are borrowed by the work. */
int recover_load(struct jobs *jobs, struct store *store, struct backend *backend,
                 struct error *err);

/* The task for recover_work: asks what became of an open job. backend is borrowed. */
void *recover_task_new(struct store *store, struct backend *backend, const struct job *job,
                       struct error *err);
extern const struct job_work recover_work;

/* One action to ask after. */
struct recover_case {
    struct backend *backend;
    enum job_kind kind;
    struct guid vm, snapshot;
    const char *event; /* why it has to be asked, for people: the start of a sentence, as "The service ended" */
    char *state;       /* the last one journalled, or NULL; owned by who owns the case */
    unsigned tries;    /* 0 to begin with */
};

/* Asks once; the result is that of a job's turn. */
enum job_outcome recover_ask(struct recover_case *what, struct error *err);

#endif
