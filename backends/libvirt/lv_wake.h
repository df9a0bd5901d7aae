/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Images that cannot be read from here (libvirt is on another host, or this process may not), of a machine that is off:
 * QEMU looks at them instead, in the machine started paused for the moment. Its guest runs no instruction; libvirt turns
 * it off when this process dies. One that is saved cannot be looked at so: it would be restored.
 */
#ifndef CIMSNAPD_LV_WAKE_H
#define CIMSNAPD_LV_WAKE_H

#include "libvirt/lv_view.h"

/* Starts it if that is needed, and reads the view anew; else does nothing. lv_view_close() turns it off again. */
int lv_wake(struct lv_view *view, struct error *err);
bool lv_wake_needed(const struct lv_view *view);
/* Turns off what lv_wake() started. */
int lv_wake_end(struct lv_view *view, struct error *err);
/* One that libvirtd, killed meanwhile, has let live: it does not know then whom it was started for. True when it is off,
 * or somebody else's by now. */
bool lv_wake_end_late(virDomainPtr dom, const struct guid *vm);

#endif
