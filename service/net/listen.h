/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Listening sockets, one for each endpoint and loop: several on one port (SO_REUSEPORT), over which
 * the kernel spreads connections, or those that the service manager has opened.
 */
#ifndef CIMSNAPD_NET_LISTEN_H
#define CIMSNAPD_NET_LISTEN_H

#include "base/error.h"
#include "net/endpoint.h"

#include <stdbool.h>
#include <stddef.h>

struct listeners {
    int *sockets; /* owned, as are the sockets until somebody takes them: each for an endpoint and a
                   * loop, [endpoint * loops + loop] */
    size_t loops;
    unsigned ports[ENDPOINTS_MOST]; /* the real ones, when the configuration said 0 */
    bool inherited[ENDPOINTS_MOST];
};

/* Inherited sockets come first: then address and port of their endpoint do not matter, and there
 * are as many loops as configured or as one endpoint has sockets, whatever is more; loops beyond
 * the sockets share them. A socket belongs to the endpoint that the manager has named it after,
 * else to HTTPS. All or none: on error nothing of its own stays open. */
int listen_open(struct listeners *out, const struct endpoints *endpoints, size_t loops,
                struct error *err);
/* Frees the list, not the sockets. */
void listen_free(struct listeners *listeners);

#endif
