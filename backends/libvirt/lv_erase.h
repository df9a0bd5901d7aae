/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Taking a snapshot away, whole or not: its tags in the images of view->disks and libvirt's metadata. Nothing is
 * merged, no other snapshot changes.
 */
#ifndef CIMSNAPD_LV_ERASE_H
#define CIMSNAPD_LV_ERASE_H

#include "libvirt/lv_view.h"

/* Whatever is there of it goes. */
int lv_erase(struct lv_view *view, const char *name, struct error *err);
/* The same of one that is whole: 0, 1 when it was refused and all of it is there still, -1 when neither is sure;
 * err is set but for 0. */
int lv_erase_whole(struct lv_view *view, const char *name, struct error *err);

#endif
