/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Parts of long lists: libvirt tells names in one call, but describes one snapshot or machine a call, so only those
 * that are wanted are asked for.
 */
#ifndef CIMSNAPD_LV_PART_H
#define CIMSNAPD_LV_PART_H

#include "base/error.h"
#include "core/model.h"

#include <libvirt/libvirt.h>

/* As lv_tree_list(), the part of it. */
int lv_part_tree(virDomainPtr dom, const struct list_part *part, struct snapshot_list *out,
                 struct error *err);

#endif
