/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Allocations that fail when told. The program is linked with --wrap of every allocating function
 * that the service and gSOAP's static library call; SQLite and libxml2 are given the same functions
 * by alloc_init(). Threads: arm and disarm on the main thread only.
 */
#ifndef CIMSNAPD_TESTS_ALLOC_H
#define CIMSNAPD_TESTS_ALLOC_H

#include <stdbool.h>

enum alloc_threads { ALLOC_MAIN = 1, ALLOC_OTHERS = 2 };

/* Before anything else, on the main thread. trace: a stack trace at each failure. 0 or -1. */
int alloc_init(bool trace);
/* From now on the allocations of these threads are counted; `most` of them fail, the first-th (from
 * 1) being the first. */
void alloc_arm(enum alloc_threads threads, long first, long most);
/* Tells whether the first-th allocation was reached. */
bool alloc_disarm(void);

#endif
