/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Slows down logins from addresses where many have failed. The wait comes before the password is
 * looked at, so that it tells nothing, and right ones wait too; nobody is ever locked out, and no
 * other address waits. This host itself has no privilege. An IPv6 peer counts by its /64. The
 * memory is bounded: where too many addresses fail, those with the least failures are forgotten.
 * Threads: any.
 */
#ifndef CIMSNAPD_NET_THROTTLE_H
#define CIMSNAPD_NET_THROTTLE_H

#include "base/error.h"
#include "net/peers.h"

#include <stdint.h>

enum { THROTTLE_FORGIVE_MS = 10000 }; /* for each failure */

struct throttle;

/* after: failures that are free; most_ms: the longest wait, 0 for never. */
int throttle_open(struct throttle **out, long after, long most_ms, struct error *err);
/* NULL is legal. */
void throttle_close(struct throttle *throttle);

/* now_ms: monotonic. */
void throttle_failed(struct throttle *throttle, const struct peer *peer, int64_t now_ms);
/* How long a login from there waits, in milliseconds. */
long throttle_wait(struct throttle *throttle, const struct peer *peer, int64_t now_ms);

#endif
