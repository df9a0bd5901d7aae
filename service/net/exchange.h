/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One request on its way through a worker and back: authenticated (net/login.h), decrypted if it
 * was encrypted, handed to the handler, logged.
 * Ownership: a connection makes it and starts it; it is the workers' and checks' until done();
 * then it belongs to the connection's loop again. Nobody but that touches `conn`; the connection's
 * session is lent to the exchange until then.
 */
#ifndef CIMSNAPD_NET_EXCHANGE_H
#define CIMSNAPD_NET_EXCHANGE_H

#include "net/checks.h"
#include "net/http.h"
#include "net/parts.h"
#include "net/sealed.h"

#include <stdint.h>

struct conn;
struct loop;

/* How far a login has come. */
enum exchange_stage {
    EXCHANGE_NEW,
    EXCHANGE_VOUCHED, /* `vouched` is of a right password */
    EXCHANGE_TICKET,  /* `outcome` and `login` are of a Kerberos token */
};

struct exchange {
    struct worker_task task; /* first: the worker finds the exchange by it */
    struct parts *parts;
    struct conn *conn;
    struct loop *loop;
    void (*done)(struct exchange *exchange); /* called once for each submission, by any thread */
    struct exchange *next;                   /* the loop's */

    struct http_request http;
    char *data; /* owned: http.head_len + http.body_len octets */
    struct peer peer;
    const struct endpoint *endpoint;
    struct session *session; /* lent */
    char id[24];
    int64_t began_ms;

    enum exchange_stage stage;
    struct check check;
    struct auth_vouched vouched;
    enum auth_outcome outcome;
    struct auth_result login;
    bool granted; /* somebody is logged in */
    bool fresh;   /* by a token of this very request */
    bool waited;  /* as its address must */
    long wait_ms; /* not 0: it is not done, but to be submitted again after this time */

    bool at_once; /* the loop itself is at it */
    bool put_off; /* and has found that it must not be */
    bool sealed; /* the request was encrypted, in this form: */
    struct sealed_form form;
    struct strbuf out; /* the HTTP reply as octets */
};

/* Takes data. NULL without memory; data is then still the caller's. */
struct exchange *exchange_new(struct parts *parts, const struct http_request *http, char *data);
/* What became of the start. Only what is away comes back, by done(). */
enum exchange_start { EXCHANGE_ANSWERED, EXCHANGE_AWAY, EXCHANGE_REFUSED };
/* Loop thread: answers what needs no waiting at once, for two switches of threads cost more than such an answer;
 * a worker gets everything else. REFUSED: the workers' queue is full. */
enum exchange_start exchange_start(struct exchange *exchange);
/* -1 when the workers' queue is full; the exchange is then still the caller's. */
int exchange_submit(struct exchange *exchange);
void exchange_free(struct exchange *exchange);


/* Writes the reply that is a line of text. challenges: lines WWW-Authenticate, or NULL. */
void exchange_reply_text(struct exchange *exchange, int status, const struct strbuf *challenges);

#endif
