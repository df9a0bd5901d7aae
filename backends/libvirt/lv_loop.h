/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What waits for libvirt's client library, by epoll. A connection takes its socket out of the loop for each call and puts it
 * back; the library's own loop makes a source anew for each, and wakes its thread, which cost more than the call.
 */
#ifndef CIMSNAPD_LV_LOOP_H
#define CIMSNAPD_LV_LOOP_H

/* Once, before anything else of the library's events. -1: see errno. */
int lv_loop_register(void);
/* Waits until there is something to do, and does it; of one thread at a time. -1: see errno. */
int lv_loop_turn(void);

#endif
