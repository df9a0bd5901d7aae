/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A hypervisor in memory, for tests and load: it keeps real state (a snapshot tree for each
 * machine) as long as it is open, and delays or fails as its script says. The script is the URI:
 *
 *   memory:[?KEY=VALUE[&KEY=VALUE]...]
 *
 *   vms=MACHINE[,MACHINE]...   MACHINE = NAME[*COUNT][:STATE[:WORD[+WORD]...]]
 *                              NAME*3 makes NAME1, NAME2, NAME3.
 *                              STATE: running (default), paused, off, saved, crashed.
 *                              WORDs: agent, nofull, nodisk, norecovery, transient, deaf (the guest does
 *                              not shut down when asked); how much it has: cpus=N (1 if not given),
 *                              disks=N (1), nics=N (1), cds=N, serials=N (0).
 *   snapshots=N                each machine begins with so many, in one branch
 *   delay_ms=N                 how long a create, apply, destroy or change of state takes; it reports
 *                              progress ten times
 *   fail=OPERATION             create, list, capabilities, ping, apply, destroy, change (of a machine's
 *                              state), edit or screen fails; what has a delay after it
 *   fail_code=NAME             with this row of errors.def (FAILED if not given)
 *   fail_after=N               the first N calls of that operation still succeed
 *
 * A machine's GUID is derived from its name, so it is the same each time. Without vms there is one
 * machine, "demo:running". Each key at most once. Threads: parallel.
 */
#ifndef CIMSNAPD_MEMORY_MEMORY_H
#define CIMSNAPD_MEMORY_MEMORY_H

#include "core/backend.h"

extern const struct backend_ops memory_ops;

#endif
