/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 *     backend before|after MODULE URI [STEP...]
 *
 * Fails every allocation and every call into libvirt of a backend's operations in turn, these before or after they
 * were done, on its machine "run" that has a state of its own before each point: what the operation answers is a success or an error with a text for users, a create that
 * failed leaves no snapshot, and the next point finds the backend as good as before. (AddressSanitizer looks for leaks.)
 */
#include "base/clock.h"
#include "base/log.h"
#include "faults/alloc.h"
#include "faults/steps.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each point, until a step takes too long (on a real machine); from there on ever fewer. */
enum { POINTS_MOST = 3000, COMPLAINTS_MOST = 20, EACH_MS = 15000 };

static bool is_there(const struct guid *id)
{
    struct snapshot_list list = { 0 };
    bool there = false;

    backend_snapshot_list(world.backend, &world.vm, &list, NULL);
    for (size_t i = 0; i < list.count; i++)
        there |= guid_equal(&list.items[i].id, id);
    snapshot_list_clear(&list);
    return there;
}

static const char *judge(size_t step, int rc)
{
    bool made = world_steps[step].makes;

    if (rc != 0 && (world.err.code == ERR_NONE || !world.err.message[0]))
        return "an error that does not say why";
    if (strchr(world.err.message, '/'))
        return "an error that says too much";
    if (made && world.err.code != ERR_UNAVAILABLE && (rc == 0) != is_there(&world.victim))
        return rc == 0 ? "a create that made no snapshot" : "a failed create left a snapshot";
    return NULL;
}

/* One point; reached tells whether there was such an allocation. NULL or a complaint. */
static const char *try_point(size_t step, long point, bool *reached)
{
    int rc;

    if (world_steps[step].before() != 0)
        return "it does not come to the state of its beginning";
    world.err = (struct error){ 0 };
    alloc_arm(ALLOC_MAIN, point, 1);
    rc = world_steps[step].act(&world.err);
    *reached = alloc_disarm();
    return judge(step, rc);
}

/* Number of complaints. */
static int run_step(size_t step, long *passed)
{
    const int64_t hurry_ms = clock_mono_ms() + EACH_MS;
    long point = 0, tried = 0;
    bool reached = true;
    int failed = 0;

    while (reached && point < POINTS_MOST && failed < COMPLAINTS_MOST) {
        const char *complaint;
        reached = false;
        point += 1 + (clock_mono_ms() < hurry_ms ? 0 : point / 8);
        tried++;
        complaint = try_point(step, point, &reached);
        if (complaint) {
            printf("  %s %ld: %s: %s (%s)\n", world_steps[step].name, point, complaint, world.err.message,
                   world.err.cause);
            failed++;
        }
    }
    /* the last one, in which nothing failed, is what it always is: some backends lack some operations */
    if (world.err.code)
        printf("  %s always: %s (%s)\n", world_steps[step].name, world.err.message, world.err.cause);
    printf("%-16s %ld points, %d failed\n", world_steps[step].name, tried - 1, failed);
    fflush(stdout);
    *passed += tried - failed;
    return failed;
}

int main(int argc, char **argv)
{
    long passed = 0, failed = 0;

    if (argc < 4) {
        fprintf(stderr, "usage: backend before|after MODULE URI [STEP...]\n");
        return 2;
    }
    alloc_done = strcmp(argv[1], "after") == 0;
    signal(SIGPIPE, SIG_IGN);
    log_set_level(LOG_ERROR_);
    if (alloc_init(false, false) != 0 || world_open(argv[2], argv[3]) != 0)
        return 2;
    for (size_t step = 0; world_steps[step].name; step++)
        if (alloc_wanted(world_steps[step].name, argv + 4))
            failed += run_step(step, &passed);
    backend_close(world.backend);
    free(world.state);
    printf("backend: %ld passed, %ld failed\n", passed, failed);
    return failed || !passed;
}
