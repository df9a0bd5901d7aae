/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Allocations that fail when told. The program is linked with --wrap of every allocating function
 * that the service and gSOAP's static library call; SQLite and libxml2 are given the same functions
 * by alloc_init(), or library.c stands before calls into libraries. Threads: arm and disarm on the main thread only.
 */
#ifndef CIMSNAPD_TESTS_ALLOC_H
#define CIMSNAPD_TESTS_ALLOC_H

#include <stdbool.h>

enum alloc_threads { ALLOC_MAIN = 1, ALLOC_OTHERS = 2 };

/* Before anything else, on the main thread. trace: a stack trace at each failure. within_libraries: those of SQLite
 * and libxml2 too (else see library.def). 0 or -1. */
int alloc_init(bool trace, bool within_libraries);
/* From now on the allocations of these threads are counted; `most` of them fail, the first-th (from
 * 1) being the first. */
void alloc_arm(enum alloc_threads threads, long first, long most);
/* Tells whether the first-th allocation was reached. */
bool alloc_disarm(void);
/* Asked by what stands in for an allocation: counts it, and tells whether it fails. */
bool alloc_fails(void);
/* Calls of libvirt that may do so fail although they were done. */
extern bool alloc_done;

/* Whether the command line names it; all when it names nothing. */
bool alloc_wanted(const char *name, char **only);

#endif
