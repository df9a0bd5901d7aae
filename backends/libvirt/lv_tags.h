/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Tags in the images of a machine, by QEMU where it has them open, else by qemu-img.
 */
#ifndef CIMSNAPD_LV_TAGS_H
#define CIMSNAPD_LV_TAGS_H

#include "libvirt/lv_view.h"

/* Sets `tags` of every disk. */
int lv_tags_count(struct lv_view *view, const char *tag, struct error *err);
/* True when every disk has the counted tag `times`; one that could not be read does not decide. */
bool lv_tags_all(const struct lv_view *view, int times);
/* Takes the tag away wherever lv_tags_count() found it. */
int lv_tags_drop(struct lv_view *view, const char *tag, struct error *err);

#endif
