/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Time. Wall clock in microseconds since 1970 UTC, monotonic in milliseconds.
 */
#ifndef CIMSNAPD_BASE_CLOCK_H
#define CIMSNAPD_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_now_us(void);
int64_t clock_mono_ms(void);
/* Tests only: the wall clock stands at `us` from now on; 0 lets it run again. */
void clock_freeze(int64_t us);

#endif
