/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Load for make bench as wrk cannot make it: a new connection for each request, which resumes the
 * TLS session of the one before. Body and credentials come from the environment as post.lua has
 * them, and so does the line of figures.
 *
 *   resume CONNECTIONS SECONDS PORT PATH
 *
 * A thread a connection. The first of each has a full handshake; that another one is not resumed
 * counts as failed.
 */
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 1000, REQUEST = 65536, STEP_US = 100, STEPS = 100000 };

static SSL_CTX *ctx;
static struct sockaddr_in server = { .sin_family = AF_INET };
static char request[REQUEST];
static int request_length;
static int64_t end_us;
static atomic_uint done, failed, latency[STEPS]; /* of so many steps */

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "resume: %s\n", what);
    exit(1);
}

/* The reply to its end, which TLS says is one. */
static bool ask(SSL *ssl)
{
    static const char good[] = "HTTP/1.1 200 ";
    char reply[16384];
    int len = SSL_write(ssl, request, request_length) > 0 ? SSL_read(ssl, reply, sizeof(reply)) : 0;
    bool ok = len > (int)sizeof(good) && memcmp(reply, good, sizeof(good) - 1) == 0;

    while (len > 0)
        len = SSL_read(ssl, reply, sizeof(reply));
    return ok && SSL_get_error(ssl, len) == SSL_ERROR_ZERO_RETURN;
}

/* One connection with one request. The session is that of the last one, or NULL; then that of this
 * one. */
static bool exchange(SSL_SESSION **session)
{
    const struct timeval patience = { .tv_sec = 30 }; /* as wrk has it */
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    SSL *ssl = SSL_new(ctx);
    bool ok = fd >= 0 && ssl && SSL_set_fd(ssl, fd) == 1 &&
              setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
              (!*session || SSL_set_session(ssl, *session) == 1) &&
              connect(fd, (struct sockaddr *)&server, sizeof(server)) == 0 &&
              SSL_connect(ssl) == 1 && SSL_session_reused(ssl) == (*session != NULL) && ask(ssl);

    if (ok) {
        SSL_SESSION_free(*session);
        *session = SSL_get1_session(ssl);
        SSL_shutdown(ssl); /* without it the session is taken for a broken one */
    }
    SSL_free(ssl);
    close(fd);
    return ok;
}

static void *work(void *opaque)
{
    SSL_SESSION *session = NULL;
    int64_t begin, step;

    (void)opaque;
    for (begin = now_us(); begin < end_us; begin = now_us()) {
        if (!exchange(&session)) {
            failed++;
            continue;
        }
        step = (now_us() - begin) / STEP_US;
        latency[step < STEPS ? step : STEPS - 1]++;
        done++;
    }
    SSL_SESSION_free(session);
    return NULL;
}

static void prepare(const char *port, const char *path)
{
    const char *file = getenv("BENCH_BODY"), *authorization = getenv("BENCH_AUTHORIZATION");
    FILE *in = file && authorization ? fopen(file, "rb") : NULL;
    static char body[REQUEST];
    size_t len;

    if (!in)
        die("no request in the environment");
    len = fread(body, 1, sizeof(body) - 1, in);
    fclose(in);
    request_length = snprintf(request, sizeof(request),
                              "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                              "Content-Type: application/soap+xml;charset=UTF-8\r\n"
                              "Authorization: %s\r\nContent-Length: %zu\r\n\r\n%s",
                              path, authorization, len, body);
    if (request_length >= (int)sizeof(request))
        die("the request is too long");
    server.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ctx = SSL_CTX_new(TLS_client_method());
    if (!ctx)
        die("no TLS");
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
}

static int64_t percentile(unsigned percent)
{
    uint64_t seen = 0;
    int step = 0;

    while (step < STEPS - 1 && (seen += latency[step]) * 100 < (uint64_t)done * percent)
        step++;
    return (int64_t)step * STEP_US;
}

int main(int argc, char **argv)
{
    unsigned long connections = argc == 5 ? strtoul(argv[1], NULL, 10) : 0;
    static pthread_t threads[CONNECTIONS];
    int64_t begin = now_us();

    if (connections == 0 || connections > CONNECTIONS)
        die("CONNECTIONS SECONDS PORT PATH");
    prepare(argv[3], argv[4]);
    end_us = begin + (int64_t)strtoul(argv[2], NULL, 10) * 1000000;
    for (unsigned long i = 0; i < connections; i++)
        if (pthread_create(&threads[i], NULL, work, NULL) != 0)
            die("no thread");
    for (unsigned long i = 0; i < connections; i++)
        pthread_join(threads[i], NULL);
    printf("FIGURES requests=%u us=%lld failed=%u p50_us=%lld p99_us=%lld\n", done,
           (long long)(now_us() - begin), failed, (long long)percentile(50),
           (long long)percentile(99));
    SSL_CTX_free(ctx);
    return 0;
}
