/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Looks over the machines in the background for what others did to them (virsh, a virtualisation
 * manager): what is asked for is always fresh, but nobody may ask for long. One machine at a time,
 * at most `sweep.machines` every `sweep.seconds`; the next pass goes on where this one ended.
 */
#ifndef CIMSNAPD_CORE_SWEEP_H
#define CIMSNAPD_CORE_SWEEP_H

#include "base/config.h"
#include "core/backend.h"

struct sweep;

enum sweep_change { SWEEP_VM_SEEN, SWEEP_VM_GONE, SWEEP_SNAPSHOT_SEEN, SWEEP_SNAPSHOT_GONE };

/* Told of each change since the last look at that machine, in the sweep's thread. What was there at
 * the first look is no change. Pointers are borrowed; snapshot and name are NULL for changes of machines. */
struct sweep_listener {
    void (*change)(void *opaque, enum sweep_change change, const struct guid *vm,
                   const struct guid *snapshot, const char *name);
    /* Every snapshot that a look finds, new or not. */
    void (*found)(void *opaque, const struct snapshot *snapshot);
    void *opaque;
};

/* backend and config are borrowed. No thread yet. */
int sweep_open(struct sweep **out, struct backend *backend, const struct config *config,
               const struct sweep_listener *listener, struct error *err);
/* One pass: 0, or -1 with err when the hypervisor could not be asked (what is known stays). */
int sweep_pass(struct sweep *sweep, struct error *err);
/* Passes from now on, one each sweep.seconds; none when that is 0. */
int sweep_start(struct sweep *sweep, struct error *err);
/* Waits for a pass under way. NULL is legal. */
void sweep_close(struct sweep *sweep);

#endif
