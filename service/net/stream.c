/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/stream.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

int stream_open(struct stream *stream, struct tls *tls, const struct endpoint *endpoint, int fd)
{
    *stream = (struct stream){ .fd = fd };
    if (!endpoint->tls)
        return 0;
    stream->ssl = tls_session(tls, endpoint->certificate);
    if (stream->ssl && SSL_set_fd(stream->ssl, fd) == 1)
        return 0;
    SSL_free(stream->ssl);
    return -1;
}

/* OpenSSL's result as ours. Its error queue must be empty before each call, or SSL_get_error()
 * reads what another connection left there. */
static int result(struct stream *stream, int n)
{
    if (n > 0)
        return n;
    switch (SSL_get_error(stream->ssl, n)) {
    case SSL_ERROR_WANT_READ:
        return STREAM_READABLE;
    case SSL_ERROR_WANT_WRITE:
        return STREAM_WRITABLE;
    case SSL_ERROR_ZERO_RETURN:
        return STREAM_CLOSED;
    default:
        stream->broken = true;
        return STREAM_CLOSED;
    }
}

/* The same for a call on the socket itself. */
static int plain_result(struct stream *stream, ssize_t n, enum stream_wait wait)
{
    if (n > 0)
        return (int)n;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return wait;
    stream->broken = n < 0;
    return STREAM_CLOSED;
}

static int int_size(size_t len)
{
    return len > INT_MAX ? INT_MAX : (int)len;
}

int stream_handshake(struct stream *stream)
{
    int n = 1;

    ERR_clear_error();
    if (stream->ssl)
        n = result(stream, SSL_accept(stream->ssl));
    stream->open = n > 0;
    return n;
}

int stream_read(struct stream *stream, char *data, size_t len)
{
    if (!stream->ssl)
        return plain_result(stream, recv(stream->fd, data, (size_t)int_size(len), 0),
                            STREAM_READABLE);
    ERR_clear_error();
    return result(stream, SSL_read(stream->ssl, data, int_size(len)));
}

int stream_write(struct stream *stream, const char *data, size_t len)
{
    if (!stream->ssl)
        return plain_result(stream, send(stream->fd, data, (size_t)int_size(len), MSG_NOSIGNAL),
                            STREAM_WRITABLE);
    ERR_clear_error();
    return result(stream, SSL_write(stream->ssl, data, int_size(len)));
}

bool stream_pending(const struct stream *stream)
{
    return stream->ssl && SSL_has_pending(stream->ssl);
}

void stream_rest(struct stream *stream)
{
    if (stream->ssl)
        SSL_free_buffers(stream->ssl); /* which refuses when something is in them */
}

/* Reply, TLS's farewell and TCP's would be three packets, and the peer woken for each. */
void stream_last(struct stream *stream)
{
    const int on = 1;

    setsockopt(stream->fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on)); /* without it nothing is lost */
}

void stream_shut(struct stream *stream)
{
    if (!stream->open || stream->broken)
        return;
    ERR_clear_error();
    if (stream->ssl && !(SSL_get_shutdown(stream->ssl) & SSL_SENT_SHUTDOWN))
        SSL_shutdown(stream->ssl);
    shutdown(stream->fd, SHUT_WR);
}

void stream_abort(struct stream *stream)
{
    const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

    stream->broken = true;
    setsockopt(stream->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void stream_close(struct stream *stream)
{
    stream_shut(stream);
    SSL_free(stream->ssl);
    close(stream->fd);
}
