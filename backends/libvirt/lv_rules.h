/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What must hold before a snapshot is begun. Nothing here changes anything.
 */
#ifndef CIMSNAPD_LV_RULES_H
#define CIMSNAPD_LV_RULES_H

#include "core/backend.h"
#include "libvirt/lv_view.h"

/* Whether the machine, as it is made, can have this kind: the capabilities. ERR_INVALID_TYPE. */
int lv_rules_kind(const struct lv_view *view, enum snapshot_kind kind, struct error *err);
/* Everything else that a create needs now: state, other work on it, space, its snapshots, the guest
 * agent. Counts the new tag. */
int lv_rules_create(struct lv_view *view, const struct snapshot_spec *spec, struct error *err);

/* Whether a disk can have snapshots: 0, or -1 with ERR_INVALID_TYPE. */
int lv_rules_disk(const struct lv_disk *disk, struct error *err);

/* The part of it that is about others: no other work on the disks, and a tree that can be taken apart. Reads which
 * snapshot is the current one. */
int lv_rules_undisturbed(struct lv_view *view, struct error *err);

/* True when the guest's memory is part of such a snapshot. */
bool lv_rules_memory(const struct lv_view *view, enum snapshot_kind kind);

#endif
