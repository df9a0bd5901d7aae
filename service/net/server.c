/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/server.h"

#include "base/log.h"
#include "net/listen.h"
#include "net/loop.h"
#include "net/parts.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct server {
    struct parts parts;
    unsigned port;
    size_t count; /* of loops that run */
    struct loop *loops[];
};

static int open_parts(struct parts *parts, struct error *err)
{
    const struct config *config = parts->config;

    if (tls_open(&parts->tls, config->tls_certificate, config->tls_key, err) < 0 ||
        auth_open(&parts->auth, config, err) < 0 ||
        peers_open(&parts->peers, (size_t)config->limits_connections,
                   (size_t)config->limits_connections_per_peer, err) < 0)
        return -1;
    return worker_start(&parts->pool, (size_t)config->server_workers, (size_t)config->server_queue,
                        err);
}

static void close_parts(struct parts *parts)
{
    worker_stop(parts->pool);
    peers_close(parts->peers);
    auth_close(parts->auth);
    tls_close(parts->tls);
}

static int start_loops(struct server *server, size_t count, struct error *err)
{
    const struct config *config = server->parts.config;
    int *sockets = calloc(count, sizeof(*sockets));
    int result = 0;

    if (!sockets)
        return error_set(err, ERR_NO_MEMORY, NULL);
    server->port = (unsigned)config->listen_port;
    if (listen_open(sockets, count, config->listen_address, &server->port, err) < 0) {
        free(sockets);
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        /* After a failure the rest is started for nothing, so that each socket has one owner. */
        if (loop_start(&server->loops[server->count], &server->parts, sockets[i], err) < 0)
            result = -1;
        else
            server->count++;
    }
    free(sockets);
    return result;
}

static int start(struct server *server, struct error *err)
{
    if (open_parts(&server->parts, err) < 0)
        return -1;
    return start_loops(server, (size_t)server->parts.config->server_loops, err);
}

int server_start(struct server **out, const struct config *config, net_handler handler,
                 void *opaque, struct error *err)
{
    size_t loops = (size_t)config->server_loops;
    struct server *server = calloc(1, sizeof(*server) + loops * sizeof(server->loops[0]));
    sigset_t all, before;
    char port[12];
    int result;

    if (!server)
        return error_set(err, ERR_NO_MEMORY, NULL);
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
    snprintf(port, sizeof(port), "%u", server->port);
    log_event(LOG_INFO, "listening", "address", config->listen_address, "port", port, NULL);
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
    free(server);
}

int server_reload(struct server *server, struct error *err)
{
    /* Both are tried: a broken certificate shall not keep a removed user in. */
    int tls = tls_reload(server->parts.tls, err);
    int users = auth_reload(server->parts.auth, err);

    return tls < 0 || users < 0 ? -1 : 0;
}
