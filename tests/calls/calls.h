/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What tests/calls/calls.py tells a daemon that has tests/calls/calls.c linked in, through a file
 * that both map ($CIMSNAPD_CALLS): which of the calls in calls.def fails. It fails once, at the
 * first place in the code, a whole stack of callers, where it has not failed yet.
 */
#ifndef CIMSNAPD_TESTS_CALLS_H
#define CIMSNAPD_TESTS_CALLS_H

#include <stdint.h>

enum { CALLS_MOST = 192, CALLS_PLACES = 4096 };

enum call_when { BEFORE = 1, AFTER = 2, BOTH = BEFORE | AFTER, SKIP = 4 };

struct calls_plan {
    int32_t row;      /* of calls.def, from 0 on */
    int32_t when;     /* BEFORE or AFTER */
    int32_t armed;    /* 1: the next new place fails, and makes it 0 */
    int32_t lock;     /* of places */
    int64_t failures; /* how many failed, ever */
    uint64_t only;    /* not 0: no other place */
    uint64_t last;    /* the place that failed last */
    int64_t keep_log; /* 1: lines of the log never fail, as somebody waits for one */
    int64_t count;    /* of places */
    int64_t seen[CALLS_MOST];
    uint64_t places[CALLS_PLACES];
};

#endif
