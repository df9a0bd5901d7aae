/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/loop.h"

#include "base/clock.h"
#include "base/log.h"
#include "net/conn.h"

#include <errno.h>
#include <event2/listener.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* After so many callbacks new events are looked for, whatever one connection has left to do. */
enum { CALLBACKS_AT_ONCE = 256, WAKE_TRIES = 3 };

/* Without descriptors or memory accept() fails at once, again and again: pause instead. */
static const struct timeval accept_pause = { 0, 200 * 1000 };

static const struct timeval tell_pause = { 1, 0 };

enum { DURATIONS_MOST = 16 };

struct gate {
    struct loop_private *loop;
    const struct endpoint *endpoint;
    struct evconnlistener *listener;
};

struct loop_private {
    struct loop loop; /* first */
    pthread_t thread;
    bool running;
    int wake_fd;
    struct event *wake, *resume, *tell;
    struct gate
        gates[ENDPOINTS_MOST]; /* as in parts->endpoints; those that stand have a listener */

    struct {
        long seconds;
        const struct timeval *queue;
    } durations[DURATIONS_MOST]; /* up to one without a queue */
    struct timeval other;        /* the duration asked for last, for want of a queue */

    atomic_uint asked, answered; /* whether it still comes round */

    pthread_mutex_t lock; /* guards what follows; never held over a call */
    struct exchange *finished;
    bool stop_asked;
};

static void wake_up(struct loop_private *p)
{
    const uint64_t one = 1;

    /* Fails only when the counter is full, and then the loop is awake already. Should there be
     * another reason, a reply that nobody fetches is worse than a second try. */
    for (int tries = 0; tries < WAKE_TRIES; tries++)
        if (write(p->wake_fd, &one, sizeof(one)) >= 0 || errno == EAGAIN)
            return;
}

void loop_post(struct exchange *exchange)
{
    struct loop_private *p = exchange->loop->private;
    bool first;

    pthread_mutex_lock(&p->lock);
    first = !p->finished;
    exchange->next = p->finished;
    p->finished = exchange;
    pthread_mutex_unlock(&p->lock);
    if (first)
        wake_up(p);
}

void loop_stop(struct loop *loop)
{
    struct loop_private *p = loop->private;

    pthread_mutex_lock(&p->lock);
    p->stop_asked = true;
    pthread_mutex_unlock(&p->lock);
    wake_up(p);
}

bool loop_is_alive(struct loop *loop)
{
    struct loop_private *p = loop->private;
    bool alive = p->answered == p->asked;

    p->asked++;
    wake_up(p);
    return alive;
}

static void close_gates(struct loop_private *p)
{
    for (size_t i = 0; i < ENDPOINTS_MOST; i++) {
        if (p->gates[i].listener)
            evconnlistener_free(p->gates[i].listener);
        p->gates[i].listener = NULL;
    }
}

static void begin_stop(struct loop_private *p)
{
    p->loop.stopping = true;
    event_del(p->resume);
    event_del(p->tell);
    close_gates(p);
    conn_stop_all(&p->loop);
    if (LIST_EMPTY(&p->loop.conns))
        event_base_loopbreak(p->loop.base);
}

const struct timeval *loop_duration(struct loop *loop, long seconds)
{
    struct loop_private *p = loop->private;
    size_t i = 0;

    while (i < DURATIONS_MOST && p->durations[i].queue && p->durations[i].seconds != seconds)
        i++;
    p->other = (struct timeval){ .tv_sec = seconds };
    if (i == DURATIONS_MOST)
        return &p->other;
    if (!p->durations[i].queue) {
        p->durations[i].seconds = seconds;
        p->durations[i].queue = event_base_init_common_timeout(loop->base, &p->other);
    }
    return p->durations[i].queue ? p->durations[i].queue : &p->other;
}

void loop_conn_gone(struct loop *loop)
{
    if (loop->stopping && LIST_EMPTY(&loop->conns))
        event_base_loopbreak(loop->base);
}

static void on_wake(evutil_socket_t fd, short what, void *opaque)
{
    struct loop_private *p = opaque;
    struct exchange *finished;
    uint64_t count;
    bool stop;

    (void)what;
    if (read(fd, &count, sizeof(count)) < 0)
        return;
    p->answered = (unsigned)p->asked;
    pthread_mutex_lock(&p->lock);
    finished = p->finished;
    p->finished = NULL;
    stop = p->stop_asked;
    pthread_mutex_unlock(&p->lock);
    while (finished) {
        struct exchange *next = finished->next;
        conn_finish(finished);
        finished = next;
    }
    if (stop && !p->loop.stopping)
        begin_stop(p);
}

void loop_watch_refusals(struct loop *loop)
{
    struct event *tell = loop->private->tell;

    if (refusals_any_held(&loop->parts->refusals) && !loop->stopping &&
        !event_pending(tell, EV_TIMEOUT, NULL))
        event_add(tell, &tell_pause);
}

static void on_tell(evutil_socket_t fd, short what, void *opaque)
{
    struct loop *loop = opaque;

    (void)fd;
    (void)what;
    refusals_tell(&loop->parts->refusals, clock_mono_ms());
    loop_watch_refusals(loop);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int len, void *opaque)
{
    struct gate *gate = opaque;
    struct loop_private *p = gate->loop;
    struct peers *peers = p->loop.parts->peers;
    struct peer peer;
    const char *reason;

    (void)listener;
    (void)len;
    peers_name(&peer, address);
    reason = peers_enter(peers, &peer);
    if (!reason && conn_open(&p->loop, gate->endpoint, fd, &peer) == 0) {
        atomic_fetch_add(&p->loop.parts->accepted, 1);
        return;
    }
    refusals_connection(&p->loop.parts->refusals, peer.text, reason ? reason : "out of memory");
    loop_watch_refusals(&p->loop);
    if (!reason)
        peers_leave(peers, &peer);
    close(fd);
}

static void on_accept_error(struct evconnlistener *listener, void *opaque)
{
    struct gate *gate = opaque;

    log_event(LOG_ERROR_, "accept", "reason", strerror(errno), NULL);
    evconnlistener_disable(listener);
    event_add(gate->loop->resume, &accept_pause);
}

static void on_resume(evutil_socket_t fd, short what, void *opaque)
{
    struct loop_private *p = opaque;

    (void)fd;
    (void)what;
    for (size_t i = 0; i < ENDPOINTS_MOST; i++)
        if (p->gates[i].listener && evconnlistener_enable(p->gates[i].listener) < 0)
            event_add(p->resume, &accept_pause);
}

static void *run(void *opaque)
{
    struct loop_private *p = opaque;

    event_base_loop(p->loop.base, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

/* No locks inside: what is here is this loop's thread's alone. */
static struct event_base *make_base(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base = NULL;

    if (!config)
        return NULL;
    if (event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK) == 0 &&
        event_config_set_max_dispatch_interval(config, NULL, CALLBACKS_AT_ONCE, 0) == 0)
        base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

static int open_gate(struct gate *gate, struct loop_private *p, const struct endpoint *endpoint,
                     int socket)
{
    *gate = (struct gate){ .loop = p, .endpoint = endpoint };
    /* Backlog 0: the socket listens already. Enabled apart, as new() does not tell when that
     * fails. */
    gate->listener = evconnlistener_new(
        p->loop.base, on_accept, gate,
        LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_CLOSE_ON_FREE | LEV_OPT_DISABLED, 0, socket);
    if (!gate->listener)
        return -1;
    evconnlistener_set_error_cb(gate->listener, on_accept_error);
    return evconnlistener_enable(gate->listener);
}

static int set_up(struct loop_private *p, const int *sockets)
{
    const struct endpoints *endpoints = &p->loop.parts->endpoints;
    struct event_base *base = make_base();

    p->loop.base = base;
    p->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (!base || p->wake_fd < 0)
        return -1;
    p->wake = event_new(base, p->wake_fd, EV_READ | EV_PERSIST, on_wake, p);
    p->resume = evtimer_new(base, on_resume, p);
    p->tell = evtimer_new(base, on_tell, &p->loop);
    if (!p->wake || !p->resume || !p->tell || event_add(p->wake, NULL) < 0)
        return -1;
    for (size_t i = 0; i < endpoints->count; i++)
        if (open_gate(&p->gates[i], p, &endpoints->items[i], sockets[i]) < 0)
            return -1;
    return 0;
}

/* The sockets that no listener has taken. */
static void close_rest(const struct loop_private *p, size_t count, const int *sockets)
{
    for (size_t i = 0; i < count; i++)
        if (!p || !p->gates[i].listener)
            close(sockets[i]);
}

int loop_start(struct loop **out, struct parts *parts, const int *sockets, struct error *err)
{
    struct loop_private *p = calloc(1, sizeof(*p));

    if (!p) {
        close_rest(NULL, parts->endpoints.count, sockets);
        return error_set(err, ERR_NO_MEMORY, NULL);
    }
    p->loop.parts = parts;
    p->loop.private = p;
    LIST_INIT(&p->loop.conns);
    pthread_mutex_init(&p->lock, NULL);
    if (set_up(p, sockets) < 0 || pthread_create(&p->thread, NULL, run, p) != 0) {
        close_rest(p, parts->endpoints.count, sockets);
        loop_free(&p->loop);
        return error_set(err, ERR_FAILED, "an event loop cannot be started");
    }
    pthread_setname_np(p->thread, "loop");
    *out = &p->loop;
    return 0;
}

void loop_join(struct loop *loop)
{
    pthread_join(loop->private->thread, NULL);
}

void loop_free(struct loop *loop)
{
    struct loop_private *p = loop->private;

    close_gates(p);
    if (p->wake)
        event_free(p->wake);
    if (p->resume)
        event_free(p->resume);
    if (p->tell)
        event_free(p->tell);
    if (loop->base)
        event_base_free(loop->base);
    if (p->wake_fd >= 0)
        close(p->wake_fd);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
