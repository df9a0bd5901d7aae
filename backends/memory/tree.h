/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The snapshots of one machine as a tree, kept in a list with parents before children. At most one is current.
 */
#ifndef CIMSNAPD_MEMORY_TREE_H
#define CIMSNAPD_MEMORY_TREE_H

#include "core/model.h"

/* NULL when there is none of that GUID. */
struct snapshot *tree_find(const struct snapshot_list *tree, const struct guid *id);
/* Makes *made a child of the current one, and current itself; takes its strings. -1 without memory. */
int tree_add(struct snapshot_list *tree, struct snapshot *made);
/* Makes this one current. */
void tree_turn_to(struct snapshot_list *tree, const struct guid *id);
/* Takes it out: its children get its parent, which is current if it was. */
void tree_remove(struct snapshot_list *tree, const struct guid *id);
/* Takes it out with all that derive from it. -1 without memory, nothing is changed then. */
int tree_prune(struct snapshot_list *tree, const struct guid *id);

#endif
