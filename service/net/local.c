/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/local.h"

#include "base/clock.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    BACKLOG = 8,
    SEND_SECONDS = 2,
    READ_SECONDS = 15, /* a hypervisor that hangs is given up sooner */
};

struct local {
    struct sockaddr_un address;
    local_writer writer;
    void *opaque;
    int listener, stop; /* stop: an eventfd */
    bool http;
    bool bound, running;
    pthread_t thread;
};

static int local_address(struct sockaddr_un *out, const char *path, struct error *err)
{
    size_t len = strlen(path);

    *out = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (len == 0 || len >= sizeof(out->sun_path))
        return error_set(err, ERR_INVALID_PARAMETER,
                         "'%.150s' is no path of a socket: at most %zu octets", path,
                         sizeof(out->sun_path) - 1);
    memcpy(out->sun_path, path, len);
    return 0;
}

static int local_connect(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), saved;

    if (fd < 0 || connect(fd, (const void *)address, sizeof(*address)) == 0)
        return fd;
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

/* ---- the service's end ---- */

static void make_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[sizeof(((struct sockaddr_un *)NULL)->sun_path)];

    if (!slash || slash == path)
        return;
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = '\0';
    mkdir(folder, 0755); /* bind() says what is wrong */
}

/* Where a service that was killed left its socket, nobody answers. */
static bool is_stale(const struct sockaddr_un *address)
{
    struct stat st;
    int fd;

    if (lstat(address->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
        return false;
    fd = local_connect(address);
    if (fd >= 0)
        close(fd);
    return fd < 0 && errno == ECONNREFUSED;
}

static int local_bind(struct local *local)
{
    const struct sockaddr *address = (const void *)&local->address;

    make_folder(local->address.sun_path);
    if (bind(local->listener, address, sizeof(local->address)) < 0) {
        if (errno != EADDRINUSE)
            return -1;
        if (!is_stale(&local->address)) {
            errno = EADDRINUSE;
            return -1;
        }
        if (unlink(local->address.sun_path) < 0 ||
            bind(local->listener, address, sizeof(local->address)) < 0)
            return -1;
    }
    local->bound = true;
    return listen(local->listener, BACKLOG);
}

/* The caller may go, or never read. */
static bool send_all(int fd, const struct strbuf *text)
{
    size_t sent = 0;

    while (sent < text->len) {
        ssize_t n = send(fd, text->data + sent, text->len - sent, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        sent += (size_t)n;
    }
    return true;
}

/* The head of a request, within the deadline however it drips in; its length, or 0. */
static size_t read_head(int fd, char *head, size_t size)
{
    const int64_t end_ms = clock_mono_ms() + SEND_SECONDS * 1000;
    struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
    size_t len = 0;

    for (;;) {
        int64_t left_ms = end_ms - clock_mono_ms();
        ssize_t n;
        if (left_ms <= 0 || poll(&poll_fd, 1, (int)left_ms) <= 0)
            return 0;
        n = recv(fd, head + len, size - 1 - len, 0);
        if (n <= 0)
            return 0;
        len += (size_t)n;
        head[len] = '\0';
        if (strstr(head, "\r\n\r\n"))
            return strlen(head) == len ? len : 0;
        if (len == size - 1)
            return 0;
    }
}

/* True when the text is what was asked for. */
static bool greet(int fd)
{
    static const char wanted[] = "GET /metrics HTTP/1.";
    char head[4096];
    struct strbuf reply = STRBUF_INIT;
    bool right;

    if (read_head(fd, head, sizeof(head)) == 0)
        return false;
    right = strncmp(head, wanted, sizeof(wanted) - 1) == 0;
    strbuf_printf(&reply,
                  "HTTP/1.1 %s\r\nConnection: close\r\nContent-Type: text/plain; "
                  "version=0.0.4; charset=utf-8\r\n\r\n",
                  right ? "200 OK" : "404 Not Found");
    right = send_all(fd, &reply) && right;
    strbuf_free(&reply);
    return right;
}

static void serve(const struct local *local, int fd)
{
    const struct timeval deadline = { .tv_sec = SEND_SECONDS };
    bool more = setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof(deadline)) == 0 &&
                (!local->http || greet(fd));

    for (unsigned step = 0; more; step++) {
        struct strbuf text = STRBUF_INIT;
        local->writer(local->opaque, step, &text);
        more = strbuf_ok(&text) && text.len && send_all(fd, &text);
        strbuf_free(&text);
    }
    close(fd);
}

static void *local_run(void *opaque)
{
    const struct local *local = opaque;
    struct pollfd fds[] = { { .fd = local->stop, .events = POLLIN },
                            { .fd = local->listener, .events = POLLIN } };

    for (;;) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return NULL;
        if (fds[0].revents)
            return NULL;
        if (fds[1].revents) {
            int fd = accept4(local->listener, NULL, NULL, SOCK_CLOEXEC);
            if (fd >= 0)
                serve(local, fd);
            else if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
                poll(fds, 1, 200); /* no descriptors: wait, do not spin */
        }
    }
}

static int start_thread(struct local *local)
{
    sigset_t all, before;
    int result;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    result = pthread_create(&local->thread, NULL, local_run, local);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    local->running = result == 0;
    if (local->running)
        pthread_setname_np(local->thread, local->http ? "metrics" : "status");
    return result == 0 ? 0 : -1;
}

int local_start(struct local **out, const char *path, local_writer writer, void *opaque,
                struct error *err)
{
    struct local *local = calloc(1, sizeof(*local));

    if (!local)
        return error_set(err, ERR_NO_MEMORY, NULL);
    local->writer = writer;
    local->opaque = opaque;
    local->stop = eventfd(0, EFD_CLOEXEC);
    local->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* The mode before bind() is that of the file: there is no moment when others may connect. */
    if (local_address(&local->address, path, err) == 0) {
        if (local->stop >= 0 && local->listener >= 0 && fchmod(local->listener, 0600) == 0 &&
            local_bind(local) == 0 && start_thread(local) == 0) {
            *out = local;
            return 0;
        }
        error_set(err, ERR_FAILED, "%s: %s", path, strerror(errno));
    }
    local_stop(local);
    return -1;
}

static int bind_port(struct local *local, long port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr = { htonl(INADDR_LOOPBACK) },
    };
    const int yes = 1;

    if (setsockopt(local->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
        bind(local->listener, (const void *)&address, sizeof(address)) < 0)
        return -1;
    return listen(local->listener, BACKLOG);
}

int local_start_http(struct local **out, long port, local_writer writer, void *opaque,
                     struct error *err)
{
    struct local *local = calloc(1, sizeof(*local));

    if (!local)
        return error_set(err, ERR_NO_MEMORY, NULL);
    local->writer = writer;
    local->opaque = opaque;
    local->http = true;
    local->stop = eventfd(0, EFD_CLOEXEC);
    local->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (local->stop >= 0 && local->listener >= 0 && bind_port(local, port) == 0 &&
        start_thread(local) == 0) {
        *out = local;
        return 0;
    }
    error_set(err, ERR_FAILED, "port %ld of 127.0.0.1: %s", port, strerror(errno));
    local_stop(local);
    return -1;
}

void local_stop(struct local *local)
{
    const uint64_t one = 1;

    if (!local)
        return;
    if (local->running) {
        /* Without it the thread would never end, nor this wait for it. */
        while (write(local->stop, &one, sizeof(one)) < 0)
            log_event(LOG_ERROR_, "status_socket", "reason", strerror(errno), NULL);
        pthread_join(local->thread, NULL);
    }
    if (local->bound)
        unlink(local->address.sun_path);
    if (local->listener >= 0)
        close(local->listener);
    if (local->stop >= 0)
        close(local->stop);
    free(local);
}

/* ---- the other end ---- */

static int copy(int fd, const char *path, FILE *out, struct error *err)
{
    const struct timeval deadline = { .tv_sec = READ_SECONDS };
    char text[4096];
    ssize_t n;

    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline)) < 0)
        return error_set(err, ERR_FAILED, "%s: %s", path, strerror(errno));
    while ((n = recv(fd, text, sizeof(text), 0)) > 0) {
        if (fwrite(text, 1, (size_t)n, out) != (size_t)n)
            return error_set(err, ERR_FAILED, "the output cannot be written");
        fflush(out);
    }
    if (n == 0)
        return 0;
    return error_set(err, ERR_FAILED, "%s: %s", path,
                     errno == EAGAIN ? "the service does not answer in time" : strerror(errno));
}

int local_read(const char *path, FILE *out, struct error *err)
{
    struct sockaddr_un address;
    int fd, result;

    if (local_address(&address, path, err) < 0)
        return -1;
    fd = local_connect(&address);
    if (fd < 0 && (errno == ENOENT || errno == ECONNREFUSED))
        return error_set(err, ERR_FAILED, "no service is running: nobody answers at %s", path);
    if (fd < 0)
        return error_set(err, ERR_FAILED, "%s: %s", path, strerror(errno));
    result = copy(fd, path, out, err);
    close(fd);
    return result;
}
