/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/jobqueue.h"

#include <stdlib.h>

void jobqueue_add(struct job_queue *queue, struct job_entry *entry, struct job_machine *spare)
{
    struct job_machine *machine;

    TAILQ_FOREACH(machine, queue, link)
    if (guid_equal(&machine->vm, &entry->job.vm))
        break;
    if (machine) {
        free(spare);
    } else {
        machine = spare;
        *machine = (struct job_machine){ .vm = entry->job.vm };
        TAILQ_INIT(&machine->entries);
        TAILQ_INSERT_TAIL(queue, machine, link);
    }
    TAILQ_INSERT_TAIL(&machine->entries, entry, order);
}

struct job_machine *jobqueue_ready(const struct job_queue *queue, int64_t now_ms, int64_t *next_ms)
{
    struct job_machine *machine;

    *next_ms = INT64_MAX;
    TAILQ_FOREACH(machine, queue, link)
    {
        int64_t due = machine->busy ? INT64_MAX : TAILQ_FIRST(&machine->entries)->due_ms;
        if (due <= now_ms)
            return machine;
        if (due < *next_ms)
            *next_ms = due;
    }
    return NULL;
}

void jobqueue_remove(struct job_queue *queue, struct job_machine *machine, struct job_entry *entry)
{
    TAILQ_REMOVE(&machine->entries, entry, order);
    TAILQ_REMOVE(queue, machine, link);
    if (TAILQ_EMPTY(&machine->entries))
        free(machine);
    else
        TAILQ_INSERT_TAIL(queue, machine, link);
}
