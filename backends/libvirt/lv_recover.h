/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What became of a create that ended badly, or with the process: the guest is let go on, and the
 * snapshot is whole or nothing of it is left. Any number of calls.
 */
#ifndef CIMSNAPD_LV_RECOVER_H
#define CIMSNAPD_LV_RECOVER_H

#include "core/backend.h"
#include "libvirt/lv_conn.h"
#include "libvirt/lv_thaw.h"

/* As snapshot_recover, of a create. ERR_IN_USE while libvirt still works on it: ask again later. thaws may be NULL. */
int lv_recover(struct lv_conn *conn, struct lv_thaws *thaws, const struct recovery_order *order,
               enum recovery *out, struct error *err);

#endif
