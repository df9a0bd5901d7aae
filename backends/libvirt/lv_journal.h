/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a create writes down before each step, so that it can be undone after a crash. JSON:
 *
 *   {"libvirt": 1, "frozen": false, "suspended": true, "disks": [{"target": "vda", "file":
 * "/..."}]}
 *
 * frozen and suspended hold from the moment before we do it to the moment after it is undone.
 */
#ifndef CIMSNAPD_LV_JOURNAL_H
#define CIMSNAPD_LV_JOURNAL_H

#include "libvirt/lv_disk.h"

struct lv_journal {
    bool frozen;    /* the guest's file systems may be frozen by us */
    bool suspended; /* the machine may be paused by us */
};

/* To be freed; NULL without memory. */
char *lv_journal_write(const struct lv_journal *journal, const struct lv_disks *disks);
/* Appends to disks. What is no journal of ours: ERR_INVALID_PARAMETER. */
int lv_journal_read(const char *state, struct lv_journal *journal, struct lv_disks *disks,
                    struct error *err);

#endif
