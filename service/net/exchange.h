/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One request on its way through a worker and back: authenticated, handed to the handler, logged.
 * A password that is not remembered sends it from the worker to the password checks, and from there
 * back to a worker when it was right.
 * Ownership: a connection makes it and submits it; it is the workers' and checks' until done();
 * then it belongs to the connection's loop again. Nobody but that touches `conn`.
 */
#ifndef CIMSNAPD_NET_EXCHANGE_H
#define CIMSNAPD_NET_EXCHANGE_H

#include "net/checks.h"
#include "net/http.h"
#include "net/parts.h"

#include <stdint.h>

struct conn;
struct loop;

struct exchange {
    struct worker_task task; /* first: the worker finds the exchange by it */
    struct check check;
    bool vouched; /* check.key is that of a right password */
    bool granted; /* somebody is logged in */
    struct parts *parts;
    struct conn *conn;
    struct loop *loop;
    void (*done)(struct exchange *exchange); /* called once, by any thread */
    struct exchange *next;                   /* the loop's */

    struct http_request http;
    char *data; /* owned: http.head_len + http.body_len octets */
    struct peer peer;
    struct auth_result login;
    char id[24];
    int64_t began_ms;

    struct strbuf out; /* the HTTP reply as octets */
};

/* Takes data. NULL without memory; data is then still the caller's. */
struct exchange *exchange_new(struct parts *parts, const struct http_request *http, char *data,
                              const struct peer *peer);
/* -1 when the workers' queue is full; the exchange is then still the caller's. */
int exchange_submit(struct exchange *exchange);
void exchange_free(struct exchange *exchange);

#endif
