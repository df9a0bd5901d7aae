/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/job.h"

#include <stdlib.h>
#include <string.h>

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
