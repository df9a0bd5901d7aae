/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Machines that a create of ours pauses for the moment. To users they go on running.
 */
#ifndef CIMSNAPD_LV_HOLD_H
#define CIMSNAPD_LV_HOLD_H

#include "base/guid.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

/* Lives on the stack of the one who holds. */
struct lv_hold {
    struct guid vm;
    LIST_ENTRY(lv_hold) link;
};

struct lv_holds {
    pthread_mutex_t lock;
    LIST_HEAD(, lv_hold) list;
};

void lv_hold_init(struct lv_holds *holds);
void lv_hold_destroy(struct lv_holds *holds);
void lv_hold_begin(struct lv_holds *holds, struct lv_hold *hold, const struct guid *vm);
void lv_hold_end(struct lv_holds *holds, struct lv_hold *hold);
bool lv_hold_has(struct lv_holds *holds, const struct guid *vm);

#endif
