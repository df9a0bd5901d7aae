/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libvirt's event loop in a thread of its own: it answers keepalive and notices lost connections.
 * The loop is one for the whole process, and so is this.
 */
#ifndef CIMSNAPD_LV_EVENT_H
#define CIMSNAPD_LV_EVENT_H

#include "base/error.h"

/* Each start is paired with a stop; the thread ends with the last one. Start before the first
 * connection is opened, stop after the last one is closed. */
int lv_event_start(struct error *err);
void lv_event_stop(void);
/* Waits until what the loop had to do by now is done; not from its thread. -1 when that takes too long. */
int lv_event_turn(void);

#endif
