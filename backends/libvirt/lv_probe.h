/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether libvirt can write down what it knows of a machine's snapshots. It keeps a file of each, and says success of a
 * delete that left the file (it is back when libvirtd starts again); of a revert or redefine that could not write it
 * says an error when the disks have changed, or the snapshot is out of its list. So it is tried before, with a
 * snapshot that is none: told of, and forgotten at once.
 */
#ifndef CIMSNAPD_LV_PROBE_H
#define CIMSNAPD_LV_PROBE_H

#include "base/error.h"

#include <libvirt/libvirt.h>
#include <stdbool.h>

/* 0, or -1 with ERR_INVALID_STATE: it cannot, and nothing has changed. Only for QEMU machines. */
int lv_probe(virDomainPtr dom, struct error *err);
/* The name of the snapshot that is none: no list of ours has it. */
bool lv_probe_is(const char *name);
/* Whether there is one that a service left which died in between, and takes it away if it is to: 1, 0, or -1 with err. */
int lv_probe_left(virDomainPtr dom, bool forget, struct error *err);

#endif
