/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/job.h"

#include <stdlib.h>
#include <string.h>

#define CHANGE_ROW(change, title_, doing_)                                                         \
    { .kind = (enum job_kind)(JOB_VM_CHANGE + (change)), .title = title_, .doing = doing_,            \
      .undone = "the machine's state is not what it was to be", .alone = true }

static const struct job_kind_row rows[] = {
    {
        .kind = JOB_SNAPSHOT_CREATE,
        .title = "Snapshot of %s",
        .doing = "the snapshot was being made",
        .undone = "nothing was left behind",
        .promises = true,
    },
    {
        .kind = JOB_SNAPSHOT_APPLY,
        .title = "Applying a snapshot to %s",
        .doing = "the snapshot was being applied",
        .undone = "nothing was changed",
        .alone = true,
    },
    {
        .kind = JOB_SNAPSHOT_DESTROY,
        .title = "Removing a snapshot of %s",
        .doing = "the snapshot was being removed",
        .undone = "nothing was changed",
        .alone = true,
    },
    {
        .kind = JOB_SNAPSHOT_DESTROY_TREE,
        .title = "Removing a tree of snapshots of %s",
        .doing = "the snapshots were being removed",
        .undone = "nothing was changed",
        .alone = true,
    },
    {
        .kind = JOB_SNAPSHOT_EDIT,
        .title = "Changing a snapshot of %s",
        .doing = "the snapshot was being changed",
        .undone = "nothing was changed",
    },
    {
        .kind = JOB_VM_EDIT,
        .title = "Changing the settings of %s",
        .doing = "the machine was being changed",
        .undone = "nothing was changed",
    },
    CHANGE_ROW(CHANGE_START, "Start of %s", "the machine was being started"),
    CHANGE_ROW(CHANGE_RESUME, "Resuming %s", "the machine was being resumed"),
    CHANGE_ROW(CHANGE_PAUSE, "Pausing %s", "the machine was being paused"),
    CHANGE_ROW(CHANGE_SAVE, "Saving %s", "the machine was being saved"),
    CHANGE_ROW(CHANGE_FORGET, "Discarding the saved state of %s", "the saved state was being discarded"),
    CHANGE_ROW(CHANGE_OFF, "Turning off %s", "the machine was being turned off"),
    CHANGE_ROW(CHANGE_SHUTDOWN, "Shutdown of %s", "the guest was being asked to shut down"),
    CHANGE_ROW(CHANGE_REBOOT, "Restart of %s", "the guest was being asked to restart"),
    CHANGE_ROW(CHANGE_RESET, "Reset of %s", "the machine was being reset"),
};

const struct job_kind_row *job_kind_row(enum job_kind kind)
{
    static const struct job_kind_row unknown = { .title = "%s",
                                                 .doing = "it was under way",
                                                 .undone = "nothing was changed" };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].kind == kind)
            return &rows[i];
    return &unknown;
}

void job_clear(struct job *job)
{
    free(job->owner);
    free(job->title);
    free(job->error_text);
    *job = (struct job){ 0 };
}

void job_list_clear(struct job_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        job_clear(&list->items[i]);
    free(list->items);
    *list = (struct job_list){ 0 };
}

int job_list_take(struct job_list *list, struct job *job)
{
    /* The array holds the next power of two: a full one is when count is such a power. */
    if ((list->count & (list->count - 1)) == 0) {
        size_t room = list->count ? list->count * 2 : 1;
        struct job *items = reallocarray(list->items, room, sizeof(*items));
        if (!items)
            return -1;
        list->items = items;
    }
    list->items[list->count++] = *job;
    *job = (struct job){ 0 };
    return 0;
}

/* Copies text, NULL as NULL; false without memory. */
static bool job_dup(char **out, const char *text)
{
    *out = text ? strdup(text) : NULL;
    return *out || !text;
}

int job_copy(struct job *out, const struct job *job)
{
    bool whole;

    *out = *job;
    whole = job_dup(&out->owner, job->owner);
    whole = job_dup(&out->title, job->title) && whole;
    whole = job_dup(&out->error_text, job->error_text) && whole;
    if (whole)
        return 0;
    job_clear(out);
    return -1;
}

bool job_finished(const struct job *job)
{
    return job->state != JOB_RUNNING;
}
