/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/server.h"

#include "base/log.h"
#include "net/listen.h"
#include "net/loop.h"
#include "net/parts.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct server {
    struct parts parts;
    unsigned port;
    size_t count; /* of loops that run */
    struct loop **loops;
};

int server_check(const struct config *config, struct error *err)
{
    long request = config->limits_header_bytes + config->limits_body_bytes;

    /* Else the largest request that is allowed could never be sent. */
    if (config->limits_octets_before_login < request ||
        config->limits_octets < config->limits_octets_before_login)
        return error_set(err, ERR_INVALID_PARAMETER,
                         "limits.octets must be at least octets_before_login, and that at least "
                         "header_bytes + body_bytes, here %ld",
                         request);
    return 0;
}

static int open_parts(struct parts *parts, struct error *err)
{
    const struct config *config = parts->config;
    const struct peers_limits connections = {
        .all = (size_t)config->limits_connections,
        .each = (size_t)config->limits_connections_per_peer,
        .all_reason = "too many connections",
        .each_reason = "too many connections from this address",
    };
    const struct checks_limits checks = {
        .threads = (size_t)config->auth_check_threads,
        .all = (size_t)config->auth_checks,
        .per_peer = (size_t)config->auth_checks_per_peer,
    };

    parts->budget.limit = (size_t)config->limits_octets;
    parts->budget.early_limit = (size_t)config->limits_octets_before_login;
    if (tls_open(&parts->tls, config->tls_certificate, config->tls_key, err) < 0 ||
        auth_open(&parts->auth, config, err) < 0 ||
        peers_open(&parts->peers, &connections, err) < 0 ||
        checks_open(&parts->checks, &checks, err) < 0)
        return -1;
    return worker_start(&parts->pool, "worker", (size_t)config->server_workers,
                        (size_t)config->server_queue, err);
}

/* The checks hand on to the workers, so they end first. */
static void close_parts(struct parts *parts)
{
    checks_close(parts->checks);
    worker_stop(parts->pool);
    peers_close(parts->peers);
    auth_close(parts->auth);
    tls_close(parts->tls);
    refusals_destroy(&parts->refusals);
}

static void log_listening(const struct server *server, bool inherited)
{
    char port[12], loops[24];

    snprintf(port, sizeof(port), "%u", server->port);
    snprintf(loops, sizeof(loops), "%zu", server->count);
    log_event(LOG_INFO, "listening", "address",
              inherited ? NULL : server->parts.config->listen_address, "port", port, "loops", loops,
              "sockets", inherited ? "inherited" : "own", NULL);
}

static int start_loops(struct server *server, struct error *err)
{
    struct listeners listeners;
    int result = 0;

    if (listen_open(&listeners, server->parts.config, err) < 0)
        return -1;
    server->port = listeners.port;
    server->loops = calloc(listeners.count, sizeof(*server->loops));
    for (size_t i = 0; i < listeners.count; i++) {
        struct loop *loop = NULL;
        /* After a failure the rest is started for nothing, so that each socket has one owner. */
        if (!server->loops)
            close(listeners.sockets[i]);
        else if (loop_start(&loop, &server->parts, listeners.sockets[i], err) < 0)
            result = -1;
        else
            server->loops[server->count++] = loop;
    }
    if (result == 0 && server->loops)
        log_listening(server, listeners.inherited);
    listen_free(&listeners);
    return server->loops ? result : error_set(err, ERR_NO_MEMORY, NULL);
}

static int start(struct server *server, struct error *err)
{
    if (server_check(server->parts.config, err) < 0 || open_parts(&server->parts, err) < 0)
        return -1;
    return start_loops(server, err);
}

int server_start(struct server **out, const struct config *config, net_handler handler,
                 void *opaque, struct error *err)
{
    struct server *server = calloc(1, sizeof(*server));
    sigset_t all, before;
    int result;

    if (!server)
        return error_set(err, ERR_NO_MEMORY, NULL);
    refusals_init(&server->parts.refusals);
    server->parts.config = config;
    server->parts.handler = handler;
    server->parts.opaque = opaque;
    /* Threads inherit the mask: signals are for main, and SIGPIPE is for nobody. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    result = start(server, err);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result < 0) {
        server_stop(server);
        return -1;
    }
    *out = server;
    return 0;
}

unsigned server_port(const struct server *server)
{
    return server->port;
}

void server_stop(struct server *server)
{
    if (!server)
        return;
    for (size_t i = 0; i < server->count; i++)
        loop_stop(server->loops[i]);
    for (size_t i = 0; i < server->count; i++)
        loop_join(server->loops[i]);
    close_parts(&server->parts);
    for (size_t i = 0; i < server->count; i++)
        loop_free(server->loops[i]);
    free(server->loops);
    free(server);
}

int server_reload(struct server *server, struct error *err)
{
    /* Both are tried: a broken certificate shall not keep a removed user in. */
    int tls = tls_reload(server->parts.tls, err);
    int users = auth_reload(server->parts.auth, err);

    return tls < 0 || users < 0 ? -1 : 0;
}

void server_stats(struct server *server, struct server_stats *out)
{
    struct parts *parts = &server->parts;
    atomic_ulong *refused = parts->refusals.counts;

    *out = (struct server_stats){
        .loops = server->count,
        .connections = peers_count(parts->peers),
        .checks_pending = checks_pending(parts->checks),
        .octets = parts->budget.used,
        .octets_early = parts->budget.early,
        .connections_total = parts->accepted,
        .requests_total = parts->answered,
        .checks_total = checks_made(parts->checks),
        .refused_connections = refused[REFUSAL_CONNECTION],
        .refused_busy = refused[REFUSAL_BUSY],
        .refused_logins = refused[REFUSAL_LOGIN],
        .refused_requests = refused[REFUSAL_REQUEST],
        .certificate_expiry = tls_expiry(parts->tls),
    };
    worker_load(parts->pool, &out->workers_busy, &out->requests_queued);
}
