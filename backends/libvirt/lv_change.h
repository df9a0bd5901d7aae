/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Applying and destroying snapshots that are there: one struct for both, its rules and its journal.
 */
#ifndef CIMSNAPD_LV_CHANGE_H
#define CIMSNAPD_LV_CHANGE_H

#include "core/backend.h"
#include "libvirt/lv_journal.h"
#include "libvirt/lv_target.h"

struct lv_change {
    const struct backend_call *call; /* NULL in a recovery, which writes no journal */
    struct lv_view view;             /* its disks are those of node, once the rules have passed */
    struct lv_target node;
    struct lv_labels labels; /* of an apply: what the machine keeps */
    struct lv_names kept;    /* the same, of its disks (lv_leave.h) */
    struct error late;       /* and what went wrong when the snapshot had been applied already (lv_apply_tell) */
    bool begun; /* a step was journalled */
};

/* The machine and its snapshot. lv_change_close() also after an error. */
int lv_change_open(struct lv_change *change, struct lv_conn *conn, const struct guid *vm,
                   const struct guid *id, struct error *err);
void lv_change_close(struct lv_change *change);

/* What must hold before the first step; nothing is changed. Counts the tags of the node. */
int lv_change_check_apply(struct lv_change *change, bool turn_off, struct error *err);
/* Of an apply to a machine whose saved state is gone now, or that was cut short: what only QEMU can tell of its images
 * is asked once more, if it is. */
int lv_change_check_again(struct lv_change *change, struct error *err);
int lv_change_check_destroy(struct lv_change *change, struct error *err);

/* Before each step. */
int lv_change_journal(struct lv_change *change, enum lv_step step, struct error *err);

#endif
