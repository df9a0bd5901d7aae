/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/recover.h"

#include "base/log.h"
#include "core/edit.h"
#include "core/power.h"

#include <stdlib.h>
#include <string.h>

/* Answers that are no answer, but for an absent hypervisor and one that still works, are not waited for without end:
 * else a machine that can never be examined could never be worked on again. With the pauses, over a minute. */
enum { TRIES_MOST = 10 };

static bool recover_is_endless(enum error_code code)
{
    return code == ERR_UNAVAILABLE || code == ERR_STILL_RUNNING;
}

static void recover_log(const struct recover_case *what, const struct error *why)
{
    log_event(LOG_WARN, "recover-failed", "machine", GUID_STR(&what->vm), "snapshot",
              GUID_STR(&what->snapshot), "journal", what->state, "message", why->message, "cause",
              why->cause[0] ? why->cause : NULL, NULL);
}

/* The end of a job that came to nothing. */
static enum job_outcome recover_fail(const struct recover_case *what, const char *found,
                                     const char *more, struct error *err)
{
    error_set(err, ERR_FAILED, "%s while %s%s%s.", what->event, job_kind_row(what->kind)->doing, found,
              more);
    return OUTCOME_FAILED;
}

/* A sentence that goes into another one loses its full stop. */
static void recover_text_end(char *text)
{
    size_t len = strlen(text);

    if (len && text[len - 1] == '.')
        text[len - 1] = '\0';
}

static int recover_find(const struct recover_case *what, enum recovery *found, struct error *err)
{
    const struct recovery_order order = { what->kind, what->vm, what->snapshot, what->state };

    if (power_is_kind(what->kind))
        return power_recover(what, found, err);
    if (what->kind == JOB_SNAPSHOT_EDIT || what->kind == JOB_VM_EDIT)
        return edit_recover(what, found, err);
    return backend_snapshot_recover(what->backend, &order, found, err);
}

enum job_outcome recover_ask(struct recover_case *what, struct error *err)
{
    enum recovery found = RECOVERY_NONE;
    struct error why = { 0 };

    if (recover_find(what, &found, &why) == 0)
        return found == RECOVERY_WHOLE
                   ? OUTCOME_COMPLETED
                   : recover_fail(what, "; ", job_kind_row(what->kind)->undone, err);
    recover_log(what, &why);
    if (why.code == ERR_NOT_FOUND)
        return recover_fail(what, ", and its machine is no longer there", "", err);
    if (recover_is_endless(why.code) ||
        (why.code != ERR_NOT_SUPPORTED && ++what->tries < TRIES_MOST))
        return OUTCOME_AGAIN;
    recover_text_end(why.message);
    return recover_fail(what, "; what became of it could not be found out: ", why.message, err);
}

/* ---- after a crash ---- */

static void recover_task_free(void *opaque)
{
    struct recover_case *task = opaque;

    free(task->state);
    free(task);
}

static enum job_outcome recover_run(void *opaque, const struct backend_call *call,
                                    struct error *err)
{
    (void)call; /* recovery follows the journal of the action, and writes none */
    return recover_ask(opaque, err);
}

const struct job_work recover_work = { .run = recover_run, .release = recover_task_free };

void *recover_task_new(struct store *store, struct backend *backend, const struct job *job,
                       struct error *err)
{
    struct recover_case *task = calloc(1, sizeof(*task));

    if (!task) {
        error_set(err, ERR_NO_MEMORY, NULL);
        return NULL;
    }
    task->backend = backend;
    task->vm = job->vm;
    task->snapshot = job->snapshot;
    task->kind = job->kind;
    task->event = "The service ended";
    if (store_journal_get(store, &job->id, &task->state, err) == 0)
        return task;
    recover_task_free(task);
    return NULL;
}

static int recover_open_job(struct jobs *jobs, struct store *store, struct backend *backend,
                            struct job *job, struct error *err)
{
    struct recover_case *task = recover_task_new(store, backend, job, err);

    if (!task)
        return -1;
    log_event(LOG_INFO, "recover", "job", GUID_STR(&job->id), "machine", GUID_STR(&job->vm),
              "snapshot", GUID_STR(&job->snapshot), "journal", task->state, NULL);
    if (jobs_load(jobs, job, &recover_work, task, err) == 0)
        return 0;
    recover_task_free(task);
    return -1;
}

int recover_load(struct jobs *jobs, struct store *store, struct backend *backend, struct error *err)
{
    struct job_list list;
    int result = 0;

    if (store_job_list(store, &list, err))
        return -1;
    for (size_t i = 0; i < list.count && result == 0; i++) {
        struct job *job = &list.items[i];
        result = job_finished(job) ? jobs_load(jobs, job, NULL, NULL, err)
                                   : recover_open_job(jobs, store, backend, job, err);
    }
    job_list_clear(&list);
    if (result == 0)
        jobs_settle(jobs);
    return result;
}
