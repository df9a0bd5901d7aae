/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Connecting in bounded time. virConnectOpen() waits for ever where libvirtd hangs; so it runs in a thread
 * of its own, and whoever asked goes away after a while. One such thread may be stuck, never more: as
 * long as it is, new attempts fail at once.
 */
#ifndef CIMSNAPD_LV_DIAL_H
#define CIMSNAPD_LV_DIAL_H

#include <libvirt/libvirt.h>
#include <stdbool.h>

struct lv_dialer;

struct lv_dialer *lv_dialer_new(const char *uri); /* NULL without memory */
/* A thread that is stuck keeps its memory, and ends with the process or when libvirtd answers. */
void lv_dialer_free(struct lv_dialer *dialer);

/* Why an attempt failed. */
struct lv_dial_failure {
    bool hopeless;  /* no later attempt can work: the URI is none */
    char text[400]; /* libvirt's words, for the log */
};

/* A new connection; NULL with *failure. Threads: any; one attempt at a time. */
virConnectPtr lv_dial(struct lv_dialer *dialer, struct lv_dial_failure *failure);

#endif
