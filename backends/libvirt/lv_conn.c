/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_conn.h"

#include "base/clock.h"
#include "base/log.h"
#include "libvirt/lv_error.h"
#include "libvirt/lv_event.h"

#include <libvirt/virterror.h>
#include <libxml/uri.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONN_RETRY_MS = 1000, /* after a failed attempt, answer at once for so long */
    CONN_KEEPALIVE_S = 5,
    CONN_KEEPALIVE_TRIES = 3,
};

struct lv_conn {
    char *uri;
    pthread_mutex_t lock; /* guards the rest; held while connecting, so that one thread does */
    virConnectPtr conn;   /* NULL when lost */
    enum lv_driver driver;
    bool local;
    int64_t retry_ms; /* clock_mono_ms() of the next attempt */
};

static enum lv_driver conn_driver(virConnectPtr conn)
{
    const char *type = virConnectGetType(conn);

    if (type && strcmp(type, "QEMU") == 0)
        return LV_QEMU;
    if (type && strcmp(type, "TEST") == 0)
        return LV_TEST;
    return LV_OTHER;
}

/* A URI with a host in it speaks of images on that host. */
static bool conn_is_local(const char *uri)
{
    xmlURIPtr parsed = xmlParseURI(uri);
    bool local = parsed && (!parsed->server || !parsed->server[0]);

    xmlFreeURI(parsed);
    return local;
}

/* The lock is held. On error libvirt's own error is left for the caller. */
static int conn_connect(struct lv_conn *conn)
{
    conn->conn = virConnectOpen(conn->uri);
    if (!conn->conn) {
        conn->retry_ms = clock_mono_ms() + CONN_RETRY_MS;
        return -1;
    }
    conn->driver = conn_driver(conn->conn);
    /* Drivers inside the process have no keepalive and need none. */
    virConnectSetKeepAlive(conn->conn, CONN_KEEPALIVE_S, CONN_KEEPALIVE_TRIES);
    log_event(LOG_INFO, "libvirt-connected", "uri", conn->uri, NULL);
    return 0;
}

static void conn_disconnect(struct lv_conn *conn)
{
    if (conn->conn)
        virConnectClose(conn->conn);
    conn->conn = NULL;
}

int lv_conn_open(struct lv_conn **out, const char *uri, struct error *err)
{
    struct lv_conn *conn;

    if (!uri[0])
        return error_set(err, ERR_INVALID_PARAMETER, "The libvirt URI is empty.");
    lv_error_silence();
    if (lv_event_start(err))
        return -1;
    conn = calloc(1, sizeof(*conn));
    if (conn)
        conn->uri = strdup(uri);
    if (!conn || !conn->uri) {
        free(conn);
        lv_event_stop();
        return error_set(err, ERR_NO_MEMORY, NULL);
    }
    pthread_mutex_init(&conn->lock, NULL);
    conn->local = conn_is_local(uri);
    if (conn_connect(conn) && lv_error_is_hopeless()) {
        error_cause(err, "libvirt: %s", virGetLastErrorMessage());
        error_set(err, ERR_INVALID_PARAMETER, "The libvirt URI '%s' cannot be used.", uri);
        lv_conn_close(conn);
        return -1;
    }
    *out = conn;
    return 0;
}

void lv_conn_close(struct lv_conn *conn)
{
    if (!conn)
        return;
    conn_disconnect(conn);
    lv_event_stop();
    pthread_mutex_destroy(&conn->lock);
    free(conn->uri);
    free(conn);
}

/* Makes sure of a live connection. The lock is held. */
static int conn_ensure(struct lv_conn *conn, struct error *err)
{
    if (conn->conn && virConnectIsAlive(conn->conn) == 1)
        return 0;
    if (conn->conn)
        log_event(LOG_WARN, "libvirt-lost", "uri", conn->uri, NULL);
    conn_disconnect(conn);
    if (clock_mono_ms() < conn->retry_ms) {
        error_cause(err, "the last attempt to connect has just failed");
        return error_set(err, ERR_UNAVAILABLE, NULL);
    }
    if (conn_connect(conn)) {
        error_cause(err, "libvirt: %s", virGetLastErrorMessage());
        return error_set(err, ERR_UNAVAILABLE, NULL);
    }
    return 0;
}

int lv_conn_get(struct lv_conn *conn, struct lv_link *out, struct error *err)
{
    int result;

    memset(out, 0, sizeof(*out));
    pthread_mutex_lock(&conn->lock);
    result = conn_ensure(conn, err);
    if (result == 0 && virConnectRef(conn->conn) == 0)
        *out = (struct lv_link){ conn->conn, conn->driver, conn->local };
    pthread_mutex_unlock(&conn->lock);
    return result == 0 && !out->conn ? error_set(err, ERR_UNAVAILABLE, NULL) : result;
}

void lv_conn_put(struct lv_link *link)
{
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
