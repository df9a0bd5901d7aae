/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where libvirt's snapshots and the tags in the images do not fit each other.
 */
#ifndef CIMSNAPD_LV_DOCTOR_H
#define CIMSNAPD_LV_DOCTOR_H

#include "core/backend.h"
#include "libvirt/lv_conn.h"

/* As vm_check. */
int lv_doctor(struct lv_conn *conn, const struct guid *vm, bool mend,
              const struct backend_finding *tell, struct error *err);

#endif
