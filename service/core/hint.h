/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which machine a snapshot was last seen on: only a hint where to look first, forgotten at will.
 * Threads: any.
 */
#ifndef CIMSNAPD_CORE_HINT_H
#define CIMSNAPD_CORE_HINT_H

#include "base/guid.h"

#include <pthread.h>

enum { HINT_SLOTS = 4096 };

struct hint {
    pthread_mutex_t lock;
    struct {
        struct guid snapshot, vm;
    } slots[HINT_SLOTS];
};

void hint_init(struct hint *hint);
void hint_destroy(struct hint *hint);
void hint_put(struct hint *hint, const struct guid *snapshot, const struct guid *vm);
bool hint_get(struct hint *hint, const struct guid *snapshot, struct guid *vm);

#endif
