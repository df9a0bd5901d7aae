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

void clock_freeze(int64_t us)
{
    frozen = us;
}
