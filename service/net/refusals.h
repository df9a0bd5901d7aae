/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is refused before SOAP: counted, and logged. A refused request is a line of its own; those
 * for want of room, which a flood brings by the thousand, are one line a second with their number.
 * Threads: any.
 */
#ifndef CIMSNAPD_NET_REFUSALS_H
#define CIMSNAPD_NET_REFUSALS_H

#include "net/peers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum refusal {
    REFUSAL_CONNECTION, /* closed before a word was said */
    REFUSAL_BUSY,       /* 503 */
    REFUSAL_LOGIN,      /* 401 */
    REFUSAL_REQUEST,    /* any other status */
    REFUSAL_KINDS
};

/* Those not told yet. */
struct refusals_held {
    int64_t told_ms; /* when a line was written, 0: never */
    unsigned long count;
    char peer[PEERS_TEXT]; /* the last one's */
    const char *reason;
};

struct refusals {
    atomic_ulong counts[REFUSAL_KINDS];
    atomic_bool any_held;
    pthread_mutex_t lock;                        /* guards held */
    struct refusals_held held[REFUSAL_BUSY + 1]; /* by kind */
};

void refusals_init(struct refusals *refusals);
/* Tells what is held still. */
void refusals_destroy(struct refusals *refusals);

/* reason: a literal. */
void refusals_connection(struct refusals *refusals, const char *peer, const char *reason);
/* user: the name that was claimed, or NULL. */
void refusals_request(struct refusals *refusals, const char *peer, int status, const char *reason,
                      const char *user);

/* True while something is held: then somebody calls refusals_tell() in a second. */
bool refusals_any_held(struct refusals *refusals);
/* Writes the lines whose second is over at now_ms. */
void refusals_tell(struct refusals *refusals, int64_t now_ms);

#endif
