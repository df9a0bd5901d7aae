/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Images of a machine that is off, by qemu-img, without a shell. It writes in one case only: to
 * take away what a broken create has left.
 */
#ifndef CIMSNAPD_LV_IMAGE_H
#define CIMSNAPD_LV_IMAGE_H

#include "base/error.h"

/* How often the qcow2 image has the tag; -1 when this process may not read the file. */
int lv_image_count(const char *file, const char *tag, int *count, struct error *err);
int lv_image_drop(const char *file, const char *tag, struct error *err);

#endif
