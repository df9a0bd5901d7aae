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
    int saved;

    if (port_of(address) != 0 && check_free(address) < 0)
        return -1;
    for (; opened < count; opened++) {
        int fd = bind_socket(address, true);
        sockets[opened] = fd;
        if (fd < 0)
            break;
        if (listen(fd, SOMAXCONN) < 0 || learn_port(fd, address) < 0) {
            opened++;
            break;
        }
    }
    if (opened == count && sockets[count - 1] >= 0)
        return 0;
    saved = errno;
    while (opened > 0)
        close(sockets[--opened]);
    errno = saved;
    return -1;
}

static int open_own(struct listeners *out, const struct config *config, struct error *err)
{
    const struct addrinfo hints = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *found = NULL;
    char service[12];
    int result;

    snprintf(service, sizeof(service), "%ld", config->listen_port);
    if (getaddrinfo(config->listen_address, service, &hints, &found) != 0)
        return error_set(err, ERR_INVALID_PARAMETER, "'%s' is not a numeric address",
                         config->listen_address);
    result = open_all(out->sockets, out->count, found);
    if (result == 0)
        out->port = port_of(found);
    else
        error_set(err, ERR_FAILED, "cannot listen on %s port %ld: %s", config->listen_address,
                  config->listen_port, strerror(errno));
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

static int take_inherited(struct listeners *out, size_t given, struct error *err)
{
    unsigned port;

    out->inherited = true;
    for (size_t i = 0; i < given; i++) {
        int fd = SYSTEMD_FIRST_SOCKET + (int)i;
        if (!adopt(fd, i == 0 ? &out->port : &port))
            return error_set(err, ERR_INVALID_PARAMETER,
                             "the inherited descriptor %d is not a listening TCP socket", fd);
        out->sockets[i] = fd;
    }
    for (size_t i = given; i < out->count; i++) {
        out->sockets[i] = fcntl(out->sockets[i % given], F_DUPFD_CLOEXEC, 0);
        if (out->sockets[i] < 0) {
            error_set(err, ERR_FAILED, "no descriptors are left");
            while (i-- > given)
                close(out->sockets[i]);
            return -1;
        }
    }
    return 0;
}

int listen_open(struct listeners *out, const struct config *config, struct error *err)
{
    int given = systemd_sockets(err), result;

    *out = (struct listeners){ .count = (size_t)config->server_loops };
    if (given < 0)
        return -1;
    if ((size_t)given > out->count)
        out->count = (size_t)given;
    out->sockets = calloc(out->count, sizeof(*out->sockets));
    if (!out->sockets)
        return error_set(err, ERR_NO_MEMORY, NULL);
    result = given ? take_inherited(out, (size_t)given, err) : open_own(out, config, err);
    if (result < 0)
        listen_free(out);
    return result;
}

void listen_free(struct listeners *listeners)
{
    free(listeners->sockets);
    listeners->sockets = NULL;
}
