/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Images of a machine that is off, by qemu-img, without a shell. It writes in one case only: to
 * take away what a broken create has left.
 */
#ifndef CIMSNAPD_LV_IMAGE_H
#define CIMSNAPD_LV_IMAGE_H

#include "libvirt/lv_disk.h"

/* Fills in tags and bitmaps of a disk that is a qcow2 file; tags is -1 when this process may not read it. */
int lv_image_read(struct lv_disk *disk, const char *tag, struct error *err);
/* Makes the tag in an image that nobody has open. */
int lv_image_take(const char *file, const char *tag, struct error *err);
int lv_image_drop(const char *file, const char *tag, struct error *err);

#endif
