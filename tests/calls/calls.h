/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What tests/calls/calls.py tells a daemon that has tests/calls/calls.c linked in, through a file
 * that both map ($CIMSNAPD_CALLS): which of the calls in calls.def may fail. One fails once, at the
 * first place in the code, a whole stack of callers, where it has not failed yet.
 */
#ifndef CIMSNAPD_TESTS_CALLS_H
#define CIMSNAPD_TESTS_CALLS_H

#include <stdint.h>

enum { CALLS_MOST = 192, CALLS_PLACES = 4096 };

enum call_when { BEFORE = 1, AFTER = 2, BOTH = BEFORE | AFTER, SKIP = 4 };

/* The next new place fails; or none does, and all are known from then on. */
enum calls_armed { CALLS_IDLE, CALLS_FAIL, CALLS_LEARN };

struct calls_plan {
    int32_t armed;    /* enum calls_armed; what has failed makes it CALLS_IDLE */
    int32_t lock;     /* of places */
    int64_t row;      /* of calls.def, from 0 on, that failed last */
    int64_t failures; /* how many failed, ever */
    uint64_t only;    /* not 0: no other place */
    uint64_t last;    /* the place that failed last */
    int64_t keep_log; /* 1: lines of the log never fail, as somebody waits for one */
    int64_t own;      /* 1: what libraries call among each other never fails */
    int64_t count;    /* of places */
    int64_t seen[CALLS_MOST];
    uint64_t places[CALLS_PLACES];
    uint8_t wanted[CALLS_MOST]; /* by row: 0, BEFORE or AFTER */
};

#endif
