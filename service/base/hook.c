/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/hook.h"

#ifdef CIMSNAPD_HOOKS

#include "base/log.h"

#ifdef CIMSNAPD_COVERAGE
#include <gcov.h>
#endif
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

static const struct {
    const char *variable;
    int signal;
} deeds[] = { { "CIMSNAPD_DIE_AT", SIGKILL }, { "CIMSNAPD_STOP_AT", SIGSTOP } };

void hook_point(const char *name)
{
    static atomic_long passed;
    long here = 0;

    for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        const char *text = getenv(deeds[i].variable);
        if (!text)
            continue;
        if (!here) {
            here = atomic_fetch_add(&passed, 1) + 1;
            log_event(LOG_INFO, "hook", "place", name, NULL);
        }
        if (strtol(text, NULL, 10) != here)
            continue;
#ifdef CIMSNAPD_COVERAGE
        __gcov_dump(); /* what it did until here counts */
        __gcov_reset();
#endif
        raise(deeds[i].signal); /* to this thread: it goes not one step further */
    }
}

#else

extern int hook_absent; /* ISO C wants a declaration in every file */

#endif
