/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/conn.h"

#include "base/auditlog.h"
#include "base/log.h"
#include "net/http.h"
#include "net/input.h"
#include "net/reply.h"
#include "net/stream.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEPS_AT_ONCE = 64, /* then other connections get their turn */
    LINGER_SECONDS = 2, /* for the peer to read a refusal while it may still be sending */
    LINGER_BYTES = 4 * 1024 * 1024,
    STOP_SECONDS = 5, /* for a reply to leave while the server stops */
};

enum state {
    HANDSHAKE,
    IDLE,     /* between requests */
    REQUEST,  /* a part of one is here */
    CONTINUE, /* within REQUEST: 100 Continue leaves */
    WORKING,  /* a worker has it */
    DELAYED,  /* its address has failed to log in too often: see net/throttle.h */
    REPLY,
    LINGER, /* all is said; what still comes in is thrown away */
};

/* What one step of a connection came to. LATER: the other connections that have something come first. Replies that leave
 * together wake their readers once; after each by itself the reader takes the processor, and a Get costs a third more. */
enum step { STEP_AGAIN, STEP_LATER, STEP_WAIT, STEP_CLOSE };

struct conn {
    LIST_ENTRY(conn) link;
    struct loop *loop;
    const struct endpoint *endpoint;
    struct peer peer;
    struct stream stream;
    struct session session; /* the exchange's while there is one */
    struct event io, timer;
    short waits_for; /* what io is registered for */
    enum state state;
    struct http_request http;
    struct input in;
    bool continued; /* 100 Continue was sent for this request */
    bool keep_alive;
    bool whole; /* the request that is answered was read to its end */
    size_t given;             /* octets that the exchange holds */
    struct exchange *delayed; /* owned, while DELAYED */
    struct budget_share share;
    bool known; /* the last request was of somebody logged in */
    struct strbuf out;
    size_t sent, lingered;
};

static enum step step_handshake(struct conn *conn);
static enum step step_receive(struct conn *conn);
static enum step step_working(struct conn *conn);
static enum step step_send(struct conn *conn);
static enum step step_linger(struct conn *conn);

/* What to do in a state, and for how long at most: a config key, or so many seconds. */
static const struct phase {
    enum step (*step)(struct conn *conn);
    size_t deadline; /* offset in struct config, 0: none */
    long seconds;
    const char *late; /* for the log; NULL: being late is no fault */
} phases[] = {
#define KEY(name) offsetof(struct config, limits_##name)
    [HANDSHAKE] = { step_handshake, KEY(handshake_seconds), 0, "TLS handshake not done in time" },
    [IDLE] = { step_receive, KEY(idle_seconds), 0, NULL },
    [REQUEST] = { step_receive, KEY(request_seconds), 0, "request not complete in time" },
    [CONTINUE] = { step_send, 0, 0, "request not complete in time" }, /* that of REQUEST goes on */
    [WORKING] = { step_working, 0, 0, NULL },
    [DELAYED] = { step_working, 0, 0, NULL },
    [REPLY] = { step_send, KEY(reply_seconds), 0, "reply not taken in time" },
    [LINGER] = { step_linger, 0, LINGER_SECONDS, NULL },
#undef KEY
};

static void set_deadline(struct conn *conn, long seconds)
{
    if (seconds)
        event_add(&conn->timer, loop_duration(conn->loop, seconds));
    else
        event_del(&conn->timer);
}

static void enter(struct conn *conn, enum state state)
{
    const struct phase *phase = &phases[state];
    const char *config = (const char *)conn->loop->parts->config;

    conn->state = state;
    set_deadline(conn, phase->deadline ? *(const long *)(const void *)(config + phase->deadline)
                                       : phase->seconds);
}

static void on_io(evutil_socket_t fd, short what, void *opaque);

/* Waits for what: EV_READ, EV_WRITE, or with 0 for nothing at all from the socket. */
static enum step wait_for(struct conn *conn, short what)
{
    if (conn->waits_for == what)
        return STEP_WAIT;
    event_del(&conn->io);
    conn->waits_for = what;
    if (!what)
        return STEP_WAIT;
    event_assign(&conn->io, conn->loop->base, conn->stream.fd, what | EV_PERSIST, on_io, conn);
    return event_add(&conn->io, NULL) < 0 ? STEP_CLOSE : STEP_WAIT;
}

static enum step wait_stream(struct conn *conn, int result)
{
    switch (result) {
    case STREAM_READABLE:
        return wait_for(conn, EV_READ);
    case STREAM_WRITABLE:
        return wait_for(conn, EV_WRITE);
    default:
        return STEP_CLOSE;
    }
}

/* A certificate that is not good ends the handshake, and is a login that was refused. */
static void tell_handshake_failed(const struct conn *conn)
{
    long verdict = SSL_get_verify_result(conn->stream.ssl);
    const char *why = verdict == X509_V_OK ? NULL : X509_verify_cert_error_string(verdict);

    log_event(LOG_INFO, "connection_dropped", "peer", conn->peer.text, "reason",
              "TLS handshake failed", "certificate", why, NULL);
    if (why)
        auditlog_event("login", "result", "refused", "how", "certificate", "peer", conn->peer.text,
                    "endpoint", conn->endpoint->name, "reason", why, NULL);
}

static enum step out_of_memory(struct conn *conn)
{
    log_event(LOG_ERROR_, "connection_dropped", "peer", conn->peer.text, "reason", "out of memory",
              NULL);
    return STEP_CLOSE;
}

static enum step step_handshake(struct conn *conn)
{
    struct session *session = &conn->session;
    SSL *ssl = conn->stream.ssl;
    int result = stream_handshake(&conn->stream);

    if (result <= 0) {
        if (result == STREAM_CLOSED)
            tell_handshake_failed(conn);
        return wait_stream(conn, result);
    }
    session->tls = ssl != NULL;
    session->loopback = conn->peer.loopback;
    session->peer = conn->peer.text;
    if (ssl) {
        session->binding_len = tls_binding(conn->loop->parts->tls, ssl, session->binding, sizeof(session->binding));
        if (tls_client(conn->loop->parts->tls, ssl, &session->certificate) < 0)
            return out_of_memory(conn);
    }
    enter(conn, IDLE);
    return STEP_AGAIN;
}

/* A line of text, and nothing of the request is left. */
static void answer(struct conn *conn, int status)
{
    const struct reply_head head = { .status = status, .keep_alive = conn->keep_alive };

    reply_text(&conn->out, &head);
    enter(conn, REPLY);
}

/* Refusals end the connection: where the next request would begin is not known. */
static enum step refuse(struct conn *conn, int status, const char *reason)
{
    refusals_request(&conn->loop->parts->refusals, conn->peer.text, status, reason, NULL);
    conn->keep_alive = false;
    conn->whole = false;
    answer(conn, status);
    return STEP_AGAIN;
}

/* The exchange's reply becomes the connection's. */
static void take_reply(struct conn *conn, struct exchange *exchange)
{
    conn->out = exchange->out;
    exchange->out = (struct strbuf)STRBUF_INIT;
    conn->given = 0;
    conn->keep_alive = exchange->http.keep_alive;
    conn->known = exchange->granted;
    exchange_free(exchange);
    enter(conn, REPLY);
}

static enum step submit(struct conn *conn, struct exchange *exchange)
{
    enter(conn, WORKING);
    switch (exchange_start(exchange)) {
    case EXCHANGE_AWAY:
        return STEP_WAIT;
    case EXCHANGE_ANSWERED:
        take_reply(conn, exchange);
        return STEP_LATER;
    case EXCHANGE_REFUSED:
        break;
    }
    exchange_free(exchange);
    conn->given = 0;
    refusals_request(&conn->loop->parts->refusals, conn->peer.text, 503, "all workers are busy",
                     NULL);
    answer(conn, 503);
    return STEP_AGAIN;
}

/* The request is here. */
static enum step dispatch(struct conn *conn)
{
    struct http_request http = conn->http;
    size_t cap = conn->in.cap;
    char *data = input_take(&conn->in, http.head_len + http.body_len);
    struct exchange *exchange = data ? exchange_new(conn->loop->parts, &http, data) : NULL;

    if (!exchange) {
        free(data);
        return out_of_memory(conn);
    }
    memset(&conn->http, 0, sizeof(conn->http));
    conn->continued = false;
    conn->whole = true;
    conn->keep_alive = http.keep_alive;
    conn->given = cap;
    exchange->conn = conn;
    exchange->loop = conn->loop;
    exchange->done = loop_post;
    exchange->peer = conn->peer;
    exchange->endpoint = conn->endpoint;
    exchange->session = &conn->session;
    return submit(conn, exchange);
}

/* Octets in memory for this connection, but for the reply that a worker is writing. */
static size_t held(const struct conn *conn)
{
    return conn->in.cap + conn->given + conn->out.cap;
}

static enum step receive_more(struct conn *conn, const struct http_limits *limits)
{
    const struct http_request *http = &conn->http;
    size_t most = http->head_read ? http->head_len + http->body_len : limits->head + 1;
    size_t now = held(conn), cap = input_next_size(&conn->in, most);
    const char *reason =
        budget_grow(&conn->loop->parts->budget, &conn->share, now + cap - conn->in.cap);
    int n;

    if (reason)
        return refuse(conn, 503, reason);
    if (input_reserve(&conn->in, most) < 0)
        return out_of_memory(conn);
    n = stream_read(&conn->stream, conn->in.data + conn->in.len, conn->in.cap - conn->in.len);
    if (n <= 0) {
        if (conn->state == IDLE) /* thousands may be */
            input_free(&conn->in);
        return wait_stream(conn, n);
    }
    conn->in.len += (size_t)n;
    if (conn->state == IDLE)
        enter(conn, REQUEST);
    return STEP_AGAIN;
}

static enum step step_receive(struct conn *conn)
{
    const struct config *config = conn->loop->parts->config;
    const struct http_limits limits = { (size_t)config->limits_header_bytes,
                                        (size_t)config->limits_body_bytes };
    struct http_request *http = &conn->http;

    switch (http_read(http, conn->in.data, conn->in.len, &limits)) {
    case HTTP_COMPLETE:
        return dispatch(conn);
    case HTTP_REFUSED:
        return refuse(conn, http->status, http->reason);
    default:
        break;
    }
    if (http->head_read && http->expect_continue && !conn->continued) {
        conn->continued = true;
        reply_continue(&conn->out);
        conn->state = CONTINUE; /* not enter(): the deadline is that of the whole request */
        return STEP_AGAIN;
    }
    return receive_more(conn, &limits);
}

/* The socket has something, but until the reply is out nobody wants to know. */
static enum step step_working(struct conn *conn)
{
    return wait_for(conn, 0);
}

static enum step begin_linger(struct conn *conn)
{
    stream_shut(&conn->stream);
    input_free(&conn->in);
    enter(conn, LINGER);
    return STEP_AGAIN;
}

static enum step after_reply(struct conn *conn)
{
    if (conn->loop->stopping)
        return STEP_CLOSE;
    /* Who has sent more than was read would lose the reply with the kernel's reset. */
    if (!conn->keep_alive)
        return conn->whole && !conn->in.len && !stream_pending(&conn->stream) ? STEP_CLOSE : begin_linger(conn);
    enter(conn, conn->in.len ? REQUEST : IDLE);
    if (conn->in.len || stream_pending(&conn->stream))
        return STEP_AGAIN;
    stream_rest(&conn->stream);
    return wait_for(conn, EV_READ);
}

static enum step step_send(struct conn *conn)
{
    if (!strbuf_ok(&conn->out))
        return out_of_memory(conn);
    if (conn->state == REPLY && !conn->keep_alive && conn->sent == 0)
        stream_last(&conn->stream);
    while (conn->sent < conn->out.len) {
        int n =
            stream_write(&conn->stream, conn->out.data + conn->sent, conn->out.len - conn->sent);
        if (n <= 0)
            return wait_stream(conn, n);
        conn->sent += (size_t)n;
    }
    strbuf_free(&conn->out);
    conn->sent = 0;
    if (conn->state == REPLY)
        return after_reply(conn);
    conn->state = REQUEST;
    return STEP_AGAIN;
}

static enum step step_linger(struct conn *conn)
{
    char thrown_away[4096];
    int n = stream_read(&conn->stream, thrown_away, sizeof(thrown_away));

    if (n <= 0)
        return wait_stream(conn, n);
    conn->lingered += (size_t)n;
    return conn->lingered > LINGER_BYTES ? STEP_CLOSE : STEP_AGAIN;
}

static void conn_close(struct conn *conn)
{
    struct loop *loop = conn->loop;

    event_del(&conn->io);
    event_del(&conn->timer);
    stream_close(&conn->stream);
    session_clear(&conn->session);
    exchange_free(conn->delayed);
    peers_leave(loop->parts->peers, &conn->peer);
    budget_set(&loop->parts->budget, &conn->share, 0, false);
    LIST_REMOVE(conn, link);
    input_free(&conn->in);
    strbuf_free(&conn->out);
    free(conn);
    loop_conn_gone(loop);
}

/* Goes on until something must be waited for. The connection may be gone afterwards. */
static void run(struct conn *conn)
{
    enum step step = STEP_AGAIN;

    for (int i = 0; i < STEPS_AT_ONCE && step == STEP_AGAIN; i++)
        step = phases[conn->state].step(conn);
    budget_set(&conn->loop->parts->budget, &conn->share, held(conn), conn->known);
    loop_watch_refusals(conn->loop);
    if (step == STEP_CLOSE)
        conn_close(conn);
    else if (step != STEP_WAIT)
        event_active(&conn->io, EV_READ, 0);
}

static void on_io(evutil_socket_t fd, short what, void *opaque)
{
    (void)fd;
    (void)what;
    run(opaque);
}

/* The wait is over: the login is looked at. */
static void resume(struct conn *conn)
{
    struct exchange *exchange = conn->delayed;

    conn->delayed = NULL;
    exchange->wait_ms = 0;
    if (submit(conn, exchange) != STEP_WAIT)
        run(conn);
}

static void on_deadline(evutil_socket_t fd, short what, void *opaque)
{
    struct conn *conn = opaque;
    const char *late = phases[conn->state].late;

    (void)fd;
    (void)what;
    if (conn->state == REQUEST) {
        refuse(conn, 408, late);
        run(conn);
        return;
    }
    if (conn->state == DELAYED) {
        resume(conn);
        return;
    }
    if (late)
        log_event(LOG_INFO, "connection_dropped", "peer", conn->peer.text, "reason", late, NULL);
    if (conn->state == REPLY)
        stream_abort(&conn->stream);
    conn_close(conn);
}

int conn_open(struct loop *loop, const struct endpoint *endpoint, int fd, const struct peer *peer)
{
    struct conn *conn = calloc(1, sizeof(*conn));

    if (!conn || stream_open(&conn->stream, loop->parts->tls, endpoint, fd) < 0) {
        free(conn);
        return -1;
    }
    conn->loop = loop;
    conn->endpoint = endpoint;
    conn->peer = *peer;
    event_assign(&conn->io, loop->base, fd, EV_READ | EV_PERSIST, on_io, conn);
    evtimer_assign(&conn->timer, loop->base, on_deadline, conn);
    LIST_INSERT_HEAD(&loop->conns, conn, link);
    enter(conn, HANDSHAKE);
    run(conn);
    return 0;
}

static void delay(struct conn *conn, struct exchange *exchange)
{
    const struct timeval after = { .tv_sec = exchange->wait_ms / 1000,
                                   .tv_usec = exchange->wait_ms % 1000 * 1000 };

    conn->delayed = exchange;
    if (conn->loop->stopping) {
        conn_close(conn);
        return;
    }
    conn->state = DELAYED;
    event_add(&conn->timer, &after);
}

void conn_finish(struct exchange *exchange)
{
    struct conn *conn = exchange->conn;

    if (exchange->wait_ms) {
        delay(conn, exchange);
        return;
    }
    take_reply(conn, exchange);
    if (conn->loop->stopping)
        set_deadline(conn, STOP_SECONDS);
    run(conn);
}

void conn_stop_all(struct loop *loop)
{
    struct conn *next;

    for (struct conn *conn = LIST_FIRST(&loop->conns); conn; conn = next) {
        next = LIST_NEXT(conn, link);
        if (conn->state == REPLY)
            set_deadline(conn, STOP_SECONDS);
        else if (conn->state != WORKING)
            conn_close(conn);
    }
}
