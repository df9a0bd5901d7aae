/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The HTTPS server: event loops own the sockets, workers authenticate and call the handler. What is
 * malformed, too large, too slow or without valid credentials never reaches the handler.
 * Threads: server_start() and server_stop() one at a time; the handler is called by any worker or loop.
 */
#ifndef CIMSNAPD_NET_SERVER_H
#define CIMSNAPD_NET_SERVER_H

#include "base/config.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "core/access.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed for the call. */
struct net_request {
    const char *body; /* not NUL-terminated */
    size_t length;
    const char *charset; /* "utf-8", "utf-16", or "" when the client named none */
    bool anonymous;      /* without credentials: may Identify, and nothing else */
    const struct principal *who;
    const char *peer;            /* "address:port" */
    const char *id;              /* of the request, as in the log */
    const char *const *profiles; /* security profiles that are offered (DSP8015); ended by NULL */
    /* The WSDL is asked for: the class ("" for none), and the URL at which the client found the service; else
     * NULL. */
    const char *wsdl_class, *address;
    /* An event loop asks: an answer that would have to wait for anything is not begun, and put off. */
    bool at_once;
};

/* Room in front of an envelope (STRBUF_WITH_FRONT) into which most heads of replies fit: it is not copied then. */
enum { NET_HEAD_ROOM = 512 };

struct net_reply {
    int status;         /* HTTP; 500 until the handler says another */
    struct strbuf body; /* an envelope, or a WSDL; empty before the call, freed by the server */
    bool utf16;         /* what the envelope is in; else UTF-8 */
    char action[256], target[256], result[160]; /* for the log; "" leaves one out */
    bool mutation;                             /* for the audit: something was to be changed; */
    bool denied;                               /* and the caller may not do what was asked for */
    bool put_off; /* the request was at_once and cannot be: nothing was done, it is to come again without */
};

/* What answers the requests. */
struct net_handler {
    void (*answer)(void *opaque, const struct net_request *request, struct net_reply *reply);
    /* Whether a body looks like one that can be answered at_once; a guess that takes next to no time. */
    bool (*is_brief)(const char *body, size_t length);
    void *opaque;
};

struct server;

/* Totals count from the start. */
struct server_stats {
    size_t loops, connections, requests_queued, workers_busy, checks_pending;
    size_t octets, octets_early; /* in flight; of those, before a login */
    unsigned long connections_total, requests_total, checks_total;
    unsigned long refused_connections, refused_busy, refused_logins, refused_requests;
    unsigned long delayed_logins;
    int64_t certificate_expiry; /* seconds since 1970 UTC, or -1 */
};

/* What the configuration says of the server, alone and together. */
int server_check(const struct config *config, struct error *err);

/* Listens and serves from its return on; on inherited sockets if there are any (net/systemd.h).
 * config is borrowed until server_stop(). */
int server_start(struct server **out, const struct config *config, const struct net_handler *handler,
                 struct error *err);
/* The port of the endpoint of that name ("https", "mutual" or "http"), which matters when the
 * configuration said 0; 0 when there is none. */
unsigned server_port(const struct server *server, const char *endpoint);
/* Accepts no more, lets running requests end and their replies leave, joins every thread, frees
 * everything. NULL is legal. */
void server_stop(struct server *server);
/* Reads users, rules, keytab, certificates and key again; connections stay. On error the old ones
 * stay in force. */
int server_reload(struct server *server, struct error *err);
/* One thread: true when every event loop has come round since the last call. */
bool server_is_alive(struct server *server);
/* Any thread. */
void server_stats(struct server *server, struct server_stats *out);

#endif
