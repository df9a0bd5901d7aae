/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The files of a machine's disks, where they are on this host: whether the hypervisor will be able to do its work on
 * them. It goes from disk to disk and takes nothing back, so what would stop it in the middle is looked for before.
 */
#ifndef CIMSNAPD_LV_FILES_H
#define CIMSNAPD_LV_FILES_H

#include "libvirt/lv_view.h"

/* 0, or -1 with ERR_INVALID_STATE for a file that is not there. Disks elsewhere pass, in each of these. */
int lv_files_there(const struct lv_view *view, struct error *err);
/* The same for one that cannot be opened for writing, as far as this process can tell; ERR_IN_USE where another program
 * of QEMU's has it open, of a machine that is off. */
int lv_files_writable(const struct lv_view *view, struct error *err);
/* ERR_NO_SPACE for one that has not room for the tables that a snapshot takes, and its removal before it frees any:
 * libvirt says success where that failed. */
int lv_files_room(const struct lv_view *view, struct error *err);
bool lv_file_missing(const struct lv_view *view, const struct lv_disk *disk);

#endif
