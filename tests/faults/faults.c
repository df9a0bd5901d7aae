/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fails every allocation of the sample flow in turn: in each stage the N-th one only, N = 1, 2, ...
 * until the stage has no N-th, then in the same way all from the N-th on. Each point runs in a
 * world of its own; the reply must be what it always is or a well-formed fault, the jobs truthful,
 * the service as good as before once memory is back, and nothing may leak (LeakSanitizer). A
 * process of its own, which is begun anew after the point that ended it, runs the points of a
 * stage.
 *
 *     faults PAIRS                       all of them
 *     faults PAIRS STAGE once|ever N     one point, with a stack trace of each failed allocation
 */
#include "base/log.h"
#include "faults/alloc.h"
#include "faults/flow.h"

#include <limits.h>
#include <sanitizer/lsan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Without a sanitizer (make cov) nobody looks for leaks. */
#pragma weak __lsan_do_recoverable_leak_check

enum {
    STAGE_OPEN = FLOW_STEPS, /* the start of core and wsman */
    STAGE_JOB,               /* the job thread, over a whole CreateSnapshot */
    STAGES,
    POINTS_MOST = 5000,
    POINT_SECONDS = 60,
    LEAK_POINTS = 16,
    JOB_FAILURES = 4, /* a job is not given up, so that "for ever" must end for it */
};

/* Shared with the process that runs a stage. */
struct progress {
    long point;
    bool done;
};

static bool leaks(void)
{
    return __lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check();
}

static const char *stage_name(int stage)
{
    return stage == STAGE_OPEN ? "open" : stage == STAGE_JOB ? "job" : flow_names[stage];
}

static const char *plain_step(struct flow *flow, int step, enum flow_strictness how)
{
    struct wsman_reply reply;
    size_t len;
    char *body = flow_request(flow, step, &len);

    flow_send(flow, body, len, &reply);
    free(body);
    return flow_judge(flow, step, &reply, how);
}

static const char *plain_steps(struct flow *flow, int from, int to, enum flow_strictness how)
{
    const char *complaint = NULL;

    for (int step = from; step < to && !complaint; step++) {
        complaint = plain_step(flow, step, how);
        if (!complaint && step == FLOW_CREATE)
            complaint = flow_jobs(flow);
    }
    return complaint;
}

static const char *bad_step(struct flow *flow, int step, bool ever, long point, bool *reached)
{
    struct wsman_reply reply;
    const char *complaint;
    size_t len;
    char *body = flow_request(flow, step, &len);

    alloc_arm(ALLOC_MAIN, point, ever ? LONG_MAX / 2 : 1);
    flow_send(flow, body, len, &reply);
    *reached = alloc_disarm();
    free(body);
    complaint = flow_judge(flow, step, &reply, ever ? FLOW_EVER : FLOW_ONCE);
    return complaint ? complaint : flow_jobs(flow);
}

static const char *bad_job(struct flow *flow, bool ever, long point, bool *reached)
{
    const char *complaint;

    alloc_arm(ALLOC_OTHERS, point, ever ? JOB_FAILURES : 1);
    complaint = plain_step(flow, FLOW_CREATE, FLOW_EXACT);
    if (!complaint)
        complaint = flow_jobs(flow);
    *reached = alloc_disarm();
    return complaint;
}

/* One point in a world of its own. */
static const char *try_point(int stage, bool ever, long point, bool *reached)
{
    struct error err = { 0 };
    const char *complaint = NULL;
    struct flow flow;
    int rc;

    if (stage == STAGE_OPEN)
        alloc_arm(ALLOC_MAIN, point, ever ? LONG_MAX / 2 : 1);
    rc = flow_open(&flow, &err);
    *reached = stage == STAGE_OPEN && alloc_disarm();
    if (rc != 0 && (!*reached || err.code == ERR_NONE))
        complaint = "the start fails without saying why";
    if (rc == 0 && stage != STAGE_OPEN) {
        complaint = plain_steps(&flow, 0, stage == STAGE_JOB ? FLOW_CREATE : stage, FLOW_EXACT);
        if (!complaint && stage == STAGE_JOB)
            complaint = bad_job(&flow, ever, point, reached);
        else if (!complaint)
            complaint = bad_step(&flow, stage, ever, point, reached);
    }
    if (rc == 0 && !complaint)
        complaint = plain_steps(&flow, 0, FLOW_STEPS, FLOW_KIND);
    flow_close(&flow);
    return complaint;
}

/* In the process of a stage: the points from *progress on. */
static int run_points(int stage, bool ever, struct progress *progress)
{
    const char *complaint = NULL;
    bool reached = true;

    while (!complaint && reached && progress->point < POINTS_MOST) {
        progress->point++;
        alarm(POINT_SECONDS); /* its signal ends a process that hangs */
        complaint = try_point(stage, ever, progress->point, &reached);
        /* dear, so not after each */
        if ((complaint || !reached || progress->point % LEAK_POINTS == 0) &&
            leaks() && !complaint)
            complaint = "memory leaks, from this point or the few before it";
    }
    if (complaint)
        fprintf(stderr, "%s\n", complaint);
    progress->done = !complaint;
    return complaint ? 1 : 0;
}

static void show(FILE *output)
{
    char line[1024];

    rewind(output);
    for (int i = 0; i < 60 && fgets(line, sizeof(line), output); i++)
        printf("    %s", line);
}

/* Runs points until one fails or the stage is done. */
static int begin_points(int stage, bool ever, struct progress *progress)
{
    FILE *output = tmpfile();
    int status = -1;
    pid_t pid;

    fflush(stdout);
    pid = output ? fork() : -1;
    if (pid == 0) {
        dup2(fileno(output), STDERR_FILENO);
        exit(run_points(stage, ever, progress));
    }
    if (pid > 0)
        waitpid(pid, &status, 0);
    if (status != 0) {
        printf("  %s %s %ld: %s %d\n", stage_name(stage), ever ? "ever" : "once", progress->point,
               WIFSIGNALED(status) ? "signal" : "exit status",
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        if (output)
            show(output);
    }
    if (output)
        fclose(output);
    return pid < 0 ? -1 : status != 0;
}

static int run_stage(int stage, bool ever, struct progress *progress, long *passed)
{
    int failed = 0;

    *progress = (struct progress){ 0 };
    while (!progress->done && failed < 20) {
        int rc = begin_points(stage, ever, progress);
        if (rc < 0)
            return 1;
        failed += rc;
    }
    /* The last point is the one that was not reached. */
    *passed += progress->point - 1 - failed;
    printf("%-28s %s: %ld points, %d failed\n", stage_name(stage), ever ? "ever" : "once",
           progress->point - 1, failed);
    if (progress->point < 2 || progress->point >= POINTS_MOST) {
        printf("  that is no sensible number of points\n");
        failed++;
    }
    return failed;
}

static int run_all(void)
{
    struct progress *progress =
        mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    long passed = 0, failed = 0;

    if (progress == MAP_FAILED)
        return 2;
    for (int stage = 0; stage < STAGES; stage++) {
        failed += run_stage(stage, false, progress, &passed);
        failed += run_stage(stage, true, progress, &passed);
    }
    printf("faults: %ld passed, %ld failed\n", passed, failed);
    munmap(progress, sizeof(*progress));
    return failed || !passed;
}

static int run_one(const char *name, bool ever, long point)
{
    const char *complaint = NULL;
    bool reached = false;

    for (int stage = 0; stage < STAGES; stage++)
        if (strcmp(stage_name(stage), name) == 0)
            complaint = try_point(stage, ever, point, &reached);
    if (!complaint && leaks())
        complaint = "memory leaks";
    printf("%s%s\n", reached ? "" : "not reached; ", complaint ? complaint : "right");
    return complaint || !reached;
}

int main(int argc, char **argv)
{
    const char *missing;
    struct flow flow;
    struct error err = { 0 };

    if (argc != 2 && argc != 5) {
        fprintf(stderr, "usage: faults PAIRS [STAGE once|ever N]\n");
        return 2;
    }
    log_set_level(LOG_ERROR_);
    if (alloc_init(argc == 5, true) != 0)
        return 2;
    missing = flow_init(argv[1]);
    /* The replies as they always are, and whatever libraries keep from their first use on. */
    if (!missing && flow_open(&flow, &err) == 0) {
        missing = plain_steps(&flow, 0, FLOW_STEPS, FLOW_EXACT);
        flow_close(&flow);
    }
    if (missing || err.code) {
        fprintf(stderr, "faults: %s %s\n", missing ? missing : "", err.message);
        return 2;
    }
    return argc == 5 ? run_one(argv[2], strcmp(argv[3], "ever") == 0, strtol(argv[4], NULL, 10))
                     : run_all();
}
