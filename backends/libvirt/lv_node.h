/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One snapshot as libvirt describes it; what makes it ours is told in lv_tree.h.
 */
#ifndef CIMSNAPD_LV_NODE_H
#define CIMSNAPD_LV_NODE_H

#include "base/error.h"
#include "core/model.h"

#include <libvirt/libvirt.h>

/* The id of a snapshot by its name alone: its GUID, or derived from machine and name. A GUID may be the name of one that
 * is not ours; that is known once it was read (by any thread, of any list), and is remembered. */
struct guid lv_node_id(const struct guid *vm, const char *name);

struct lv_node {
    char *name, *parent; /* by which libvirt links them; parent NULL for a root */
    bool ours;
    struct snapshot snapshot; /* without parent, and not marked current */
};

/* Reads one: 1, 0 when it has gone meanwhile, -1 with err. */
int lv_node_fetch(struct lv_node *node, virDomainSnapshotPtr from, const struct guid *vm,
                  struct error *err);
void lv_node_clear(struct lv_node *node);

#endif
