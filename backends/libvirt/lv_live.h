/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One snapshot in the making: its facts, its journal, and the steps on a machine that runs or is
 * paused. Only for lv_create.c.
 */
#ifndef CIMSNAPD_LV_LIVE_H
#define CIMSNAPD_LV_LIVE_H

#include "core/backend.h"
#include "libvirt/lv_journal.h"
#include "libvirt/lv_thaw.h"
#include "libvirt/lv_view.h"

struct lv_act {
    struct lv_view *view;
    struct lv_thaws *thaws; /* may be NULL */
    const struct backend_call *call;
    const struct snapshot_spec *spec;
    char tag[GUID_TEXT]; /* libvirt's name of the snapshot, and its name in the images */
    struct lv_journal journal;
    char *state; /* the last journal written; NULL while nothing has been done */
};

/* Writes the journal as act->journal is now: before each step. */
int lv_live_journal(struct lv_act *act, struct error *err);
/* The same once the machine goes on, and its file systems: recovery sees that too where libvirt has been told of the
 * snapshot, which comes next. */
int lv_live_note(struct lv_act *act, struct error *err);
/* The tag in every disk at one instant of the guest, which goes on whatever happens. */
int lv_live_take(struct lv_act *act, struct error *err);

#endif
