/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Time. Wall clock in microseconds since 1970 UTC, monotonic in milliseconds.
 */
#ifndef CIMSNAPD_BASE_CLOCK_H
#define CIMSNAPD_BASE_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

int64_t clock_now_us(void);
int64_t clock_mono_ms(void);
/* Waits for the condition until clock_mono_ms() is `until_ms`; false when it is. The lock is held, but for the wait; as
 * ever, it may return early. */
bool clock_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until_ms);
/* Tests only: the wall clock stands at `us` from now on; 0 lets it run again. */
void clock_freeze(int64_t us);

#endif
