/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/asked.h"

#include <string.h>

static size_t asked_slot(const struct guid *vm)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a: a machine's GUID need not be random */

    for (size_t i = 0; i < sizeof(vm->bytes); i++)
        hash = (hash ^ vm->bytes[i]) * 1099511628211u;
    return (size_t)(hash >> 32) % ASKED_SLOTS;
}

void asked_init(struct asked *asked)
{
    memset(asked, 0, sizeof(*asked));
    pthread_mutex_init(&asked->lock, NULL);
}

void asked_destroy(struct asked *asked)
{
    pthread_mutex_destroy(&asked->lock);
}

void asked_put(struct asked *asked, const struct guid *vm, enum job_kind kind)
{
    size_t slot = asked_slot(vm);

    pthread_mutex_lock(&asked->lock);
    asked->slots[slot].vm = *vm;
    asked->slots[slot].kind = kind;
    pthread_mutex_unlock(&asked->lock);
}

enum job_kind asked_get(struct asked *asked, const struct guid *vm)
{
    size_t slot = asked_slot(vm);
    enum job_kind kind = 0;

    pthread_mutex_lock(&asked->lock);
    if (guid_equal(&asked->slots[slot].vm, vm))
        kind = asked->slots[slot].kind;
    pthread_mutex_unlock(&asked->lock);
    return kind;
}
