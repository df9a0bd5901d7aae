/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How many connections are open, in all and from each address. An IPv6 peer counts by its /64: one
 * host has all of those addresses.
 * Threads: any.
 */
#ifndef CIMSNAPD_NET_PEERS_H
#define CIMSNAPD_NET_PEERS_H

#include "base/error.h"

#include <stddef.h>
#include <sys/socket.h>

enum { PEERS_TEXT = 64 };

struct peer {
    unsigned char key[16];
    char text[PEERS_TEXT]; /* "192.0.2.1:4711" or "[2001:db8::1]:4711" */
};

struct peers;

int peers_open(struct peers **out, size_t limit, size_t limit_per_peer, struct error *err);
void peers_close(struct peers *peers);

void peers_name(struct peer *out, const struct sockaddr *address);
/* NULL, or why the connection is one too many (a literal). */
const char *peers_enter(struct peers *peers, const struct peer *peer);
void peers_leave(struct peers *peers, const struct peer *peer);

#endif
