/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Places where a crash is worth testing. In a test build (-DCIMSNAPD_HOOKS) the process ends itself by
 * SIGKILL at the N-th place it comes to, N from the environment variable CIMSNAPD_DIE_AT, or stops there by
 * SIGSTOP until somebody lets it go on, N from CIMSNAPD_STOP_AT; either set, the log names each place. In
 * every other build a place is nothing.
 */
#ifndef CIMSNAPD_BASE_HOOK_H
#define CIMSNAPD_BASE_HOOK_H

#ifdef CIMSNAPD_HOOKS
void hook_point(const char *name);
#define HOOK(name) hook_point(name)
#else
#define HOOK(name) ((void)0)
#endif

#endif
