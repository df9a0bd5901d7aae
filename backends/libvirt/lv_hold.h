/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Machines that are paused for the moment by us. To users those that a create pauses go on running, and those that are
 * started to be looked at (lv_wake.h) stay off.
 */
#ifndef CIMSNAPD_LV_HOLD_H
#define CIMSNAPD_LV_HOLD_H

#include "base/guid.h"

#include <pthread.h>
#include <sys/queue.h>

/* Lives on the stack of the one who holds. */
struct lv_hold {
    struct guid vm;
    int shown; /* virDomainState */
    LIST_ENTRY(lv_hold) link;
};

struct lv_holds {
    pthread_mutex_t lock;
    LIST_HEAD(, lv_hold) list;
};

void lv_hold_init(struct lv_holds *holds);
void lv_hold_destroy(struct lv_holds *holds);
void lv_hold_begin(struct lv_holds *holds, struct lv_hold *hold, const struct guid *vm, int shown);
void lv_hold_end(struct lv_holds *holds, struct lv_hold *hold);
/* What a machine that is paused is shown as; -1 when it is as it is. */
int lv_hold_shown(struct lv_holds *holds, const struct guid *vm);

#endif
