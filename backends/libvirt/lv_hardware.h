/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a machine is made of, read from libvirt's XML: of the running machine if it runs, or of what a
 * snapshot keeps of the machine it was taken from.
 */
#ifndef CIMSNAPD_LV_HARDWARE_H
#define CIMSNAPD_LV_HARDWARE_H

#include "core/hardware.h"
#include "libvirt/lv_conn.h"
#include "libvirt/lv_xml.h"

/* snapshot NULL: as it is now. A snapshot whose machine libvirt has not kept tells nothing. */
int lv_hardware_get(const struct lv_link *link, const struct guid *vm, const struct guid *snapshot,
                    struct hardware *out, struct error *err);
/* Reads a domain element; `at` NULL stands for the document's root. On error out is cleared. */
int lv_hardware_read(const struct lv_xml *xml, xmlNodePtr at, struct hardware *out,
                     struct error *err);

#endif
