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

/* The steps, for the recovery. Off, with nothing that a next start would go on from: libvirt's revert would keep a saved
 * state, whose memory would then meet other disks; */
int lv_apply_stop(struct lv_change *change, struct error *err);
/* from there to the snapshot, but for title, notes and policy of the machine, which are change->labels again; */
int lv_apply_revert(struct lv_change *change, struct error *err);
/* and, of one with memory, from there to the saved state; */
int lv_apply_save(struct lv_change *change, struct error *err);
/* at last what went wrong on the way, if it left nothing undone but itself: -1. */
int lv_apply_tell(const struct lv_change *change, struct error *err);

#endif
