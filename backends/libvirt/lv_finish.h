/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What became of an apply or a destroy whose end nobody saw, and its end: what had been begun is done, but never
 * over the head of somebody who has used the machine since.
 */
#ifndef CIMSNAPD_LV_FINISH_H
#define CIMSNAPD_LV_FINISH_H

#include "core/backend.h"
#include "libvirt/lv_conn.h"

/* As snapshot_recover, for those kinds. ERR_IN_USE while libvirt still works on it: ask again later.
 * ERR_NOT_SUPPORTED: it cannot be found out, or not be done any more; err says why. */
int lv_finish(struct lv_conn *conn, const struct recovery_order *order, enum recovery *out,
              struct error *err);

#endif
