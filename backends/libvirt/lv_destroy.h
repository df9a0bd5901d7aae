/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Removing snapshots, one or with all that derive from it.
 */
#ifndef CIMSNAPD_LV_DESTROY_H
#define CIMSNAPD_LV_DESTROY_H

#include "libvirt/lv_change.h"

/* As snapshot_destroy. */
int lv_destroy(struct lv_conn *conn, const struct backend_call *call,
               const struct snapshot_change *order, struct error *err);

#endif
