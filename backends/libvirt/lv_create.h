/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Making a snapshot. Always inside the qcow2 images, never as external files: so libvirt's own
 * tree, revert and delete work on it, and any node can go without the others.
 */
#ifndef CIMSNAPD_LV_CREATE_H
#define CIMSNAPD_LV_CREATE_H

#include "core/backend.h"
#include "libvirt/lv_conn.h"
#include "libvirt/lv_hold.h"
#include "libvirt/lv_thaw.h"

/* What outlives one create: who is paused by us, and who may be frozen. */
struct lv_watch {
    struct lv_holds *holds;
    struct lv_thaws *thaws;
};

/* As snapshot_create. ERR_UNAVAILABLE once something was journalled: nobody answers who could tell
 * what is there; lv_recover() finds out later. */
int lv_create(struct lv_conn *conn, const struct lv_watch *watch, const struct backend_call *call,
              const struct snapshot_spec *spec, struct error *err);

#endif
