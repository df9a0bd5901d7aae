/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One request on its way through a worker and back: authenticated, handed to the handler, logged.
 * Ownership: a connection makes it and submits it; the worker owns it until done(); then it belongs
 * to the connection's loop again. The worker never touches `conn`.
 */
#ifndef CIMSNAPD_NET_EXCHANGE_H
#define CIMSNAPD_NET_EXCHANGE_H

#include "net/http.h"
#include "net/parts.h"

#include <stdint.h>

struct conn;
struct loop;

struct exchange {
    struct worker_task task; /* first: the worker finds the exchange by it */
    struct parts *parts;
    struct conn *conn;
    struct loop *loop;
    void (*done)(struct exchange *exchange); /* called by the worker, once */
    struct exchange *next;                   /* the loop's */

    struct http_request http;
    char *data; /* owned: http.head_len + http.body_len octets */
    char peer[PEERS_TEXT], id[24];
    int64_t began_ms;

    struct strbuf out; /* the HTTP reply as octets */
};

/* Takes data. NULL without memory; data is then still the caller's. */
struct exchange *exchange_new(struct parts *parts, const struct http_request *http, char *data,
                              const struct peer *peer);
/* -1 when the workers' queue is full; the exchange is then still the caller's. */
int exchange_submit(struct exchange *exchange);
void exchange_free(struct exchange *exchange);

/* The log line of what is refused before SOAP; user: the name that was claimed, or NULL. */
void exchange_log_refusal(const char *peer, int status, const char *reason, const char *user);

#endif
