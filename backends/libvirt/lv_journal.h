/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is written down before each step, so that it can be undone or done again after a crash. JSON; of a
 * create:
 *
 *   {"libvirt": 1, "frozen": false, "suspended": true, "disks": [{"target": "vda", "file": "/..."}]}
 *
 * "current" is libvirt's name of the snapshot that was current before, if one was. frozen and suspended hold from the moment before we do it to the moment after it is undone. What works on a
 * snapshot that is there also has "step", "name" (libvirt's), "created" and "at" (seconds since 1970).
 */
#ifndef CIMSNAPD_LV_JOURNAL_H
#define CIMSNAPD_LV_JOURNAL_H

#include "libvirt/lv_disk.h"
#include "libvirt/lv_labels.h"

enum lv_step {
    LV_STEP_CREATE,
    LV_STEP_STOP,   /* apply: the machine is turned off, its saved state removed */
    LV_STEP_REVERT, /* the disks become those of the snapshot */
    LV_STEP_SAVE,   /* the memory of the snapshot, in a paused machine, becomes its saved state */
    LV_STEP_DELETE, /* destroy */
};

struct lv_journal {
    bool frozen;    /* the guest's file systems may be frozen by us */
    bool suspended; /* the machine may be paused by us */
    char *current;  /* NULL when none was, and in all but a create */
    enum lv_step step;
    char *name; /* NULL in a create, where the GUID says it */
    long long created, at;
    struct lv_labels labels; /* of an apply: what the machine is to keep */
    struct lv_names kept;    /* the same, of its disks: their XML */
};

/* To be freed; NULL without memory. */
char *lv_journal_write(const struct lv_journal *journal, const struct lv_disks *disks);
/* Appends to disks; the name is to be freed by lv_journal_clear(). What is no journal of ours:
 * ERR_INVALID_PARAMETER. */
int lv_journal_read(const char *state, struct lv_journal *journal, struct lv_disks *disks,
                    struct error *err);
void lv_journal_clear(struct lv_journal *journal);

#endif
