/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A nonblocking stream on a socket, server side, with TLS or without. libevent's own
 * (bufferevent_openssl) is not used: it reads for as long as the peer sends, whatever the reader
 * makes of it, and once reading was paused it may leave decrypted octets lying until the peer sends
 * more. Threads: one at a time, with SIGPIPE blocked.
 */
#ifndef CIMSNAPD_NET_STREAM_H
#define CIMSNAPD_NET_STREAM_H

#include "net/tls.h"

#include <stdbool.h>
#include <stddef.h>

struct stream {
    int fd;
    SSL *ssl;    /* NULL without TLS */
    bool open;   /* the handshake is done */
    bool broken; /* failed: nothing can be sent any more, not even a farewell */
};

/* What a call that moved nothing waits for. */
enum stream_wait { STREAM_CLOSED = -1, STREAM_READABLE = -2, STREAM_WRITABLE = -3 };

/* Takes the socket; on error (-1, without memory) it is still the caller's. */
int stream_open(struct stream *stream, struct tls *tls, const struct endpoint *endpoint, int fd);
/* Each returns octets (handshake: 1), or an enum stream_wait. */
int stream_handshake(struct stream *stream);
int stream_read(struct stream *stream, char *data, size_t len);
int stream_write(struct stream *stream, const char *data, size_t len);
/* Octets are here already that no event will announce. */
bool stream_pending(const struct stream *stream);
/* Nothing is expected for a while: gives back what memory it can. */
void stream_rest(struct stream *stream);
/* What is written from here on ends with stream_shut(): it may wait for that, to go in the same packet. */
void stream_last(struct stream *stream);
/* Says farewell, as far as that works without waiting; reading goes on. */
void stream_shut(struct stream *stream);
/* The peer reads no more: stream_close() will drop what it has not taken, which the kernel would keep for minutes. */
void stream_abort(struct stream *stream);
/* Farewell, if there was none yet, and the end of the socket. */
void stream_close(struct stream *stream);

#endif
