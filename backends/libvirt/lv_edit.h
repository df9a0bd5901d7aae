/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Names, notes and settings of machines and snapshots. A machine's are its title, its description, its
 * autostart flag and an element of ours in its metadata:
 *
 *   <machine xmlns="urn:cimsnapd:machine:1" checkpoints="2..5"/>
 */
#ifndef CIMSNAPD_LV_EDIT_H
#define CIMSNAPD_LV_EDIT_H

#include "core/backend.h"
#include "libvirt/lv_conn.h"
#include "libvirt/lv_xml.h"

int lv_edit_settings(struct lv_conn *conn, const struct guid *vm, struct vm_settings *out,
                     struct error *err);
/* The same of a machine whose XML is at hand. */
enum snapshot_policy lv_edit_policy(const struct lv_xml *machine);
int lv_edit_machine(struct lv_conn *conn, const struct guid *vm, const struct vm_edit *edit,
                    struct error *err);
/* libvirt is told of the snapshot once more, with another description: it replaces its file as a whole. */
int lv_edit_snapshot(struct lv_conn *conn, const struct snapshot_edit *edit, struct error *err);

#endif
