/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One snapshot as libvirt has it, with the disks that it covers.
 */
#ifndef CIMSNAPD_LV_TARGET_H
#define CIMSNAPD_LV_TARGET_H

#include "libvirt/lv_view.h"

struct lv_target {
    char *name;             /* libvirt's, and that of the tags in the images */
    char *left;             /* the disks that it does not cover, NULL for none */
    bool memory;            /* it has the machine's memory */
    long long created;      /* seconds since 1970 UTC; tells it from another one of the same name */
    struct lv_disks disks;  /* those that have its tags */
};

/* The snapshot of that GUID of the machine; ERR_NOT_FOUND. */
int lv_target_open(struct lv_target *target, virDomainPtr dom, const struct guid *id, struct error *err);
/* The same by libvirt's name. */
int lv_target_open_named(struct lv_target *target, virDomainPtr dom, const char *name, struct error *err);
void lv_target_close(struct lv_target *target);

/* The view's disks become those: where the machine has one of them, what the machine says of it is kept, as
 * QEMU may have it open. Takes what is in disks. */
void lv_target_choose_disks(struct lv_view *view, struct lv_disks *disks);

#endif
