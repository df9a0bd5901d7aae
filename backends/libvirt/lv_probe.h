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
/* For who lists snapshots: a mark from before, with which it is seen whether one that is there is nobody's. */
unsigned long lv_probe_mark(void);
bool lv_probe_stray(unsigned long mark);
/* Takes such a one away. */
void lv_probe_forget(virDomainPtr dom);

#endif
