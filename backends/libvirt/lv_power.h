/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Turning machines on and off, and what lies between.
 */
#ifndef CIMSNAPD_LV_POWER_H
#define CIMSNAPD_LV_POWER_H

#include "core/backend.h"
#include "libvirt/lv_conn.h"
#include "libvirt/lv_hold.h"

/* As backend_ops.vm_change. A save reports progress, and can be cancelled. */
int lv_power(struct lv_conn *conn, struct lv_holds *holds, const struct backend_call *call,
             const struct guid *vm, enum vm_change change, struct error *err);
/* As backend_ops.vm_working. */
int lv_power_working(struct lv_conn *conn, const struct guid *vm, bool *out, struct error *err);

#endif
