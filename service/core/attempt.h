/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One action of the backend as the work of a job: done in its first turn; or, when the hypervisor is lost on
 * the way, asked after in later ones, by the last state that was journalled.
 */
#ifndef CIMSNAPD_CORE_ATTEMPT_H
#define CIMSNAPD_CORE_ATTEMPT_H

#include "core/recover.h"

struct attempt {
    struct recover_case lost; /* its state is the last one journalled */
    const struct backend_call *call;
    bool asking; /* the hypervisor was lost: lost says the rest */
};

/* What backend_snapshot_create() and its kin are, with what they need behind `task`. */
typedef int attempt_fn(void *task, const struct backend_call *call, struct error *err);

/* backend is borrowed. */
void attempt_init(struct attempt *attempt, struct backend *backend, enum job_kind kind,
                  const struct guid *vm, const struct guid *snapshot);
void attempt_clear(struct attempt *attempt);
/* One turn of the job; `task` is for `act`. */
enum job_outcome attempt_run(struct attempt *attempt, attempt_fn *act, void *task,
                             const struct backend_call *call, struct error *err);

#endif
