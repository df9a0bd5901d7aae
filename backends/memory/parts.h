/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The parts of a machine of the memory backend, as many of each as its script says.
 */
#ifndef CIMSNAPD_MEMORY_PARTS_H
#define CIMSNAPD_MEMORY_PARTS_H

#include "core/hardware.h"
#include "core/host.h"
#include "memory/script.h"

/* A host of 4 processors and 8 GiB; the networks "default" and, switched off, "isolated". */
int parts_host(struct host *out, struct error *err);
int parts_networks(struct network_list *out, struct error *err);
/* snapshot NULL: of the machine as it is. They differ in where they say that they are kept. */
int parts_make(const struct script_machine *machine, const struct guid *snapshot, struct hardware *out,
               struct error *err);

#endif
