/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rules of the service: what exists, what may be done to it and by whom. No SOAP, no CIM, no
 * libvirt here. Every call carries the principal; what it may not see is left out or ERR_NOT_FOUND.
 * Threads: any. Errors: 0, or -1 with err. Outputs are copies that the caller clears.
 */
#ifndef CIMSNAPD_CORE_CORE_H
#define CIMSNAPD_CORE_CORE_H

#include "base/config.h"
#include "base/error.h"
#include "core/access.h"
#include "core/backend.h"
#include "core/hardware.h"
#include "core/host.h"
#include "core/job.h"
#include "core/model.h"

struct core;

/* Opens store and backend, ends the jobs that a crash left open (each truthfully, by what the
 * backend finds), then starts the job threads. config is borrowed until core_close(). */
int core_open(struct core **out, const struct config *config, struct error *err);
/* The same with a backend that is already open, which core then owns (tests). */
int core_open_with(struct core **out, const struct config *config, struct backend *backend,
                   struct error *err);
/* Waits for running jobs, then frees everything. NULL is legal. */
void core_close(struct core *core);

const char *core_host_name(const struct core *core);
/* Asks whether the hypervisor is there: ERR_UNAVAILABLE when it is not. May block as long as that
 * takes. */
int core_ping(struct core *core, struct error *err);

/* part of lists: NULL for all, in no order. A part of a list that has more has at least one thing. */
int core_vm_list(struct core *core, const struct principal *who, const struct list_part *part,
                 struct vm_list *out, struct error *err);
int core_vm_get(struct core *core, const struct principal *who, const struct guid *vm,
                struct vm *out, struct error *err);
int core_host_get(struct core *core, const struct principal *who, struct host *out,
                  struct error *err);
/* Networks are the host's: everybody who may read sees all of them. */
int core_network_list(struct core *core, const struct principal *who, struct network_list *out,
                      struct error *err);
/* What a machine is made of now, or with snapshot not NULL what it was made of then. */
int core_hardware_get(struct core *core, const struct principal *who, const struct guid *vm,
                      const struct guid *snapshot, struct hardware *out, struct error *err);
/* What snapshots can be made of a machine now. */
int core_vm_capabilities(struct core *core, const struct principal *who, const struct guid *vm,
                         struct vm_capabilities *out, struct error *err);
/* True when a method that begins a job waits a moment for its end. */
bool core_has_grace(const struct core *core);
/* Of one machine, or with vm NULL of every machine in scope. A snapshot whose job has not completed
 * is not there yet. */
int core_snapshot_list(struct core *core, const struct principal *who, const struct guid *vm,
                       const struct list_part *part, struct snapshot_list *out, struct error *err);
int core_snapshot_get(struct core *core, const struct principal *who, const struct guid *id,
                      struct snapshot *out, struct error *err);
/* Which snapshot this service applied last to a machine that the caller has been shown; false for none. It may have
 * died since the machine's snapshots were last listed. */
bool core_applied_get(struct core *core, const struct guid *vm, struct guid *snapshot);

/* What a caller asks for. Strings are borrowed. */
struct snapshot_order {
    struct guid vm;
    enum snapshot_kind kind;
    enum consistency consistency;
    bool ignore_unsupported_disks;
    bool fall_back; /* to SNAPSHOT_FULL, when the guest agent does not do what the order needs */
    const char *name;  /* NULL or "": "<machine> - (<date> - <time>)"; over 100 characters: ERR_INVALID_PARAMETER */
    const char *notes; /* or NULL */
};

struct snapshot_ticket {
    struct guid job;
    struct guid snapshot; /* of a create: promised; exists once the job has completed */
    enum job_state state; /* after the grace: JOB_RUNNING, JOB_COMPLETED or JOB_EXCEPTION */
};

/* Checks the rules at once (errors 1, 4, 5, 6 of the method), stores the job, starts it, waits at
 * most the configured grace for its end. A job that failed inside the grace is still a ticket.
 * ROLE_OPERATOR needed. */
int core_snapshot_create(struct core *core, const struct principal *who,
                         const struct snapshot_order *order, struct snapshot_ticket *out,
                         struct error *err);

/* What is done to a snapshot that core has told of in the same request: of it id and vm are looked at, and whether it is
 * still there is for the job to see.
 * Makes of the machine what it was at the snapshot: saved when that has memory, else off. ERR_INVALID_STATE for
 * one that runs, unless the configuration has it turned off; ERR_IN_USE while the machine has another job.
 * The ticket is as above, its snapshot the one that is applied. ROLE_OPERATOR needed. */
int core_snapshot_apply(struct core *core, const struct principal *who, const struct snapshot *snapshot,
                        struct snapshot_ticket *out, struct error *err);
/* Removes the snapshot; tree: and all that derive from it. Else these then derive from its parent. The machine
 * goes on as it is. ERR_IN_USE, ticket and role as above. */
int core_snapshot_destroy(struct core *core, const struct principal *who, const struct snapshot *snapshot,
                          bool tree, struct snapshot_ticket *out, struct error *err);

/* The state of a job that a method began, once it has ended or clock_mono_ms() is past until_ms. */
enum job_state core_job_wait(struct core *core, const struct guid *id, int64_t until_ms);
/* Asks for a change of the machine's state. ERR_INVALID_STATE: it is not in one that allows it; ERR_IN_USE: it has
 * another job. A guest that is waited for to shut down is no longer waited for when it is to be turned off.
 * The ticket is as above, without snapshot. ROLE_OPERATOR needed, as for all changes. */
int core_vm_change(struct core *core, const struct principal *who, const struct guid *vm,
                   enum vm_change change, struct snapshot_ticket *out, struct error *err);
/* Changes what users have said of a machine or snapshot (vm of the edit is not looked at), by a job that queues
 * behind others of the machine. ERR_INVALID_PARAMETER for texts that are too long or no text. */
int core_vm_edit(struct core *core, const struct principal *who, const struct guid *vm,
                 const struct vm_edit *edit, struct snapshot_ticket *out, struct error *err);
int core_snapshot_edit(struct core *core, const struct principal *who,
                       const struct snapshot_edit *edit, struct snapshot_ticket *out,
                       struct error *err);
int core_vm_settings(struct core *core, const struct principal *who, const struct guid *vm,
                     struct vm_settings *out, struct error *err);
/* Keys go down and up in this order; ROLE_OPERATOR needed, for the picture too: screens may show secrets. */
int core_vm_keys(struct core *core, const struct principal *who, const struct guid *vm,
                 const struct key_event *events, size_t count, struct error *err);
int core_vm_picture(struct core *core, const struct principal *who, const struct guid *vm,
                    struct picture *out, struct error *err);
/* Asks the guest to shut down or restart, or turns the machine off, and does not wait for what the guest does. */
int core_vm_ask(struct core *core, const struct principal *who, const struct guid *vm,
                enum vm_change change, struct error *err);

/* Ends a job early, as JOB_TERMINATED or JOB_KILLED: ERR_INVALID_STATE when it has ended, ERR_NOT_SUPPORTED when it
 * cannot be cancelled now. */
int core_job_cancel(struct core *core, const struct principal *who, const struct guid *id,
                    enum job_state as, struct error *err);
/* Forgets a job that has ended; ERR_INVALID_STATE for others. */
int core_job_stay(struct core *core, const struct principal *who, const struct guid *id,
                  const struct job_stay *stay, struct error *err);
int core_job_forget(struct core *core, const struct principal *who, const struct guid *id,
                    struct error *err);

/* Jobs of the caller, or for an administrator of everybody. */
int core_job_list(struct core *core, const struct principal *who, struct job_list *out,
                  struct error *err);
int core_job_get(struct core *core, const struct principal *who, const struct guid *id,
                 struct job *out, struct error *err);

#endif
