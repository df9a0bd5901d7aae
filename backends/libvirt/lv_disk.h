/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The disks of a machine that a snapshot has to cover: every one that is writable and not empty.
 */
#ifndef CIMSNAPD_LV_DISK_H
#define CIMSNAPD_LV_DISK_H

#include "libvirt/lv_names.h"
#include "libvirt/lv_xml.h"

#include <stddef.h>

struct lv_disk {
    char *target; /* as vda; never NULL */
    char *alias;  /* of QEMU's device; NULL when off */
    char *file;   /* NULL unless the disk is a file */
    char *place;  /* of one that is none: the device, volume or network address, NULL if libvirt does not say */
    char *format; /* NULL unless given */
    bool shared;
    bool mirrored;
    char node[64]; /* QEMU's node name, "" until lv_qmp_disks() filled it in */
    int tags;      /* how often the image has the tag last looked for; -1: could not be read */
    bool bitmaps;  /* it has dirty bitmaps, seen on that occasion */
    struct lv_names *names; /* if set, the names of all its tags are added there on that occasion */
};

struct lv_disks {
    struct lv_disk *items;
    size_t count;
};

/* path: where <disk> elements are, as "/domain/devices/disk". On error out is cleared. */
int lv_disk_read(const struct lv_xml *xml, const char *path, struct lv_disks *out,
                 struct error *err);
/* Appends one; a NULL alias, file or format is legal. */
int lv_disk_add(struct lv_disks *disks, const char *target, const char *file, const char *format);
const struct lv_disk *lv_disk_find(const struct lv_disks *disks, const char *target);
/* The same targets with the same files, or places. */
bool lv_disk_same(const struct lv_disks *a, const struct lv_disks *b);
/* A file in the one format that can have snapshots. */
bool lv_disk_is_qcow2(const struct lv_disk *disk);
/* Moves one from the place `at` of one list to the end of another; -1 without memory. */
int lv_disk_move(struct lv_disks *from, size_t at, struct lv_disks *to);
void lv_disk_clear(struct lv_disks *disks);

#endif
