/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of core.h share. Only for core*.c.
 */
#ifndef CIMSNAPD_CORE_INSIDE_H
#define CIMSNAPD_CORE_INSIDE_H

#include "core/asked.h"
#include "core/core.h"
#include "core/hint.h"
#include "core/jobs.h"
#include "core/store.h"
#include "core/sweep.h"

struct core {
    const struct config *config;
    struct backend *backend;
    struct store *store;
    struct jobs *jobs;
    struct sweep *sweep;
    struct hint hint; /* snapshot to machine */
    struct asked asked;
    char host[256];
};

/* Hands on an error that a step of its own struct met. */
int core_pass(struct error *err, const struct error *why);
/* 0, or -1 with ERR_ACCESS_DENIED. */
int core_allow(const struct principal *who, enum role needed, struct error *err);

/* Whether who sees every machine. Saves asking for them: a client polls its job ten times a second, also while
 * the hypervisor is away. */
bool core_sees_all(const struct principal *who);
/* 0, or -1 with err when who may not see the machine. One who sees every machine may be told of one that is not there:
 * what is asked next says so. */
int core_sees(struct core *core, const struct principal *who, const struct guid *vm, struct error *err);

/* A machine that the backend has just told of: 0, and complete for who; or ERR_NOT_FOUND for one who may not see it, and
 * cleared. */
int core_vm_show(struct core *core, const struct principal *who, struct vm *vm, struct error *err);

/* A new job of who's, owned by the caller; -1 without memory. */
int core_job_describe(struct job *job, enum job_kind kind, const struct principal *who,
                      const struct vm *vm, const struct guid *snapshot);
/* Submits it with its work; task (NULL: it could not be made, err is set) is released on error. */
int core_job_start(struct core *core, struct job *job, const struct job_work *work, void *task,
                   struct error *err);
/* Tells the log, waits at most the configured grace, and fills in the ticket's state. */
void core_job_await(struct core *core, const struct principal *who, const struct guid *vm,
                    struct snapshot_ticket *ticket);

#endif
