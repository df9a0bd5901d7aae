/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What all loops, connections and workers of one server share. Everything here locks itself or is
 * const after the start; it outlives them all.
 */
#ifndef CIMSNAPD_NET_PARTS_H
#define CIMSNAPD_NET_PARTS_H

#include "auth/auth.h"
#include "net/budget.h"
#include "net/checks.h"
#include "net/endpoint.h"
#include "net/peers.h"
#include "net/refusals.h"
#include "net/server.h"
#include "net/throttle.h"
#include "net/tls.h"
#include "net/worker.h"

#include <stdatomic.h>

struct parts {
    const struct config *config;
    struct net_handler handler;
    struct tls *tls;
    struct auth *auth;
    struct checks *checks;  /* passwords */
    struct checks *tickets; /* Kerberos */
    struct throttle *throttle;
    struct endpoints endpoints;
    struct peers *peers; /* connections */
    struct worker_pool *pool;
    struct budget budget;
    struct refusals refusals;
    atomic_ulong next_id;  /* of requests */
    atomic_ulong accepted; /* connections since the start */
    atomic_ulong answered; /* requests that the handler got, since the start */
    atomic_ulong delayed;  /* logins that had to wait, since the start */
};

#endif
