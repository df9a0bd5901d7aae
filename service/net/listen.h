/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Listening sockets, one for each loop: several on one port (SO_REUSEPORT), over which the kernel
 * spreads connections, or those that the service manager has opened.
 */
#ifndef CIMSNAPD_NET_LISTEN_H
#define CIMSNAPD_NET_LISTEN_H

#include "base/config.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct listeners {
    int *sockets; /* owned, as are the sockets until somebody takes them */
    size_t count;
    unsigned port; /* the real one, when the configuration said 0; of the first socket */
    bool inherited;
};

/* Inherited sockets come first: then address and port of the configuration do not matter, and there
 * are as many listeners as loops or sockets, whatever is more; loops beyond the sockets share them.
 * All or none: on error nothing of its own stays open. */
int listen_open(struct listeners *out, const struct config *config, struct error *err);
/* Frees the list, not the sockets. */
void listen_free(struct listeners *listeners);

#endif
