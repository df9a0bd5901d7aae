/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An event loop: a thread with listeners of its own, one for each endpoint, and the connections
 * that came in by them. It never blocks. Other threads reach it by loop_post() and loop_stop()
 * only.
 */
#ifndef CIMSNAPD_NET_LOOP_H
#define CIMSNAPD_NET_LOOP_H

#include "net/exchange.h"
#include "net/parts.h"

#include <event2/event.h>
#include <sys/queue.h>

LIST_HEAD(conn_list, conn);

/* What connections see of their loop, in its thread. */
struct loop {
    struct parts *parts;
    struct event_base *base;
    struct conn_list conns;
    bool stopping;
    struct loop_private *private;
};

/* Starts the thread. sockets: one for each of parts->endpoints; takes them, on error too. */
int loop_start(struct loop **out, struct parts *parts, const int *sockets, struct error *err);
/* Any thread: hands a finished exchange back. Fits exchange.done. */
void loop_post(struct exchange *exchange);
/* Any thread: asks for the end. Connections end as soon as their request has. */
void loop_stop(struct loop *loop);
/* Any one thread: true when the loop has come round since the last time it was asked. */
bool loop_is_alive(struct loop *loop);
/* Waits for that end. */
void loop_join(struct loop *loop);
/* After loop_join(), and after the last worker that may still be in loop_post(). */
void loop_free(struct loop *loop);

/* Loop thread: sees to it that refusals which are held are told in a second. */
void loop_watch_refusals(struct loop *loop);
/* Loop thread: seconds (not 0) for event_add(), in a queue of its own that takes no time however many wait in it. The
 * service has few different durations. */
const struct timeval *loop_duration(struct loop *loop, long seconds);
/* Loop thread: a connection is gone. */
void loop_conn_gone(struct loop *loop);

#endif
