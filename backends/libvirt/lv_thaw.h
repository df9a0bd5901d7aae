/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Guests whose file systems may still be frozen by us, because their agent did not answer when it was to thaw them.
 * They are asked again in the background until the agent answers, the machine is off or gone, or an hour is over: an
 * agent that was only slow has frozen them after all. Core keeps what is owed (backend_debts): another process begins
 * anew, with an hour of its own.
 */
#ifndef CIMSNAPD_LV_THAW_H
#define CIMSNAPD_LV_THAW_H

#include "core/backend.h"
#include "libvirt/lv_conn.h"

struct lv_thaws;

/* conn is borrowed. NULL without memory. No thread before something is owed. */
struct lv_thaws *lv_thaws_open(struct lv_conn *conn);
/* Waits for a try under way, some seconds. NULL is legal. */
void lv_thaws_close(struct lv_thaws *thaws);
/* thaws may be NULL in these: then nobody asks again. */
void lv_thaws_owe(struct lv_thaws *thaws, const struct guid *vm);
/* The same of a machine that was started to be looked at (lv_wake.h), and is to be turned off when libvirt answers again.
 * No other process keeps that. */
void lv_thaws_owe_end(struct lv_thaws *thaws, const struct guid *vm);
/* As backend_ops.owes. */
void lv_thaws_keep(struct lv_thaws *thaws, const struct backend_debts *debts);
/* Before the machine is frozen anew, or a late thaw would break that; waits for a try under way. */
void lv_thaws_forget(struct lv_thaws *thaws, const struct guid *vm);

#endif
