/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/attempt.h"

#include <stdlib.h>
#include <string.h>

void attempt_init(struct attempt *attempt, struct backend *backend, enum job_kind kind,
                  const struct guid *vm, const struct guid *snapshot)
{
    *attempt = (struct attempt){ .lost = { .backend = backend,
                                           .kind = kind,
                                           .vm = *vm,
                                           .snapshot = *snapshot,
                                           .event = "The hypervisor was lost" } };
}

void attempt_clear(struct attempt *attempt)
{
    free(attempt->lost.state);
    attempt->lost.state = NULL;
}

static void attempt_progress(void *opaque, unsigned percent)
{
    struct attempt *attempt = opaque;

    attempt->call->progress(attempt->call->opaque, percent);
}

static bool attempt_cancelled(void *opaque)
{
    struct attempt *attempt = opaque;

    return attempt->call->cancelled(attempt->call->opaque);
}

/* Keeps the state at hand, beside the journal that outlives the process. */
static int attempt_keep(struct attempt *attempt, const char *state, struct error *err)
{
    char *copy = strdup(state);

    if (!copy)
        return error_set(err, ERR_NO_MEMORY, NULL);
    free(attempt->lost.state);
    attempt->lost.state = copy;
    return 0;
}

static int attempt_journal(void *opaque, const char *state, struct error *err)
{
    struct attempt *attempt = opaque;

    return attempt_keep(attempt, state, err) || attempt->call->journal(attempt->call->opaque, state, err) ? -1 : 0;
}

static int attempt_note(void *opaque, const char *state, struct error *err)
{
    struct attempt *attempt = opaque;

    return attempt_keep(attempt, state, err) || attempt->call->note(attempt->call->opaque, state, err) ? -1 : 0;
}

enum job_outcome attempt_run(struct attempt *attempt, attempt_fn *act, void *task,
                             const struct backend_call *call, struct error *err)
{
    struct backend_call own = { .opaque = attempt,
                                .progress = attempt_progress,
                                .journal = attempt_journal,
                                .note = attempt_note,
                                .agent_seconds = call->agent_seconds,
                                .cancelled = attempt_cancelled };
    struct error why = { 0 };

    if (attempt->asking)
        return recover_ask(&attempt->lost, err);
    attempt->call = call;
    if (act(task, &own, &why) == 0)
        return OUTCOME_COMPLETED;
    /* A hypervisor lost after a step was taken may have gone on with it: the call's result says
     * nothing then. */
    attempt->asking = why.code == ERR_UNAVAILABLE && attempt->lost.state;
    if (attempt->asking)
        return OUTCOME_AGAIN;
    *err = why;
    return OUTCOME_FAILED;
}
