/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/systemd.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* -1 for what is no plain number from 0 to max. */
static long read_number(const char *text, long max)
{
    char *end;
    long value;

    if (!text || *text < '0' || *text > '9')
        return -1;
    errno = 0;
    value = strtol(text, &end, 10);
    return errno || *end || value > max ? -1 : value;
}

int systemd_sockets(struct error *err)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    long number;

    if (!pid || !count || read_number(pid, LONG_MAX) != (long)getpid())
        return 0; /* meant for another process, as a parent */
    number = read_number(count, SYSTEMD_SOCKETS_MAX);
    if (number < 0)
        return error_set(err, ERR_INVALID_PARAMETER, "LISTEN_FDS is not a number from 0 to %d",
                         SYSTEMD_SOCKETS_MAX);
    return (int)number;
}

void systemd_socket_name(size_t index, char *out, size_t size)
{
    const char *names = getenv("LISTEN_FDNAMES");
    size_t len;

    out[0] = '\0';
    for (; names; names = names[len] ? names + len + 1 : NULL, index--) {
        len = strcspn(names, ":");
        if (index > 0)
            continue;
        if (len < size)
            snprintf(out, size, "%.*s", (int)len, names);
        return;
    }
}

void systemd_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t len = path ? strlen(path) : 0;
    int fd;

    if (len < 2 || len >= sizeof(address.sun_path) || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(address.sun_path, path, len);
    if (path[0] == '@')
        address.sun_path[0] = '\0'; /* the abstract namespace */
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const void *)&address,
                         (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
        log_event(LOG_WARN, "notify", "reason", strerror(errno), NULL);
    if (fd >= 0)
        close(fd);
}

void systemd_notify_reloading(void)
{
    char text[80];

    snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld",
             (long long)clock_mono_ms() * 1000);
    systemd_notify(text);
}

long systemd_watchdog_ms(void)
{
    const char *pid = getenv("WATCHDOG_PID");
    long usec = read_number(getenv("WATCHDOG_USEC"), LONG_MAX);

    if (usec <= 0 || (pid && read_number(pid, LONG_MAX) != (long)getpid()))
        return 0;
    return usec / 2000 ? usec / 2000 : 1;
}
