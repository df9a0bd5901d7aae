/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_conn.h"

#include "base/clock.h"
#include "base/log.h"
#include "libvirt/lv_dial.h"
#include "libvirt/lv_error.h"
#include "libvirt/lv_event.h"

#include <libvirt/virterror.h>
#include <libxml/uri.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONN_IDLE = 32,       /* connections kept open while nobody uses them: for jobs.threads and server.workers by default */
    CONN_RETRY_MS = 1000, /* after a failed attempt, answer at once for so long */
    CONN_KEEPALIVE_S = 5,
    CONN_KEEPALIVE_TRIES = 3,
};

struct lv_conn {
    char *uri;
    struct lv_dialer *dialer;
    bool local, session;
    struct lv_home home;
    struct lv_holds *holds;
    struct lv_thaws *thaws;
    pthread_mutex_t lock; /* guards the rest; never held while connecting */
    virConnectPtr idle[CONN_IDLE];
    size_t idle_count;
    virConnectPtr mock; /* its machines live in the connection, so there is but one */
    bool up, noted;     /* what the log was told last, if anything */
    int64_t retry_ms;   /* clock_mono_ms() of the next attempt */
};

static enum lv_driver conn_driver(virConnectPtr conn)
{
    const char *type = virConnectGetType(conn);

    if (type && strcmp(type, "QEMU") == 0)
        return LV_QEMU;
    if (type && strcmp(type, "TEST") == 0)
        return LV_TEST;
    return type ? LV_OTHER : LV_UNKNOWN;
}

/* What the URI says of where libvirt is: one with a host in it speaks of images on that host. */
static void conn_place(struct lv_conn *conn)
{
    xmlURIPtr parsed = xmlParseURI(conn->uri);

    conn->local = parsed && (!parsed->server || !parsed->server[0]);
    conn->session = parsed && parsed->path && strcmp(parsed->path, "/session") == 0;
    xmlFreeURI(parsed);
    lv_home_find(&conn->home, conn->uri);
}

/* Tells the log of changes only: connections come and go. The lock is held. */
static void conn_note(struct lv_conn *conn, bool up, const char *cause)
{
    if (conn->up != up || !conn->noted)
        log_event(up ? LOG_INFO : LOG_WARN, up ? "libvirt-connected" : "libvirt-lost", "uri",
                  conn->uri, "cause", cause, NULL);
    conn->up = up;
    conn->noted = true;
}

/* A new connection, or NULL. */
static virConnectPtr conn_connect(struct lv_conn *conn, struct lv_dial_failure *failure)
{
    virConnectPtr made = lv_dial(conn->dialer, failure);

    /* Drivers inside the process have no keepalive and need none. */
    if (made)
        virConnectSetKeepAlive(made, CONN_KEEPALIVE_S, CONN_KEEPALIVE_TRIES);
    pthread_mutex_lock(&conn->lock);
    if (!made)
        conn->retry_ms = clock_mono_ms() + CONN_RETRY_MS;
    else if (conn_driver(made) == LV_TEST && !conn->mock && virConnectRef(made) == 0)
        conn->mock = made;
    conn_note(conn, made != NULL, made ? NULL : failure->text);
    pthread_mutex_unlock(&conn->lock);
    return made;
}

/* One that nobody uses and that lives, or NULL. */
static virConnectPtr conn_take_idle(struct lv_conn *conn)
{
    virConnectPtr found = NULL;

    pthread_mutex_lock(&conn->lock);
    if (conn->mock && virConnectRef(conn->mock) == 0)
        found = conn->mock;
    while (!found && conn->idle_count > 0) {
        found = conn->idle[--conn->idle_count];
        if (virConnectIsAlive(found) == 1)
            break;
        virConnectClose(found);
        found = NULL;
        conn_note(conn, false, "the connection has ended");
    }
    pthread_mutex_unlock(&conn->lock);
    return found;
}

static bool conn_may_retry(struct lv_conn *conn)
{
    bool may;

    pthread_mutex_lock(&conn->lock);
    may = clock_mono_ms() >= conn->retry_ms;
    pthread_mutex_unlock(&conn->lock);
    return may;
}

int lv_conn_open(struct lv_conn **out, const char *uri, struct error *err)
{
    struct lv_dial_failure failure;
    struct lv_link first = { 0 };
    struct lv_conn *conn;

    if (!uri[0])
        return error_set(err, ERR_INVALID_PARAMETER, "The libvirt URI is empty.");
    lv_error_silence();
    if (lv_event_start(err))
        return -1;
    conn = calloc(1, sizeof(*conn));
    if (conn) {
        conn->uri = strdup(uri);
        conn->dialer = lv_dialer_new(uri);
    }
    if (!conn || !conn->uri || !conn->dialer) {
        if (conn) {
            lv_dialer_free(conn->dialer);
            free(conn->uri);
        }
        free(conn);
        lv_event_stop();
        return error_set(err, ERR_NO_MEMORY, NULL);
    }
    pthread_mutex_init(&conn->lock, NULL);
    conn_place(conn);
    first.conn = conn_connect(conn, &failure);
    if (!first.conn && failure.hopeless) {
        error_cause(err, "libvirt: %s", failure.text);
        error_set(err, ERR_INVALID_PARAMETER, "The libvirt URI '%s' cannot be used.", uri);
        lv_conn_close(conn);
        return -1;
    }
    first.owner = conn;
    lv_conn_put(&first);
    *out = conn;
    return 0;
}

void lv_conn_hold(struct lv_conn *conn, struct lv_holds *holds, struct lv_thaws *thaws)
{
    conn->holds = holds;
    conn->thaws = thaws;
}

void lv_conn_close(struct lv_conn *conn)
{
    if (!conn)
        return;
    while (conn->idle_count > 0)
        virConnectClose(conn->idle[--conn->idle_count]);
    if (conn->mock)
        virConnectClose(conn->mock);
    lv_dialer_free(conn->dialer);
    lv_home_clear(&conn->home);
    lv_event_stop();
    pthread_mutex_destroy(&conn->lock);
    free(conn->uri);
    free(conn);
}

int lv_conn_get(struct lv_conn *conn, struct lv_link *out, struct error *err)
{
    virConnectPtr found = conn_take_idle(conn);
    struct lv_dial_failure failure;

    memset(out, 0, sizeof(*out));
    if (!found && !conn_may_retry(conn)) {
        error_cause(err, "the last attempt to connect has just failed");
        return error_set(err, ERR_UNAVAILABLE, NULL);
    }
    if (!found)
        found = conn_connect(conn, &failure);
    if (!found) {
        error_cause(err, "libvirt: %s", failure.text);
        return error_set(err, ERR_UNAVAILABLE, NULL);
    }
    *out = (struct lv_link){ conn, found, conn_driver(found), conn->local, conn->session, &conn->home,
                             conn->holds, conn->thaws };
    if (out->driver != LV_UNKNOWN)
        return 0;
    lv_error_set(err, "say what it is");
    virConnectClose(found);
    out->conn = NULL;
    return -1;
}

void lv_conn_put(struct lv_link *link)
{
    struct lv_conn *conn = link->owner;

    if (!link->conn)
        return;
    pthread_mutex_lock(&conn->lock);
    if (link->conn != conn->mock && conn->idle_count < CONN_IDLE) {
        conn->idle[conn->idle_count++] = link->conn;
        link->conn = NULL;
    }
    pthread_mutex_unlock(&conn->lock);
    if (link->conn)
        virConnectClose(link->conn);
    link->conn = NULL;
}

virDomainPtr lv_conn_machine(const struct lv_link *link, const struct guid *vm, struct error *err)
{
    virDomainPtr dom = virDomainLookupByUUID(link->conn, vm->bytes);

    if (!dom)
        lv_error_set(err, "find the machine");
    return dom;
}
