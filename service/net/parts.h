/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What all loops, connections and workers of one server share. Everything here locks itself or is
 * const after the start; it outlives them all.
 */
#ifndef CIMSNAPD_NET_PARTS_H
#define CIMSNAPD_NET_PARTS_H

#include "net/auth.h"
#include "net/peers.h"
#include "net/server.h"
#include "net/tls.h"
#include "net/worker.h"

#include <stdatomic.h>

struct parts {
    const struct config *config;
    net_handler handler;
    void *opaque;
    struct tls *tls;
    struct auth *auth;
    struct peers *peers;
    struct worker_pool *pool;
    atomic_ulong next_id; /* of requests */
};

#endif
