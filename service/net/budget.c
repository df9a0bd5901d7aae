/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/budget.h"

static size_t early_part(size_t bytes, bool known)
{
    return known || bytes <= BUDGET_FREE ? 0 : bytes - BUDGET_FREE;
}

static void move(atomic_size_t *counter, size_t from, size_t to)
{
    if (to > from)
        atomic_fetch_add(counter, to - from);
    else
        atomic_fetch_sub(counter, from - to);
}

/* Adds, unless that would pass the limit. */
static bool take(atomic_size_t *counter, size_t limit, size_t more)
{
    if (more == 0 || atomic_fetch_add(counter, more) + more <= limit)
        return true;
    atomic_fetch_sub(counter, more);
    return false;
}

const char *budget_grow(struct budget *budget, struct budget_share *share, size_t bytes)
{
    size_t early = early_part(bytes, share->known) - early_part(share->bytes, share->known);

    if (bytes <= share->bytes)
        return NULL;
    if (!take(&budget->used, budget->limit, bytes - share->bytes))
        return "too many octets in flight";
    if (!take(&budget->early, budget->early_limit, early)) {
        move(&budget->used, bytes, share->bytes);
        return "too many octets in flight before a login";
    }
    share->bytes = bytes;
    return NULL;
}

void budget_set(struct budget *budget, struct budget_share *share, size_t bytes, bool known)
{
    move(&budget->used, share->bytes, bytes);
    move(&budget->early, early_part(share->bytes, share->known), early_part(bytes, known));
    *share = (struct budget_share){ bytes, known };
}
