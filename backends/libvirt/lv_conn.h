/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Connections to libvirt, kept open and opened again when they were lost. Each serves one caller at
 * a time: on libvirt 9.0 a call beside a long one, on the same connection, may wait for its end.
 * Threads: any.
 */
#ifndef CIMSNAPD_LV_CONN_H
#define CIMSNAPD_LV_CONN_H

#include "base/error.h"
#include "base/guid.h"
#include "libvirt/lv_home.h"

#include <libvirt/libvirt.h>
#include <stdbool.h>

enum lv_driver {
    LV_OTHER,   /* nothing is known of its snapshots */
    LV_UNKNOWN, /* it does not answer; no link is ever one of these */
    LV_QEMU,
    LV_TEST, /* libvirt's own mock: full snapshots only, no images, no monitor */
};

struct lv_conn;
struct lv_holds;
struct lv_thaws;

/* Succeeds while nobody answers at uri; fails when it can never work. */
int lv_conn_open(struct lv_conn **out, const char *uri, struct error *err);
void lv_conn_close(struct lv_conn *conn); /* NULL is legal */
/* Each link has them from here on; borrowed. */
void lv_conn_hold(struct lv_conn *conn, struct lv_holds *holds, struct lv_thaws *thaws);

/* What a caller holds while it works. */
struct lv_link {
    struct lv_conn *owner;
    virConnectPtr conn;
    enum lv_driver driver;
    bool local; /* libvirt runs on this host: paths of images mean something here */
    bool session; /* it is that of a user, not the host's */
    const struct lv_home *home; /* where it keeps its files */
    struct lv_holds *holds;     /* machines that are paused by us; NULL where nobody shows any */
    struct lv_thaws *thaws;     /* what is owed to machines; NULL where nobody sees to it */
};

/* ERR_UNAVAILABLE when nobody answers. */
int lv_conn_get(struct lv_conn *conn, struct lv_link *out, struct error *err);
void lv_conn_put(struct lv_link *link); /* a link that was never got, or is back, is legal */
/* The machine, to be given to virDomainFree(); NULL with err. */
virDomainPtr lv_conn_machine(const struct lv_link *link, const struct guid *vm, struct error *err);

#endif
