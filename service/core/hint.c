/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/hint.h"

#include <string.h>

void hint_init(struct hint *hint)
{
    memset(hint, 0, sizeof(*hint));
    pthread_mutex_init(&hint->lock, NULL);
}

void hint_destroy(struct hint *hint)
{
    pthread_mutex_destroy(&hint->lock);
}

/* One slot for each hash: a newer hint replaces an older one. What an id begins with may be the time. */
static size_t hint_slot(const struct guid *snapshot)
{
    return (snapshot->bytes[14] | (size_t)snapshot->bytes[15] << 8) % HINT_SLOTS;
}

void hint_put(struct hint *hint, const struct guid *snapshot, const struct guid *vm)
{
    size_t slot = hint_slot(snapshot);

    pthread_mutex_lock(&hint->lock);
    hint->slots[slot].snapshot = *snapshot;
    hint->slots[slot].vm = *vm;
    pthread_mutex_unlock(&hint->lock);
}

bool hint_get(struct hint *hint, const struct guid *snapshot, struct guid *vm)
{
    size_t slot = hint_slot(snapshot);
    bool known;

    pthread_mutex_lock(&hint->lock);
    known = guid_equal(&hint->slots[slot].snapshot, snapshot);
    *vm = hint->slots[slot].vm;
    pthread_mutex_unlock(&hint->lock);
    return known && !guid_is_null(vm);
}
