/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Jobs: work that goes on after its request was answered. Plain data here; the queue and its threads
 * are behind core.h.
 */
#ifndef CIMSNAPD_CORE_JOB_H
#define CIMSNAPD_CORE_JOB_H

#include "base/error.h"
#include "base/guid.h"
#include "core/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Values are CIM_ConcreteJob.JobState and are kept in the store. A waiting job counts as running:
 * real clients stumble over 2 and 3. */
enum job_state {
    JOB_RUNNING = 4,
    JOB_COMPLETED = 7,
    JOB_TERMINATED = 8,
    JOB_KILLED = 9,
    JOB_EXCEPTION = 10,
};

/* What is to know of a kind of job. */
struct job_kind_row {
    enum job_kind kind;
    const char *title;   /* for people; %s is the machine */
    const char *doing;   /* for people, as "the snapshot was being made" */
    const char *undone;  /* the same, of one that came to nothing: "nothing was left behind" */
    bool promises;       /* its snapshot exists once the job has completed, not before */
    bool alone;          /* refused while the machine has another open job; others queue */
};

/* The row of a kind; one that says nothing for kinds that this version does not know. */
const struct job_kind_row *job_kind_row(enum job_kind kind);

/* What becomes of a job that has ended: CIM_Job.DeleteOnCompletion and CIM_ConcreteJob.TimeBeforeRemoval, whose
 * default is five minutes. */
struct job_stay {
    bool remove;
    int64_t us;
};

#define JOB_STAY_DEFAULT_US (INT64_C(300) * 1000000)
#define JOB_STAY_LEAST_US   INT64_C(1000000) /* it "must remain in existence for some period" */
#define JOB_STAY_MOST_US    (INT64_C(99999999) * 86400 * 1000000)

struct job {
    struct guid id;
    enum job_kind kind;
    enum job_state state;
    struct guid vm;
    struct guid snapshot; /* the one that is made, or worked on */
    char *owner;          /* user name */
    char *title;          /* for people, as "Snapshot of demo" */
    unsigned percent;     /* 0..100 */
    enum error_code error;
    char *error_text; /* NULL unless state is JOB_EXCEPTION */
    struct job_stay stay; /* in copies, and as loaded; us 0: the default */
    bool cancellable; /* in copies: jobs_cancel() would find it so */
    int64_t submitted_us, started_us, changed_us, ended_us; /* 0: not yet */
};

struct job_list {
    struct job *items;
    size_t count;
};

void job_clear(struct job *job);
void job_list_clear(struct job_list *list);
int job_list_take(struct job_list *list, struct job *job);
/* A deep copy; -1 without memory, out is cleared then. */
int job_copy(struct job *out, const struct job *job);
bool job_finished(const struct job *job);

#endif
