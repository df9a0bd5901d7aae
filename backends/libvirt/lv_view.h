/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A machine as it is at one moment: what the rules of snapshots look at and the actions work on.
 */
#ifndef CIMSNAPD_LV_VIEW_H
#define CIMSNAPD_LV_VIEW_H

#include "core/model.h"
#include "libvirt/lv_conn.h"
#include "libvirt/lv_disk.h"
#include "libvirt/lv_hold.h"

struct lv_view {
    struct lv_link link; /* owned */
    virDomainPtr dom;    /* owned */
    int state, reason;   /* virDomainState and its reason */
    bool active;         /* a QEMU process is there */
    bool persistent;
    bool saved;   /* a managed save image is there */
    bool agent;   /* a guest agent is connected */
    bool pflash;  /* UEFI firmware with its variables in flash */
    bool woken;   /* it runs, paused, only to be looked at (lv_wake.h) */
    struct lv_hold hold; /* while that is so */
    bool drifted; /* the stored machine has other disks than the running one */
    uint64_t memory_kib;
    char *stored_xml; /* inactive, with secrets: what a snapshot embeds; NULL in a glance */
    struct lv_xml now; /* only in a glance: the machine as it is */
    char *current; /* libvirt's name of the current snapshot, NULL for none; read by lv_rules_undisturbed() */
    struct lv_disks disks;
    struct lv_disks left; /* those of them that lv_leave() has taken out */
};

int lv_view_open(struct lv_view *view, struct lv_conn *conn, const struct guid *vm,
                 struct error *err);
/* For a question, after which nothing is changed: all but what is stored (stored_xml, drifted). */
int lv_view_glance(struct lv_view *view, struct lv_conn *conn, const struct guid *vm,
                   struct error *err);
/* It runs, and is not paused. */
static inline bool lv_view_runs(const struct lv_view *view)
{
    return view->state == VIR_DOMAIN_RUNNING || view->state == VIR_DOMAIN_BLOCKED;
}

/* Reads active, state and reason again. */
int lv_view_refresh(struct lv_view *view, struct error *err);
/* Whether a managed save image is there; a driver that does not know them has none. */
int lv_view_ask_saved(virDomainPtr dom, bool *out, struct error *err);
/* All of it. */
int lv_view_reread(struct lv_view *view, struct error *err);
void lv_view_close(struct lv_view *view);

#endif
