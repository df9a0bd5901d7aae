/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/listen.h"

#include "net/systemd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int set_flag(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof(value));
}

/* A bound socket, or -1 with errno. Connections inherit TCP_NODELAY from it (Linux): without it a
 * reply may wait for the peer's delayed acknowledgement, 40 ms. */
static int bind_socket(const struct addrinfo *address, bool share)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int saved;

    if (fd < 0)
        return -1;
    if (set_flag(fd, SOL_SOCKET, SO_REUSEADDR, 1) == 0 &&
        set_flag(fd, SOL_SOCKET, SO_REUSEPORT, share) == 0 &&
        set_flag(fd, IPPROTO_TCP, TCP_NODELAY, 1) == 0 &&
        (address->ai_family != AF_INET6 || set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0) == 0) &&
        bind(fd, address->ai_addr, address->ai_addrlen) == 0)
        return fd;
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

/* SO_REUSEPORT would let a second daemon take half of the connections unseen: so a first look
 * without it, which fails when somebody is there. */
static int check_free(const struct addrinfo *address)
{
    int fd = bind_socket(address, false);

    if (fd < 0)
        return -1;
    if (listen(fd, 1) < 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    close(fd);
    return 0;
}

/* IPv4 and IPv6 keep the port at the same place. */
static int learn_port(int fd, struct addrinfo *address)
{
    struct sockaddr_in6 *in = (void *)address->ai_addr;

    return getsockname(fd, (struct sockaddr *)in, &address->ai_addrlen);
}

static unsigned port_of(const struct addrinfo *address)
{
    return ntohs(((const struct sockaddr_in6 *)(const void *)address->ai_addr)->sin6_port);
}

static int open_all(int *sockets, size_t count, struct addrinfo *address)
{
    size_t opened = 0;
    bool failed = false;
    int saved;

    if (port_of(address) != 0 && check_free(address) < 0)
        return -1;
    while (opened < count && (sockets[opened] = bind_socket(address, true)) >= 0) {
        opened++;
        if (listen(sockets[opened - 1], SOMAXCONN) < 0 ||
            learn_port(sockets[opened - 1], address) < 0) {
            failed = true;
            break;
        }
    }
    if (opened == count && !failed)
        return 0;
    saved = errno;
    while (opened > 0)
        close(sockets[--opened]);
    errno = saved;
    return -1;
}

static int open_own(int *sockets, size_t count, const struct endpoint *endpoint, unsigned *port,
                    struct error *err)
{
    const struct addrinfo hints = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *found = NULL;
    char service[12];
    int result;

    snprintf(service, sizeof(service), "%ld", endpoint->port);
    if (getaddrinfo(endpoint->address, service, &hints, &found) != 0)
        return error_set(err, ERR_INVALID_PARAMETER, "'%s' is not a numeric address",
                         endpoint->address);
    result = open_all(sockets, count, found);
    if (result == 0)
        *port = port_of(found);
    else
        error_set(err, ERR_FAILED, "cannot listen on %s port %ld: %s", endpoint->address,
                  endpoint->port, strerror(errno));
    freeaddrinfo(found);
    return result;
}

/* True for a TCP socket that listens; makes of it what bind_socket() makes. */
static bool adopt(int fd, unsigned *port)
{
    struct sockaddr_in6 address; /* IPv4 and IPv6 keep the port at the same place */
    socklen_t len = sizeof(address), size = sizeof(int);
    int listens = 0, flags = fcntl(fd, F_GETFL);

    if (flags < 0 || getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0 || !listens ||
        getsockname(fd, (struct sockaddr *)&address, &len) < 0 ||
        (address.sin6_family != AF_INET && address.sin6_family != AF_INET6) ||
        set_flag(fd, IPPROTO_TCP, TCP_NODELAY, 1) < 0 ||
        fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return false;
    *port = ntohs(address.sin6_port);
    return true;
}

/* Those that were inherited, sorted by endpoint. */
struct given {
    int sockets[ENDPOINTS_MOST][SYSTEMD_SOCKETS_MAX];
    size_t count[ENDPOINTS_MOST];
};

static int endpoint_of(const struct endpoints *endpoints, size_t index, struct error *err)
{
    static const char *const all[] = { "https", "mutual", "http" };
    char name[64];

    systemd_socket_name(index, name, sizeof(name));
    for (size_t i = 0; i < endpoints->count; i++)
        if (strcmp(name, endpoints->items[i].name) == 0)
            return (int)i;
    /* A socket without TLS must not be taken for one with it, nor the other way about. */
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(name, all[i]) == 0)
            return error_set(err, ERR_INVALID_PARAMETER,
                             "an inherited socket is for '%s', which the configuration does not "
                             "enable",
                             name);
    return 0;
}

static int sort_inherited(struct given *out, struct listeners *listeners,
                          const struct endpoints *endpoints, struct error *err)
{
    int count = systemd_sockets(err);

    *out = (struct given){ .count = { 0 } };
    for (int i = 0; i < count; i++) {
        int fd = SYSTEMD_FIRST_SOCKET + i, at = endpoint_of(endpoints, (size_t)i, err);
        unsigned port;
        if (at < 0)
            return -1;
        if (!adopt(fd, &port))
            return error_set(err, ERR_INVALID_PARAMETER,
                             "the inherited descriptor %d is not a listening TCP socket", fd);
        if (out->count[at] == 0)
            listeners->ports[at] = port;
        out->sockets[at][out->count[at]++] = fd;
        listeners->inherited[at] = true;
        if (out->count[at] > listeners->loops)
            listeners->loops = out->count[at];
    }
    return count < 0 ? -1 : 0;
}

static int share_inherited(int *sockets, size_t loops, const int *given, size_t count,
                           struct error *err)
{
    for (size_t i = 0; i < loops; i++) {
        sockets[i] = i < count ? given[i] : fcntl(given[i % count], F_DUPFD_CLOEXEC, 0);
        if (sockets[i] >= 0)
            continue;
        error_set(err, ERR_FAILED, "no descriptors are left");
        while (i-- > count)
            close(sockets[i]);
        return -1;
    }
    return 0;
}

static int open_endpoint(struct listeners *out, const struct endpoints *endpoints, size_t at,
                         const struct given *given, struct error *err)
{
    int *sockets = out->sockets + at * out->loops;

    if (given->count[at])
        return share_inherited(sockets, out->loops, given->sockets[at], given->count[at], err);
    return open_own(sockets, out->loops, &endpoints->items[at], &out->ports[at], err);
}

int listen_open(struct listeners *out, const struct endpoints *endpoints, size_t loops,
                struct error *err)
{
    struct given given;
    size_t at = 0;

    *out = (struct listeners){ .loops = loops };
    if (sort_inherited(&given, out, endpoints, err) < 0)
        return -1;
    out->sockets = calloc(endpoints->count * out->loops, sizeof(*out->sockets));
    if (!out->sockets)
        return error_set(err, ERR_NO_MEMORY, NULL);
    while (at < endpoints->count && open_endpoint(out, endpoints, at, &given, err) == 0)
        at++;
    if (at == endpoints->count)
        return 0;
    for (size_t i = 0; i < at * out->loops; i++)
        close(out->sockets[i]);
    listen_free(out);
    return -1;
}

void listen_free(struct listeners *listeners)
{
    free(listeners->sockets);
    listeners->sockets = NULL;
}
