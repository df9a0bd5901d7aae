/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Machines as core knows them. Nothing here waits for other work on a machine.
 */
#ifndef CIMSNAPD_LV_MACHINE_H
#define CIMSNAPD_LV_MACHINE_H

#include "core/model.h"
#include "libvirt/lv_conn.h"
#include "libvirt/lv_hold.h"
#include "libvirt/lv_titles.h"
#include "libvirt/lv_view.h"

/* What is known of machines besides what libvirt says. */
struct lv_known {
    struct lv_holds *holds;
    struct lv_titles *titles; /* NULL, of one machine: libvirt is asked */
};

int lv_machine_list(const struct lv_link *link, const struct lv_known *known, struct vm_list *out,
                    struct error *err);
/* The part of that list. */
int lv_machine_part(const struct lv_link *link, const struct lv_known *known, const struct list_part *part,
                    struct vm_list *out, struct error *err);
int lv_machine_get(const struct lv_link *link, struct lv_holds *holds, const struct guid *vm,
                   struct vm *out, struct error *err);
/* The same of one that was glanced at, without asking more. */
int lv_machine_seen(const struct lv_view *view, struct lv_holds *holds, struct vm *out, struct error *err);

#endif
