/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/exchange.h"

#include "base/clock.h"
#include "base/log.h"
#include "net/reply.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct principal nobody = PRINCIPAL_NOBODY;

/* The text, or NULL for an empty one, which the log then leaves out. */
static const char *if_any(const char *text)
{
    return text[0] ? text : NULL;
}

void exchange_log_refusal(const char *peer, int status, const char *reason, const char *user)
{
    char code[12];

    snprintf(code, sizeof(code), "%d", status);
    /* Most clients ask once without credentials to learn what is offered: that is no warning. */
    log_event(user ? LOG_WARN : LOG_INFO, "refused", "peer", peer, "status", code, "reason", reason,
              "user", user, NULL);
}

static void log_request(const struct exchange *x, const struct principal *who,
                        const struct net_reply *reply)
{
    char status[12], ms[24], agent[128];

    snprintf(status, sizeof(status), "%d", reply->status);
    snprintf(ms, sizeof(ms), "%lld", (long long)(clock_mono_ms() - x->began_ms));
    snprintf(agent, sizeof(agent), "%.*s", (int)x->http.user_agent.len,
             x->data + x->http.user_agent.at);
    log_event(LOG_INFO, "request", "id", x->id, "peer", x->peer, "user", if_any(who->name), "path",
              x->http.path == HTTP_PATH_WSMAN ? "/wsman" : "/wsman-anon/identify", "status", status,
              "action", if_any(reply->action), "target", if_any(reply->target), "result",
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
        .peer = x->peer,
        .id = x->id,
    };
    struct net_reply reply = { .status = 500, .body = STRBUF_INIT };

    x->parts->handler(x->parts->opaque, &request, &reply);
    if (strbuf_ok(&reply.body)) {
        reply_envelope(&x->out, reply.status, x->http.keep_alive, &reply.body);
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

static void refuse_login(struct exchange *x, const char *reason, const char *user)
{
    exchange_log_refusal(x->peer, 401, reason, user);
    reply_text(&x->out, 401, x->http.keep_alive);
}

static void run(struct worker_task *task)
{
    struct exchange *x = (struct exchange *)(void *)task;
    const struct http_span *authorization = &x->http.authorization;
    struct auth_result login;

    if (is_anonymous(&x->http))
        handle(x, &nobody);
    else if (authorization->len == 0)
        refuse_login(x, "no credentials", NULL);
    else if (auth_check(x->parts->auth, x->data + authorization->at, authorization->len, &login))
        handle(x, &login.who);
    else
        refuse_login(x, login.reason, login.claimed);
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
    memcpy(x->peer, peer->text, sizeof(x->peer));
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
