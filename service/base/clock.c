/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"

#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t frozen;

int64_t clock_now_us(void)
{
    struct timespec now;
    int64_t fixed = frozen;

    if (fixed)
        return fixed;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_mono_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool clock_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until_ms)
{
    const struct timespec at = { .tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000 };

    return pthread_cond_clockwait(cond, lock, CLOCK_MONOTONIC, &at) == 0;
}

void clock_freeze(int64_t us)
{
    frozen = us;
}
