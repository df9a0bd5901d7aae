/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/server.h"

#include "base/log.h"
#include "net/listen.h"
#include "net/loop.h"
#include "net/parts.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct server {
    struct parts parts;
    unsigned ports[ENDPOINTS_MOST]; /* as in parts.endpoints */
    size_t count;                   /* of loops that run */
    struct loop **loops;
};

int server_check(const struct config *config, struct error *err)
{
    long request = config->limits_header_bytes + config->limits_body_bytes;
    struct endpoints endpoints;

    /* Else the largest request that is allowed could never be sent. */
    if (config->limits_octets_before_login < request ||
        config->limits_octets < config->limits_octets_before_login)
        return error_set(err, ERR_INVALID_PARAMETER,
                         "limits.octets must be at least octets_before_login, and that at least "
                         "header_bytes + body_bytes, here %ld",
                         request);
    return endpoint_list(&endpoints, config, err);
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
        .name = "password",
        .threads = (size_t)config->auth_check_threads,
        .all = (size_t)config->auth_checks,
        .per_peer = (size_t)config->auth_checks_per_peer,
        .all_reason = "too many password checks under way",
        .each_reason = "too many password checks under way from this address",
    };
    const struct checks_limits tickets = {
        .name = "kerberos",
        .threads = (size_t)config->kerberos_threads,
        .all = (size_t)config->kerberos_logins,
        .per_peer = (size_t)config->kerberos_logins_per_peer,
        .all_reason = "too many Kerberos logins under way",
        .each_reason = "too many Kerberos logins under way from this address",
    };

    parts->budget.limit = (size_t)config->limits_octets;
    parts->budget.early_limit = (size_t)config->limits_octets_before_login;
    if (endpoint_list(&parts->endpoints, config, err) < 0 ||
        tls_open(&parts->tls, config, err) < 0 || auth_open(&parts->auth, config, err) < 0 ||
        throttle_open(&parts->throttle, config->auth_delay_after, config->auth_delay_ms, err) < 0 ||
        peers_open(&parts->peers, &connections, err) < 0 ||
        checks_open(&parts->checks, &checks, err) < 0)
        return -1;
    if (config->kerberos_keytab[0] && checks_open(&parts->tickets, &tickets, err) < 0)
        return -1;
    return worker_start(&parts->pool, "worker", (size_t)config->server_workers,
                        (size_t)config->server_queue, err);
}

/* The checks hand on to the workers, so they end first. */
static void close_parts(struct parts *parts)
{
    checks_close(parts->checks);
    checks_close(parts->tickets);
    worker_stop(parts->pool);
    peers_close(parts->peers);
    throttle_close(parts->throttle);
    auth_close(parts->auth);
    tls_close(parts->tls);
    refusals_destroy(&parts->refusals);
}

static void log_listening(const struct server *server, const struct listeners *listeners)
{
    const struct endpoints *endpoints = &server->parts.endpoints;
    char port[12], loops[24];

    snprintf(loops, sizeof(loops), "%zu", server->count);
    for (size_t i = 0; i < endpoints->count; i++) {
        bool inherited = listeners->inherited[i];
        snprintf(port, sizeof(port), "%u", server->ports[i]);
        log_event(LOG_INFO, "listening", "address", inherited ? NULL : endpoints->items[i].address,
                  "port", port, "loops", loops, "sockets", inherited ? "inherited" : "own",
                  "endpoint", endpoints->items[i].name, NULL);
    }
}

/* The sockets of one loop; after a failure they are closed, so that each has one owner. */
static int start_loop(struct server *server, const struct listeners *listeners, size_t number,
                      struct error *err)
{
    int sockets[ENDPOINTS_MOST];
    size_t count = server->parts.endpoints.count;

    for (size_t i = 0; i < count; i++)
        sockets[i] = listeners->sockets[i * listeners->loops + number];
    if (server->loops) {
        struct loop *loop = NULL;
        if (loop_start(&loop, &server->parts, sockets, err) < 0)
            return -1;
        server->loops[server->count++] = loop;
        return 0;
    }
    for (size_t i = 0; i < count; i++)
        close(sockets[i]);
    return error_set(err, ERR_NO_MEMORY, NULL);
}

static int start_loops(struct server *server, struct error *err)
{
    struct listeners listeners;
    int result = 0;

    if (listen_open(&listeners, &server->parts.endpoints,
                    (size_t)server->parts.config->server_loops, err) < 0)
        return -1;
    memcpy(server->ports, listeners.ports, sizeof(server->ports));
    server->loops = calloc(listeners.loops, sizeof(*server->loops));
    /* After a failure the rest is started for nothing. */
    for (size_t i = 0; i < listeners.loops; i++)
        if (start_loop(server, &listeners, i, err) < 0)
            result = -1;
    if (result == 0)
        log_listening(server, &listeners);
    listen_free(&listeners);
    return result;
}

/* A descriptor for each connection, and some for the rest: most hosts start a process with 1024, and let it have
 * more. */
static void raise_descriptors(const struct config *config)
{
    enum { REST = 512 }; /* files, libvirt, loops */
    const rlim_t wanted = (rlim_t)config->limits_connections + REST;
    struct rlimit limit;
    char have[24];

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    snprintf(have, sizeof(have), "%llu", (unsigned long long)limit.rlim_cur);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
        log_event(LOG_WARN, "descriptors", "limit", have, "reason",
                  "fewer than limits.connections needs: raise the limit of open files", NULL);
}

static int start(struct server *server, struct error *err)
{
    raise_descriptors(server->parts.config);
    if (server_check(server->parts.config, err) < 0 || open_parts(&server->parts, err) < 0)
        return -1;
    return start_loops(server, err);
}

int server_start(struct server **out, const struct config *config, const struct net_handler *handler,
                 struct error *err)
{
    struct server *server = calloc(1, sizeof(*server));
    sigset_t all, before;
    int result;

    if (!server)
        return error_set(err, ERR_NO_MEMORY, NULL);
    refusals_init(&server->parts.refusals);
    server->parts.config = config;
    server->parts.handler = *handler;
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

unsigned server_port(const struct server *server, const char *endpoint)
{
    for (size_t i = 0; i < server->parts.endpoints.count; i++)
        if (strcmp(server->parts.endpoints.items[i].name, endpoint) == 0)
            return server->ports[i];
    return 0;
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

bool server_is_alive(struct server *server)
{
    bool alive = true;

    for (size_t i = 0; i < server->count; i++)
        alive = loop_is_alive(server->loops[i]) && alive;
    return alive;
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
        .delayed_logins = parts->delayed,
        .certificate_expiry = tls_expiry(parts->tls),
    };
    worker_load(parts->pool, &out->workers_busy, &out->requests_queued);
}
