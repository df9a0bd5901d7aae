/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the memory backend lists, whole or in parts. Copies out; on error what was added to `out` is still the
 * caller's to clear. The backend's lock is held.
 */
#ifndef CIMSNAPD_MEMORY_LISTS_H
#define CIMSNAPD_MEMORY_LISTS_H

#include "memory/script.h"

struct script_machine *lists_find(struct script *script, const struct guid *id, struct error *err);
int lists_copy_vm(struct vm *out, const struct vm *vm, struct error *err);
/* part NULL: all, as the script and the tree have them. */
int lists_vms(struct script *script, const struct list_part *part, struct vm_list *out, struct error *err);
int lists_snapshots(struct script_machine *machine, const struct list_part *part,
                    struct snapshot_list *out, struct error *err);
/* As tree_add(). */
int lists_add(struct script_machine *machine, struct snapshot *made);
bool lists_has_snapshot(struct script_machine *machine, const struct guid *id, struct error *err);
/* After the machine or one of its snapshots has another name, before anything is listed. */
void lists_renamed(struct script *script, struct script_machine *machine);
/* After snapshots have gone. */
void lists_removed(struct script_machine *machine);

#endif
