/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The host as libvirt sees it, and its virtual networks.
 */
#ifndef CIMSNAPD_LV_HOST_H
#define CIMSNAPD_LV_HOST_H

#include "core/host.h"
#include "libvirt/lv_conn.h"

int lv_host_get(const struct lv_link *link, struct host *out, struct error *err);
/* A hypervisor without networks of its own has none. */
int lv_host_networks(const struct lv_link *link, struct network_list *out, struct error *err);

#endif
