/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What can be done to one scripted machine. The caller holds the backend's lock.
 */
#ifndef CIMSNAPD_MEMORY_MACHINE_H
#define CIMSNAPD_MEMORY_MACHINE_H

#include "memory/script.h"

void machine_change(struct script_machine *machine, enum vm_change change);
int machine_settings(const struct script_machine *machine, struct vm_settings *out,
                     struct error *err);
int machine_edit(struct script_machine *machine, const struct vm_edit *edit, struct error *err);
int machine_edit_snapshot(struct script_machine *machine, const struct snapshot_edit *edit,
                          struct error *err);
/* Columns from black to white over rows from black to red: 64 by 48 points. */
int machine_picture(const struct script_machine *machine, struct picture *out, struct error *err);

#endif
