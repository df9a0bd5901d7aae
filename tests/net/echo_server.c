/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The network layer with a handler that only says what it was given: for tests/net/test_server.py.
 *
 *   echo_server CONFIG
 *   echo_server USERS-FILE passwd ...
 *
 * Prints "port N". A request whose body is "hold" prints "held" and waits for the line "release";
 * "big N" is answered with N octets more, "brief" by the loop itself, and "later" looks brief but is none. Lines on standard input: release, reload, stop, and
 * stats, which prints a line of counters; the program ends with its input.
 */
#include "net/server.h"

#include "auth/users.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned releases;

static void say(const char *text)
{
    printf("%s\n", text);
    fflush(stdout);
}

static void hold(void)
{
    pthread_mutex_lock(&lock);
    say("held");
    while (releases == 0)
        pthread_cond_wait(&changed, &lock);
    releases--;
    pthread_mutex_unlock(&lock);
}

static void release(unsigned count)
{
    pthread_mutex_lock(&lock);
    releases += count;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void answer(void *opaque, const struct net_request *request, struct net_reply *reply)
{
    char text[32] = "";
    long size;

    (void)opaque;
    if (request->length < sizeof(text))
        memcpy(text, request->body, request->length);
    if (strcmp(text, "hold") == 0)
        hold();
    if (request->at_once && strcmp(text, "later") == 0) {
        strbuf_puts(&reply->body, "nobody is to see this");
        reply->put_off = true;
        return;
    }
    size = strncmp(text, "big ", 4) == 0 ? strtol(text + 4, NULL, 10) : 0;
    reply->status = 200;
    snprintf(reply->action, sizeof(reply->action), "Echo");
    strbuf_printf(&reply->body,
                  "user=%s role=%s anonymous=%d charset=%s length=%zu body=", request->who->name,
                  role_name(request->who->role), request->anonymous, request->charset,
                  request->length);
    strbuf_add(&reply->body, request->body, request->length);
    for (long i = 0; i < size; i++)
        strbuf_add(&reply->body, "x", 1);
}

static void print_stats(struct server *server)
{
    struct server_stats s;

    server_stats(server, &s);
    printf("checks=%lu pending=%zu octets=%zu early=%zu connections=%zu\n", s.checks_total,
           s.checks_pending, s.octets, s.octets_early, s.connections);
    fflush(stdout);
}

static void *stop(void *server)
{
    server_stop(server);
    return NULL;
}

static int serve(struct server *server)
{
    pthread_t stopper;
    bool stopping = false;
    char line[64];

    while (fgets(line, sizeof(line), stdin)) {
        struct error err = { 0 };
        if (strcmp(line, "release\n") == 0)
            release(1);
        else if (strcmp(line, "reload\n") == 0)
            say(server_reload(server, &err) == 0 ? "reloaded" : err.message);
        else if (strcmp(line, "stats\n") == 0 && !stopping)
            print_stats(server);
        else if (strcmp(line, "stop\n") == 0 && !stopping)
            stopping = pthread_create(&stopper, NULL, stop, server) == 0;
    }
    release(1000000); /* nobody is left who could */
    if (stopping)
        return pthread_join(stopper, NULL);
    server_stop(server);
    return 0;
}

static bool is_brief(const char *body, size_t length)
{
    return length == 5 && (memcmp(body, "brief", 5) == 0 || memcmp(body, "later", 5) == 0);
}

int main(int argc, char **argv)
{
    const struct net_handler handler = { answer, is_brief, NULL };
    struct config config;
    struct error err = { 0 };
    struct server *server;
    int status = 1;

    if (argc > 2 && strcmp(argv[2], "passwd") == 0)
        return users_command(argc - 2, argv + 2, argv[1]);
    if (argc != 2 || config_init(&config, &err) < 0)
        return 2;
    if (config_read(&config, argv[1], &err) == 0 &&
        server_start(&server, &config, &handler, &err) == 0) {
        printf("port %u\n", server_port(server, "https"));
        fflush(stdout);
        status = serve(server);
        say("stopped");
    } else {
        printf("error %s\n", err.message);
    }
    config_free(&config);
    return status;
}
