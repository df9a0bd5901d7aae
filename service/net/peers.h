/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How many there are of something (connections, password checks), in all and from each address. An
 * IPv6 peer counts by its /64: one host has all of those addresses.
 * Threads: any.
 */
#ifndef CIMSNAPD_NET_PEERS_H
#define CIMSNAPD_NET_PEERS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { PEERS_TEXT = 64 };

struct peer {
    unsigned char key[16];
    bool loopback;         /* this host itself */
    char text[PEERS_TEXT]; /* "192.0.2.1:4711" or "[2001:db8::1]:4711" */
};

/* The reasons are literals, for the log. */
struct peers_limits {
    size_t all, each;
    const char *all_reason, *each_reason;
};

struct peers;

int peers_open(struct peers **out, const struct peers_limits *limits, struct error *err);
void peers_close(struct peers *peers);

void peers_name(struct peer *out, const struct sockaddr *address);
/* NULL, or why it is one too many. */
const char *peers_enter(struct peers *peers, const struct peer *peer);
void peers_leave(struct peers *peers, const struct peer *peer);
/* How many there are in all. */
size_t peers_count(struct peers *peers);

#endif
