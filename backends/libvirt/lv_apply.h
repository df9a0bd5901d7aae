/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Making a machine what it was at a snapshot.
 */
#ifndef CIMSNAPD_LV_APPLY_H
#define CIMSNAPD_LV_APPLY_H

#include "libvirt/lv_change.h"

/* As snapshot_apply. */
int lv_apply(struct lv_conn *conn, const struct backend_call *call,
             const struct snapshot_change *order, struct error *err);

/* The steps, for the recovery. To the snapshot, from a machine that is off and has no saved state: */
int lv_apply_revert(struct lv_change *change, struct error *err);
/* after it, which does so itself, title, notes and policy of the machine become change->labels again; */
int lv_apply_keep(struct lv_change *change, struct error *err);
/* and, of one with memory, from there to the saved state. */
int lv_apply_save(struct lv_change *change, struct error *err);

#endif
