/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What libvirt's library asks of an event loop, with the loop's thread running: sockets that are taken out and put back,
 * timers, and that what is removed is released by the loop's thread, once, and not heard of any more.
 */
#include "unit.h"

#include "libvirt/lv_event.h"

#include <libvirt/libvirt.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 20 };

/* What a callback told. */
struct heard {
    sem_t times;
    atomic_int events, watch;
    atomic_bool released, elsewhere; /* by another thread than the one that removed it */
    pthread_t owner;
};

static void heard_init(struct heard *heard)
{
    memset(heard, 0, sizeof(*heard));
    sem_init(&heard->times, 0, 0);
    heard->owner = pthread_self();
}

static bool heard_wait(struct heard *heard)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_SECONDS;
    return sem_timedwait(&heard->times, &until) == 0;
}

static bool heard_nothing(struct heard *heard)
{
    int count = 0;

    CU_ASSERT_EQUAL(lv_event_turn(), 0);
    sem_getvalue(&heard->times, &count);
    return count == 0;
}

/* Takes what came, so that it is told once. */
static void on_socket(int watch, int fd, int events, void *opaque)
{
    struct heard *heard = opaque;
    char text[8];

    if (events & VIR_EVENT_HANDLE_READABLE && recv(fd, text, sizeof(text), MSG_DONTWAIT) <= 0)
        virEventUpdateHandle(watch, 0);
    atomic_store(&heard->events, events);
    atomic_store(&heard->watch, watch);
    sem_post(&heard->times);
}

static void on_time(int timer, void *opaque)
{
    struct heard *heard = opaque;

    virEventUpdateTimeout(timer, -1);
    atomic_store(&heard->watch, timer);
    sem_post(&heard->times);
}

static void on_release(void *opaque)
{
    struct heard *heard = opaque;

    atomic_store(&heard->elsewhere, !pthread_equal(pthread_self(), heard->owner));
    atomic_store(&heard->released, true);
    sem_post(&heard->times);
}

static void begin(int pair[2])
{
    CU_ASSERT_EQUAL_FATAL(lv_event_start(NULL), 0);
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
}

static void end(const int pair[2])
{
    close(pair[0]);
    close(pair[1]);
    lv_event_stop();
}

static void test_sockets(void)
{
    struct heard heard;
    int pair[2], watch;

    begin(pair);
    heard_init(&heard);
    watch = virEventAddHandle(pair[0], 0, on_socket, &heard, on_release);
    CU_ASSERT_TRUE_FATAL(watch > 0);
    CU_ASSERT_EQUAL(write(pair[1], "1", 1), 1);
    CU_ASSERT_TRUE(heard_nothing(&heard));
    virEventUpdateHandle(watch, VIR_EVENT_HANDLE_READABLE);
    CU_ASSERT_TRUE(heard_wait(&heard));
    CU_ASSERT_EQUAL(atomic_load(&heard.events), VIR_EVENT_HANDLE_READABLE);
    CU_ASSERT_EQUAL(atomic_load(&heard.watch), watch);
    virEventUpdateHandle(watch, 0);
    CU_ASSERT_EQUAL(write(pair[1], "2", 1), 1);
    CU_ASSERT_TRUE(heard_nothing(&heard));
    virEventUpdateHandle(watch, VIR_EVENT_HANDLE_READABLE);
    CU_ASSERT_TRUE(heard_wait(&heard));
    CU_ASSERT_FALSE(atomic_load(&heard.released));
    CU_ASSERT_EQUAL(virEventRemoveHandle(watch), 0);
    CU_ASSERT_TRUE(heard_wait(&heard));
    CU_ASSERT_TRUE(atomic_load(&heard.released) && atomic_load(&heard.elsewhere));
    CU_ASSERT_EQUAL(write(pair[1], "3", 1), 1);
    virEventUpdateHandle(watch, VIR_EVENT_HANDLE_READABLE);
    CU_ASSERT_TRUE(heard_nothing(&heard));
    CU_ASSERT_EQUAL(virEventRemoveHandle(watch), -1);
    end(pair);
}

/* Told also of one that waits for something else; one that waits for nothing is left alone. */
static void test_hangup(void)
{
    struct heard heard;
    int pair[2], watch;

    begin(pair);
    heard_init(&heard);
    watch = virEventAddHandle(pair[0], 0, on_socket, &heard, NULL);
    shutdown(pair[1], SHUT_RDWR);
    CU_ASSERT_TRUE(heard_nothing(&heard));
    virEventUpdateHandle(watch, VIR_EVENT_HANDLE_READABLE);
    CU_ASSERT_TRUE(heard_wait(&heard));
    CU_ASSERT_TRUE(atomic_load(&heard.events) & VIR_EVENT_HANDLE_HANGUP);
    CU_ASSERT_EQUAL(virEventRemoveHandle(watch), 0);
    end(pair);
}

static void test_timers(void)
{
    struct heard heard, other;
    int pair[2], timer, late;

    begin(pair);
    heard_init(&heard);
    heard_init(&other);
    timer = virEventAddTimeout(-1, on_time, &heard, on_release);
    late = virEventAddTimeout(1000000, on_time, &other, NULL);
    CU_ASSERT_TRUE_FATAL(timer > 0 && late > timer);
    CU_ASSERT_TRUE(heard_nothing(&heard));
    virEventUpdateTimeout(timer, 1); /* the loop sleeps until the late one */
    CU_ASSERT_TRUE(heard_wait(&heard));
    CU_ASSERT_EQUAL(atomic_load(&heard.watch), timer);
    CU_ASSERT_TRUE(heard_nothing(&heard));
    virEventUpdateTimeout(late, 0);
    CU_ASSERT_TRUE(heard_wait(&other));
    CU_ASSERT_EQUAL(virEventRemoveTimeout(timer), 0);
    CU_ASSERT_TRUE(heard_wait(&heard));
    CU_ASSERT_TRUE(atomic_load(&heard.released) && atomic_load(&heard.elsewhere));
    CU_ASSERT_EQUAL(virEventRemoveTimeout(timer), -1);
    CU_ASSERT_EQUAL(virEventRemoveTimeout(late), 0);
    end(pair);
}

static void test_refused(void)
{
    struct heard heard;
    int pair[2];

    begin(pair);
    heard_init(&heard);
    CU_ASSERT_EQUAL(virEventAddHandle(1 << 20, VIR_EVENT_HANDLE_READABLE, on_socket, &heard, on_release), -1);
    CU_ASSERT_TRUE(heard_nothing(&heard));
    end(pair);
}

UNIT_MAIN({ "sockets", test_sockets }, { "a hangup", test_hangup }, { "timers", test_timers },
          { "no such descriptor", test_refused })
