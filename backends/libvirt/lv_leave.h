/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Snapshots without some disks of their machine. To libvirt such a snapshot is that of a machine which has only the
 * others: it would refuse a disk that it cannot bring back, and its revert stops in the middle at one. So a revert takes
 * them away from the machine, and an apply attaches them again, as they were before it.
 */
#ifndef CIMSNAPD_LV_LEAVE_H
#define CIMSNAPD_LV_LEAVE_H

#include "libvirt/lv_view.h"

/* Those disks of the view that can have no snapshots go to its `left`, and out of what a snapshot embeds where that was read. */
int lv_leave(struct lv_view *view, struct error *err);
/* "vdb vdc", to be freed; NULL for none, and without memory. */
char *lv_leave_text(const struct lv_disks *left);

/* The elements of those disks ("vdb vdc") in a machine's XML, as far as it has them. To be cleared, also on error. */
int lv_leave_read(const char *machine, const char *left, struct lv_names *out, struct error *err);
/* Gives them to a machine that is off; those whose place is taken already are left alone. */
int lv_leave_restore(virDomainPtr dom, const struct lv_names *disks, struct error *err);

#endif
