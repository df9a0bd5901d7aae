/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/exchange.h"

#include "base/clock.h"
#include "base/log.h"
#include "net/reply.h"

#include <openssl/crypto.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct principal nobody = PRINCIPAL_NOBODY;

/* The text, or NULL for an empty one, which the log then leaves out. */
static const char *if_any(const char *text)
{
    return text[0] ? text : NULL;
}

static struct exchange *exchange_of(struct check *check)
{
    return (struct exchange *)(void *)((char *)check - offsetof(struct exchange, check));
}

static void log_request(const struct exchange *x, const struct principal *who,
                        const struct net_reply *reply)
{
    char status[12], ms[24], agent[128];

    snprintf(status, sizeof(status), "%d", reply->status);
    snprintf(ms, sizeof(ms), "%lld", (long long)(clock_mono_ms() - x->began_ms));
    snprintf(agent, sizeof(agent), "%.*s", (int)x->http.user_agent.len,
             x->data + x->http.user_agent.at);
    log_event(LOG_INFO, "request", "id", x->id, "peer", x->peer.text, "user", if_any(who->name),
              "path", x->http.path == HTTP_PATH_WSMAN ? "/wsman" : "/wsman-anon/identify", "status",
              status, "action", if_any(reply->action), "target", if_any(reply->target), "result",
              if_any(reply->result), "ms", ms, "agent", if_any(agent), NULL);
}

static void handle(struct exchange *x, const struct principal *who)
{
    struct net_request request = {
        .body = x->data + x->http.head_len,
        .length = x->http.body_len,
        .charset = x->http.charset,
        .anonymous = !access_allows(who, ROLE_VIEWER),
        .who = who,
        .peer = x->peer.text,
        .id = x->id,
    };
    struct net_reply reply = { .status = 500, .body = STRBUF_INIT };

    x->parts->handler(x->parts->opaque, &request, &reply);
    atomic_fetch_add(&x->parts->answered, 1);
    if (strbuf_ok(&reply.body)) {
        reply_envelope(&x->out, reply.status, x->http.keep_alive, reply.utf16, &reply.body);
    } else {
        reply.status = 500;
        reply_text(&x->out, reply.status, x->http.keep_alive);
    }
    log_request(x, who, &reply);
    strbuf_free(&reply.body);
}

/* Identify may come from anybody: by its own path, or by a header that says so. */
static bool is_anonymous(const struct http_request *http)
{
    return http->path == HTTP_PATH_IDENTIFY || (http->identify && http->authorization.len == 0);
}

static void refuse(struct exchange *x, int status, const char *reason, const char *user)
{
    refusals_request(&x->parts->refusals, x->peer.text, status, reason, user);
    reply_text(&x->out, status, x->http.keep_alive);
}

static bool run_check(struct check *check)
{
    struct exchange *x = exchange_of(check);
    const struct http_span *authorization = &x->http.authorization;

    return auth_hash(x->parts->auth, x->data + authorization->at, authorization->len);
}

static void end_check(struct check *check, bool right)
{
    struct exchange *x = exchange_of(check);

    if (right) {
        x->vouched = true;
        if (exchange_submit(x) == 0)
            return;
        refuse(x, 503, "all workers are busy", NULL);
    } else {
        refuse(x, 401, x->login.reason, x->login.claimed);
    }
    x->done(x);
}

/* True when the exchange is on its way. It is no 401 when there is no room: the password may be
 * right, and a client would ask its user for another one. */
static bool begin_check(struct exchange *x)
{
    const char *reason;

    x->check.peer = &x->peer;
    x->check.key = x->login.key;
    x->check.run = run_check;
    x->check.done = end_check;
    x->vouched = false;
    reason = checks_submit(x->parts->checks, &x->check);
    if (reason)
        refuse(x, 503, reason, NULL);
    return !reason;
}

/* True when the exchange is answered. */
static bool log_in(struct exchange *x)
{
    const struct http_span *authorization = &x->http.authorization;

    switch (auth_recall(x->parts->auth, x->data + authorization->at, authorization->len,
                        x->vouched ? &x->check.key : NULL, &x->login)) {
    case AUTH_GRANTED:
        x->granted = true;
        handle(x, &x->login.who);
        return true;
    case AUTH_UNCHECKED:
        return !begin_check(x);
    default:
        refuse(x, 401, x->login.reason, x->login.claimed);
        return true;
    }
}

static void run(struct worker_task *task)
{
    struct exchange *x = (struct exchange *)(void *)task;

    if (is_anonymous(&x->http))
        handle(x, &nobody);
    else if (x->http.authorization.len == 0)
        refuse(x, 401, "no credentials", NULL);
    else if (!log_in(x))
        return;
    x->done(x);
}

struct exchange *exchange_new(struct parts *parts, const struct http_request *http, char *data,
                              const struct peer *peer)
{
    struct exchange *x = calloc(1, sizeof(*x));

    if (!x)
        return NULL;
    x->task.run = run;
    x->parts = parts;
    x->http = *http;
    x->data = data;
    x->began_ms = clock_mono_ms();
    x->peer = *peer;
    snprintf(x->id, sizeof(x->id), "%lu", atomic_fetch_add(&parts->next_id, 1) + 1);
    return x;
}

int exchange_submit(struct exchange *exchange)
{
    return worker_submit(exchange->parts->pool, &exchange->task);
}

void exchange_free(struct exchange *exchange)
{
    if (!exchange)
        return;
    OPENSSL_cleanse(exchange->data, exchange->http.head_len); /* holds the credentials */
    free(exchange->data);
    strbuf_free(&exchange->out);
    free(exchange);
}
