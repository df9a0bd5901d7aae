/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A connection: a socket, mostly with TLS, one request at a time, each phase with a real deadline.
 * Belongs to its loop's thread altogether. It outlives the exchange it gave to a worker.
 */
#ifndef CIMSNAPD_NET_CONN_H
#define CIMSNAPD_NET_CONN_H

#include "net/exchange.h"
#include "net/loop.h"
#include "net/peers.h"

/* Takes the socket; the caller has entered the peer, the connection leaves it at its end. -1
 * without memory: then both are still the caller's. */
int conn_open(struct loop *loop, const struct endpoint *endpoint, int fd, const struct peer *peer);
/* The worker is done, or wants to be asked again later; takes the exchange. */
void conn_finish(struct exchange *exchange);
/* The server stops: closes every connection of the loop that no request keeps. */
void conn_stop_all(struct loop *loop);

#endif
