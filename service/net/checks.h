/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Logins that take time, on threads of their own: password checks, as one takes tens of
 * milliseconds by design, and Kerberos tickets. A flood of wrong passwords then costs those
 * threads, and nobody whose password is remembered. How many are under way is bounded, in all and
 * per peer. Equal logins wait for one check together, so that a client that opens many connections
 * at once pays a single one. Threads: any.
 */
#ifndef CIMSNAPD_NET_CHECKS_H
#define CIMSNAPD_NET_CHECKS_H

#include "auth/auth.h"
#include "net/peers.h"
#include "net/worker.h"

#include <stdbool.h>
#include <sys/queue.h>

/* Part of the submitter's own struct. */
struct check {
    struct worker_task task; /* first */
    const struct peer *peer; /* who is charged */
    bool alone;              /* shared with nobody; else: */
    struct logins_key key;   /* of equal logins equal */
    /* Does the check; slow. Called for one of several equal ones. */
    void (*run)(struct check *check, struct auth_verdict *out);
    /* Called once for each, in some thread; from then on the check is the submitter's again. */
    void (*done)(struct check *check, const struct auth_verdict *verdict);

    /* checks.c's own */
    struct checks *checks;
    struct check *same;
    LIST_ENTRY(check) link;
};

struct checks_limits {
    const char *name; /* of the threads, at most 15 octets */
    size_t threads, all, per_peer;
    const char *all_reason, *each_reason; /* literals, for the log */
};

struct checks;

int checks_open(struct checks **out, const struct checks_limits *limits, struct error *err);
/* Nothing may be under way. NULL is legal. */
void checks_close(struct checks *checks);

/* NULL, or why there is no room for it (a literal); the check is then still the caller's. */
const char *checks_submit(struct checks *checks, struct check *check);

/* Since the start: checks that were made. Now: those under way or waiting. */
unsigned long checks_made(struct checks *checks);
size_t checks_pending(struct checks *checks);

#endif
