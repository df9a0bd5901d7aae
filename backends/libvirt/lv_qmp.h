/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * QEMU's own commands, for what libvirt has none: qcow2 snapshots of the disks of a running
 * machine, all in one step. QEMU is asked by node name; a tag is a snapshot's name inside an image.
 */
#ifndef CIMSNAPD_LV_QMP_H
#define CIMSNAPD_LV_QMP_H

#include "base/error.h"
#include "core/model.h"
#include "libvirt/lv_disk.h"

#include <libvirt/libvirt.h>

/* Fills in node and tags (how often the image has `tag`) of each disk that QEMU has open. */
int lv_qmp_survey(virDomainPtr dom, struct lv_disks *disks, const char *tag, struct error *err);
/* 1 when some block job runs (a backup too), 0, or -1 with err. */
int lv_qmp_busy(virDomainPtr dom, struct error *err);
/* 1 when the guest has not run a single instruction, 0, or -1. */
int lv_qmp_fresh(virDomainPtr dom);
/* On all disks or on none. */
int lv_qmp_take(virDomainPtr dom, const struct lv_disks *disks, const char *tag, struct error *err);
int lv_qmp_drop(virDomainPtr dom, const struct lv_disk *disk, const char *tag, struct error *err);

/* All at once: a keyboard takes some ten at a time. */
int lv_qmp_keys(virDomainPtr dom, const struct key_event *events, size_t count, struct error *err);

/* How often an image's list of snapshots (JSON, may be NULL) holds the tag. */
struct json_object;
/* Of a list; json-c asserts what is none away, here it is 0. */
size_t lv_qmp_length(struct json_object *list);
/* Adds those that are not there yet; names NULL: nothing. */
void lv_qmp_names(struct json_object *snapshots, struct lv_names *names);
int lv_qmp_count(struct json_object *snapshots, const char *tag);

#endif
