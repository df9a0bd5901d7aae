/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which change of its state each machine was last asked for here. Forgotten at will.
 * Threads: any.
 */
#ifndef CIMSNAPD_CORE_ASKED_H
#define CIMSNAPD_CORE_ASKED_H

#include "core/model.h"

#include <pthread.h>

enum { ASKED_SLOTS = 1024 };

struct asked {
    pthread_mutex_t lock;
    struct {
        struct guid vm;
        enum job_kind kind;
    } slots[ASKED_SLOTS];
};

void asked_init(struct asked *asked);
void asked_destroy(struct asked *asked);
void asked_put(struct asked *asked, const struct guid *vm, enum job_kind kind);
/* 0 when it is not known. */
enum job_kind asked_get(struct asked *asked, const struct guid *vm);

#endif
