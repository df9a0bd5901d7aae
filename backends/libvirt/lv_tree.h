/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The snapshots of a machine, as libvirt has them. A snapshot is ours if its description says so
 * (lv_meta.h); then its libvirt name is its GUID. Any other is foreign: its GUID is derived from
 * machine and name, its ElementName is its libvirt name, its notes are its description.
 */
#ifndef CIMSNAPD_LV_TREE_H
#define CIMSNAPD_LV_TREE_H

#include "base/error.h"
#include "core/model.h"
#include "libvirt/lv_names.h"

#include <libvirt/libvirt.h>

int lv_tree_list(virDomainPtr dom, struct snapshot_list *out, struct error *err);
/* What libvirt lists. */
struct lv_listed {
    virDomainSnapshotPtr snapshot; /* owned */
    const char *name;              /* the snapshot's */
};
struct lv_listing {
    struct guid vm;
    struct lv_listed *items;
    size_t count;
};
/* To be given to lv_listing_clear(), also on error. */
int lv_listing_read(struct lv_listing *out, virDomainPtr dom, struct error *err);
void lv_listing_clear(struct lv_listing *listing);
/* One, with libvirt's name of it (to be freed): ERR_NOT_FOUND. */
int lv_tree_get(virDomainPtr dom, const struct guid *id, struct snapshot *out, char **name,
                struct error *err);
/* The current snapshot, to be given to virDomainSnapshotFree(); NULL for none. */
int lv_tree_find_current(virDomainPtr dom, virDomainSnapshotPtr *out, struct error *err);
/* libvirt's name of it, to be freed; NULL for none. */
int lv_tree_current(virDomainPtr dom, char **name, struct error *err);
/* Makes a snapshot that libvirt knows by that name its current one. */
int lv_tree_make_current(virDomainPtr dom, const char *name, struct error *err);
/* Whether libvirt knows a snapshot of that name: 1, 0, or -1 with err. */
int lv_tree_has(virDomainPtr dom, const char *name, struct error *err);
/* libvirt's description of a snapshot, to be freed. */
int lv_tree_describe(virDomainPtr dom, const struct guid *id, char **text, struct error *err);

/* libvirt's name of the snapshot of that GUID, to be freed; ERR_NOT_FOUND. */
int lv_tree_find(virDomainPtr dom, const struct guid *id, char **name, struct error *err);
/* The snapshot of that name and all that derive from it, each before those that derive from it; none when there
 * is no such snapshot. */
int lv_tree_branch(virDomainPtr dom, const char *root, struct lv_names *out, struct error *err);

#endif
