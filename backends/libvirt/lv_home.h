/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where libvirt's QEMU driver keeps the files of its machines. libvirt tells nobody, but its folders are the same
 * wherever it is built as distributions build it; each is looked for before it is told of.
 */
#ifndef CIMSNAPD_LV_HOME_H
#define CIMSNAPD_LV_HOME_H

#include "core/hardware.h"

#include <libvirt/libvirt.h>

/* All NULL when nothing is known: libvirt is on another host, or no QEMU driver. */
struct lv_home {
    char *config, *snapshots, *saves, *logs;
};

/* By the URI and, for a user's own libvirt, the environment: libvirtd has the same where libvirt starts it. What there is
 * no memory for is as if it was unknown. */
void lv_home_find(struct lv_home *home, const char *uri);
void lv_home_clear(struct lv_home *home);
/* Those of a machine, or with snapshot (libvirt's name of it) not NULL of that. out is zeroed before; -1 without memory,
 * and what is in out then is to be freed all the same. */
int lv_home_tell(const struct lv_home *home, virDomainPtr dom, const char *snapshot, struct hw_home *out);

#endif
