/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_loop.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <libvirt/libvirt.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS_MOST = 16 /* a turn; the rest in the next */, WAKE_ID = 0 };

/* A socket or a timer of the library's. */
struct source {
    int id; /* grows: the order in which they were added */
    int fd; /* -1: a timer */
    int events;
    int every_ms; /* -1: asleep */
    int64_t due;
    virEventHandleCallback on_socket;
    virEventTimeoutCallback on_time;
    virFreeCallback release;
    void *opaque;
    bool gone; /* freed by the loop's thread alone, as a callback may be in it */
};

static struct {
    pthread_mutex_t lock; /* guards all; not held in callbacks */
    int epoll, wake;
    struct source **items; /* by id */
    size_t count, room;
    int last_id;
    int64_t until; /* the loop sleeps so long; 0: it is awake */
} loop = { .lock = PTHREAD_MUTEX_INITIALIZER, .epoll = -1, .wake = -1 };

static const struct {
    int libvirt;
    uint32_t epoll;
} kinds[] = { { VIR_EVENT_HANDLE_READABLE, EPOLLIN },
              { VIR_EVENT_HANDLE_WRITABLE, EPOLLOUT },
              { VIR_EVENT_HANDLE_ERROR, EPOLLERR },
              { VIR_EVENT_HANDLE_HANGUP, EPOLLHUP } };

static void loop_wake(void)
{
    const uint64_t one = 1;

    while (write(loop.wake, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

/* ---- what the library asks for ---- */

/* With the lock. */
static struct source *source_find(int id)
{
    for (size_t i = 0; i < loop.count; i++)
        if (loop.items[i]->id == id)
            return loop.items[i]->gone ? NULL : loop.items[i];
    return NULL;
}

/* With the lock. One that waits for nothing hears of a hangup all the same, but once. */
static int source_watch(struct source *source, int how, int events)
{
    struct epoll_event event = { .events = events ? 0 : EPOLLET, .data.u64 = (uint64_t)source->id };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (events & kinds[i].libvirt)
            event.events |= kinds[i].epoll;
    if (epoll_ctl(loop.epoll, how, source->fd, &event))
        return -1;
    source->events = events;
    return 0;
}

/* With the lock. */
static void source_schedule(struct source *source, int every_ms)
{
    source->every_ms = every_ms;
    source->due = clock_mono_ms() + every_ms;
    if (every_ms >= 0 && source->due < loop.until)
        loop_wake();
}

/* With the lock. */
static int loop_make_room(void)
{
    size_t room = loop.room ? 2 * loop.room : 8;
    struct source **items;

    if (loop.count < loop.room)
        return 0;
    items = realloc(loop.items, room * sizeof(struct source *));
    if (!items)
        return -1;
    loop.items = items;
    loop.room = room;
    return 0;
}

/* A copy of it that is in the loop; its id. */
static int source_add(const struct source *like, int events)
{
    struct source *source = malloc(sizeof(*source));
    int id = -1;

    if (!source)
        return -1;
    *source = *like;
    pthread_mutex_lock(&loop.lock);
    source->id = loop.last_id + 1;
    if (loop_make_room() == 0 && (source->fd < 0 || source_watch(source, EPOLL_CTL_ADD, events) == 0)) {
        id = loop.last_id = source->id;
        loop.items[loop.count++] = source;
        if (source->fd < 0)
            source_schedule(source, source->every_ms);
    }
    pthread_mutex_unlock(&loop.lock);
    if (id < 0)
        free(source);
    return id;
}

static int add_socket(int fd, int events, virEventHandleCallback on_socket, void *opaque,
                      virFreeCallback release)
{
    const struct source like = {
        .fd = fd, .every_ms = -1, .on_socket = on_socket, .release = release, .opaque = opaque
    };

    return source_add(&like, events);
}

static int add_timer(int every_ms, virEventTimeoutCallback on_time, void *opaque,
                     virFreeCallback release)
{
    const struct source like = {
        .fd = -1, .every_ms = every_ms, .on_time = on_time, .release = release, .opaque = opaque
    };

    return source_add(&like, 0);
}

static void update_socket(int id, int events)
{
    struct source *source;

    pthread_mutex_lock(&loop.lock);
    source = source_find(id);
    if (source && source_watch(source, EPOLL_CTL_MOD, events)) /* the next call on that connection tries again */
        log_event(LOG_WARN, "libvirt-events", "cause", strerror(errno), NULL);
    pthread_mutex_unlock(&loop.lock);
}

static void update_timer(int id, int every_ms)
{
    struct source *source;

    pthread_mutex_lock(&loop.lock);
    source = source_find(id);
    if (source)
        source_schedule(source, every_ms);
    pthread_mutex_unlock(&loop.lock);
}

static int source_remove(int id)
{
    struct source *source;

    pthread_mutex_lock(&loop.lock);
    source = source_find(id);
    if (source) {
        if (source->fd >= 0)
            source_watch(source, EPOLL_CTL_DEL, 0); /* before the library closes it */
        source->every_ms = -1;
        source->gone = true;
        loop_wake();
    }
    pthread_mutex_unlock(&loop.lock);
    return source ? 0 : -1;
}

/* ---- the loop's thread ---- */

/* One that is gone, out of the table; NULL when there is none. */
static struct source *loop_take_gone(void)
{
    struct source *found = NULL;

    pthread_mutex_lock(&loop.lock);
    for (size_t i = 0; i < loop.count && !found; i++)
        if (loop.items[i]->gone) {
            found = loop.items[i];
            loop.count--;
            memmove(&loop.items[i], &loop.items[i + 1],
                    (loop.count - i) * sizeof(struct source *));
        }
    pthread_mutex_unlock(&loop.lock);
    return found;
}

static void loop_bury(void)
{
    struct source *gone;

    while ((gone = loop_take_gone()) != NULL) {
        if (gone->release)
            gone->release(gone->opaque);
        free(gone);
    }
}

/* Milliseconds to the next timer, for epoll; the lock says from now on that the loop sleeps. */
static int loop_patience(void)
{
    int64_t until = INT64_MAX, now = clock_mono_ms();

    pthread_mutex_lock(&loop.lock);
    for (size_t i = 0; i < loop.count; i++)
        if (loop.items[i]->every_ms >= 0 && loop.items[i]->due < until)
            until = loop.items[i]->due;
    loop.until = until;
    pthread_mutex_unlock(&loop.lock);
    if (until == INT64_MAX)
        return -1;
    return until <= now ? 0 : until - now < INT_MAX ? (int)(until - now) : INT_MAX;
}

static void loop_awake(void)
{
    pthread_mutex_lock(&loop.lock);
    loop.until = 0;
    pthread_mutex_unlock(&loop.lock);
}

static void loop_hear(const struct epoll_event *event)
{
    struct source *source;
    uint64_t told;
    int events = 0;

    if (event->data.u64 == WAKE_ID) {
        while (read(loop.wake, &told, sizeof(told)) < 0 && errno == EINTR)
            ;
        return;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (event->events & kinds[i].epoll)
            events |= kinds[i].libvirt;
    pthread_mutex_lock(&loop.lock);
    source = source_find((int)event->data.u64);
    if (source && !source->events)
        source = NULL; /* it waits for nothing */
    pthread_mutex_unlock(&loop.lock);
    if (source)
        source->on_socket(source->id, source->fd, events, source->opaque);
}

/* The next timer after this one that is due, and not younger than the last. */
static struct source *loop_due(int after, int last, int64_t now)
{
    struct source *found = NULL;

    pthread_mutex_lock(&loop.lock);
    for (size_t i = 0; i < loop.count && !found; i++) {
        struct source *source = loop.items[i];
        if (source->id > after && source->id <= last && source->every_ms >= 0 &&
            source->due <= now)
            found = source;
    }
    if (found)
        found->due = now + found->every_ms;
    pthread_mutex_unlock(&loop.lock);
    return found;
}

static void loop_ring(void)
{
    const int64_t now = clock_mono_ms();
    struct source *timer;
    int last, after = 0;

    pthread_mutex_lock(&loop.lock);
    last = loop.last_id;
    pthread_mutex_unlock(&loop.lock);
    while ((timer = loop_due(after, last, now)) != NULL) {
        after = timer->id;
        timer->on_time(timer->id, timer->opaque);
    }
}

int lv_loop_turn(void)
{
    struct epoll_event events[EVENTS_MOST];
    int count = epoll_wait(loop.epoll, events, EVENTS_MOST, loop_patience());

    loop_awake();
    if (count < 0 && errno != EINTR)
        return -1;
    for (int i = 0; i < count; i++)
        loop_hear(&events[i]);
    loop_ring();
    loop_bury();
    return 0;
}

int lv_loop_register(void)
{
    struct epoll_event event = { .events = EPOLLIN, .data.u64 = WAKE_ID };

    loop.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop.epoll >= 0)
        loop.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop.wake < 0 || epoll_ctl(loop.epoll, EPOLL_CTL_ADD, loop.wake, &event)) {
        if (loop.wake >= 0)
            close(loop.wake);
        if (loop.epoll >= 0)
            close(loop.epoll);
        return -1;
    }
    virEventRegisterImpl(add_socket, update_socket, source_remove, add_timer, update_timer,
                         source_remove);
    return 0;
}
