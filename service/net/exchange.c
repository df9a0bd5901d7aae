/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/exchange.h"

#include "base/auditlog.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/put.h"
#include "net/login.h"
#include "net/reply.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct principal nobody = PRINCIPAL_NOBODY;

/* The text, or NULL for none or an empty one, which the log then leaves out. */
static const char *if_any(const char *text)
{
    return text && text[0] ? text : NULL;
}

/* Cut where it does not fit. */
static void span_text(const struct exchange *x, struct http_span span, char *out, size_t room)
{
    size_t len = span.len < room ? span.len : room - 1;

    memcpy(out, x->data + span.at, len);
    out[len] = '\0';
}

/* ---- what is told ---- */

static void log_request(const struct exchange *x, const struct principal *who,
                        const struct net_reply *reply)
{
    static const char *const paths[] = {
        [HTTP_PATH_WSMAN] = "/wsman",
        [HTTP_PATH_IDENTIFY] = "/wsman-anon/identify",
        [HTTP_PATH_WSDL] = "/wsman?wsdl",
    };
    char status[PUT_NUMBER], ms[PUT_NUMBER], agent[128];

    put_number(status, (unsigned long)reply->status);
    put_number(ms, (unsigned long)(clock_mono_ms() - x->began_ms));
    span_text(x, x->http.user_agent, agent, sizeof(agent));
    log_event(LOG_INFO, "request", "id", x->id, "peer", x->peer.text, "user", if_any(who->name),
              "path", paths[x->http.path], "status",
              status, "action", if_any(reply->action), "target", if_any(reply->target), "result",
              if_any(reply->result), "ms", ms, "agent", if_any(agent), NULL);
}

/* Decisions and changes, for the audit (base/auditlog.h). */
static void tell(const struct exchange *x, const struct principal *who,
                 const struct net_reply *reply)
{
    const struct trail *trail = who->trail;

    if (trail->hidden[0])
        auditlog_event("scope", "user", if_any(who->name), "how", if_any(x->login.how), "peer",
                    x->peer.text, "request", x->id, "action", if_any(reply->action), "machine",
                    trail->hidden, NULL);
    if (reply->denied)
        auditlog_event("denied", "user", if_any(who->name), "how", if_any(x->login.how), "peer",
                    x->peer.text, "request", x->id, "action", if_any(reply->action), "target",
                    if_any(reply->target), "result", if_any(reply->result), NULL);
    else if (reply->mutation)
        auditlog_event("change", "user", if_any(who->name), "how", if_any(x->login.how), "peer",
                    x->peer.text, "request", x->id, "action", if_any(reply->action), "target",
                    if_any(reply->target), "machine", if_any(trail->machine), "job",
                    if_any(trail->job), "result", if_any(reply->result), NULL);
}

/* ---- replies ---- */

void exchange_reply_text(struct exchange *x, int status, const struct strbuf *challenges)
{
    const struct reply_head head = {
        .status = status,
        .keep_alive = x->http.keep_alive,
        .challenges = challenges,
    };

    reply_text(&x->out, &head);
}

static void refuse(struct exchange *x, int status, const char *reason)
{
    refusals_request(&x->parts->refusals, x->peer.text, status, reason, if_any(x->login.who.name));
    exchange_reply_text(x, status, NULL);
}

/* After an encrypted message that was not right nothing on this connection can be any more. */
static void refuse_and_close(struct exchange *x, const char *reason)
{
    x->http.keep_alive = false;
    refuse(x, 400, reason);
}

static bool is_wsdl(const struct exchange *x)
{
    return x->http.path == HTTP_PATH_WSDL;
}

/* The last message of a login goes out with the reply to the request that ended it. */
static void final_challenge(const struct exchange *x, struct strbuf *out)
{
    if (x->login.challenge.len)
        strbuf_printf(out, "WWW-Authenticate: %s\r\n", strbuf_str(&x->login.challenge));
}

/* The envelope, encrypted as the request was. -1 when that cannot be. */
static int seal(struct exchange *x, bool utf16, struct strbuf *envelope, struct strbuf *type,
                struct strbuf *body)
{
    struct strbuf signature = STRBUF_INIT;
    unsigned char *data = (unsigned char *)envelope->data;
    int result = -1;

    if (session_seal(x->session, &signature, data, envelope->len)) {
        sealed_write_type(type, &x->form);
        sealed_write(body, &x->form, reply_envelope_type(utf16),
                     (struct bytes){ (unsigned char *)signature.data, signature.len },
                     (struct bytes){ data, envelope->len });
        result = strbuf_ok(type) && strbuf_ok(body) ? 0 : -1;
    }
    strbuf_free(&signature);
    return result;
}

static void reply_envelope(struct exchange *x, const struct net_reply *reply,
                           struct strbuf *envelope)
{
    struct strbuf type = STRBUF_INIT, body = STRBUF_INIT, challenges = STRBUF_INIT;
    struct reply_head head = {
        .status = reply->status,
        .keep_alive = x->http.keep_alive,
        .type = is_wsdl(x) ? "text/xml;charset=UTF-8" : reply_envelope_type(reply->utf16),
        .challenges = &challenges,
    };

    final_challenge(x, &challenges);
    if (!x->sealed) {
        reply_body(&x->out, &head, envelope);
    } else if (seal(x, reply->utf16, envelope, &type, &body) == 0) {
        head.type = strbuf_str(&type);
        reply_body(&x->out, &head, &body);
    } else {
        x->http.keep_alive = false;
        exchange_reply_text(x, 500, &challenges);
    }
    strbuf_free(&type);
    strbuf_free(&body);
    strbuf_free(&challenges);
}

/* ---- requests ---- */

static void handle(struct exchange *x, const struct principal *login, struct bytes body,
                   const char *charset)
{
    const char *profiles[AUTH_PROFILES];
    struct trail trail = { "", "", "" };
    struct principal who = *login;
    struct net_request request = {
        .body = (const char *)body.data,
        .length = body.len,
        .charset = charset,
        .anonymous = !access_allows(login, ROLE_VIEWER),
        .who = &who,
        .peer = x->peer.text,
        .id = x->id,
        .profiles = profiles,
        .at_once = x->at_once,
    };
    struct net_reply reply = { .status = 500, .body = STRBUF_INIT };
    char class[128], host[256], address[300];

    if (is_wsdl(x)) {
        span_text(x, x->http.class, class, sizeof(class));
        span_text(x, x->http.host, host, sizeof(host));
        snprintf(address, sizeof(address), "%s://%s/wsman", x->endpoint->tls ? "https" : "http", host);
        request.wsdl_class = class;
        request.address = address;
    }
    who.trail = &trail;
    auth_profiles(x->parts->auth, profiles);
    x->parts->handler.answer(x->parts->handler.opaque, &request, &reply);
    x->put_off = reply.put_off;
    if (x->put_off) {
        strbuf_free(&reply.body);
        return;
    }
    atomic_fetch_add(&x->parts->answered, 1);
    if (is_wsdl(x) && reply.status != 200) {
        exchange_reply_text(x, reply.status, NULL);
    } else if (strbuf_ok(&reply.body)) {
        reply_envelope(x, &reply, &reply.body);
    } else {
        reply.status = 500;
        exchange_reply_text(x, reply.status, NULL);
    }
    log_request(x, &who, &reply);
    tell(x, &who, &reply);
    strbuf_free(&reply.body);
}

static struct bytes body_of(const struct exchange *x)
{
    return (struct bytes){ (unsigned char *)x->data + x->http.head_len, x->http.body_len };
}

/* Decrypts all parts of the body to where it begins: NULL, or why that cannot be. */
static const char *unseal(struct exchange *x, struct bytes *out, const char **charset)
{
    unsigned char *body = (unsigned char *)x->data + x->http.head_len;
    struct sealed_reader reader;
    struct sealed_part part;
    struct media_type media;
    const char *reason;

    media_parse((struct token){ x->data + x->http.content_type.at, x->http.content_type.len },
                &media);
    sealed_begin(&reader, &media, body, x->http.body_len);
    *out = (struct bytes){ body, 0 };
    *charset = NULL;
    while (!(reason = sealed_next(&reader, &part)) && !reader.ended) {
        if (!session_unseal(x->session, part.signature, part.data, part.len))
            return "the signature of the encrypted message is wrong";
        memmove(body + out->len, part.data, part.len);
        out->len += part.len;
        if (!*charset)
            *charset = part.charset;
    }
    x->form = reader.form;
    return reason ? reason : *charset ? NULL : "the encrypted message is empty";
}

static void serve_sealed(struct exchange *x)
{
    struct bytes body;
    const char *charset, *reason;

    if (!session_can_seal(x->session)) {
        refuse(x, 403, "an encrypted message without a login that can encrypt");
        return;
    }
    reason = unseal(x, &body, &charset);
    if (reason) {
        refuse_and_close(x, reason);
        return;
    }
    x->sealed = true;
    handle(x, &x->login.who, body, charset);
}

/* Clients that log in before they have anything to say send nothing, or this (winrm-java). */
static bool says_nothing(const struct exchange *x)
{
    static const char awaiting[] = "AWAITING_ENCRYPTION_KEYS";
    struct bytes body = body_of(x);

    return body.len == 0 ||
           (body.len == sizeof(awaiting) - 1 && memcmp(body.data, awaiting, body.len) == 0);
}

static void welcome(struct exchange *x)
{
    struct strbuf none = STRBUF_INIT, challenges = STRBUF_INIT;
    const struct reply_head head = {
        .status = 200,
        .keep_alive = x->http.keep_alive,
        .challenges = &challenges,
    };

    final_challenge(x, &challenges);
    reply_body(&x->out, &head, &none);
    strbuf_free(&challenges);
}

/* Without TLS nothing is said in the clear, but to this host itself where the configuration says
 * so: then it is Basic that has let it in. */
static bool may_be_clear(const struct exchange *x)
{
    return x->endpoint->tls ||
           (x->session->loopback && x->parts->config->http_basic && !x->session->negotiate);
}

static void serve(struct exchange *x)
{
    x->granted = true;
    if (x->http.sealed)
        serve_sealed(x);
    else if (x->fresh && says_nothing(x) && !is_wsdl(x))
        welcome(x);
    else if (!may_be_clear(x))
        refuse(x, 403, "a message in the clear on a port without TLS");
    else
        handle(x, &x->login.who, body_of(x), x->http.charset);
}

/* Identify may come from anybody: by its own path, or by a header that says so. */
static bool is_anonymous(const struct http_request *http)
{
    return !http->sealed &&
           (http->path == HTTP_PATH_IDENTIFY || (http->identify && !http->has_authorization));
}

static enum login_outcome judge_and_serve(struct exchange *x)
{
    enum login_outcome outcome = LOGIN_ANSWERED;

    if (is_anonymous(&x->http)) {
        handle(x, &nobody, body_of(x), x->http.charset);
    } else {
        outcome = login_judge(x);
        if (outcome == LOGIN_GRANTED)
            serve(x);
    }
    return outcome;
}

static void run(struct worker_task *task)
{
    struct exchange *x = (struct exchange *)(void *)task;

    x->at_once = false; /* the loop may have begun it */
    if (judge_and_serve(x) != LOGIN_AWAY)
        x->done(x);
}

/* Nobody, or somebody whose password may be remembered: other logins can take their time. */
static bool is_brief(const struct exchange *x)
{
    struct bytes body = body_of(x);

    return !x->http.sealed && !is_wsdl(x) && login_is_brief(x) &&
           x->parts->handler.is_brief((const char *)body.data, body.len);
}

enum exchange_start exchange_start(struct exchange *x)
{
    if (is_brief(x)) {
        x->at_once = true;
        if (judge_and_serve(x) == LOGIN_AWAY)
            return EXCHANGE_AWAY;
        if (!x->put_off)
            return EXCHANGE_ANSWERED;
        x->put_off = false;
    }
    return exchange_submit(x) == 0 ? EXCHANGE_AWAY : EXCHANGE_REFUSED;
}

/* ---- life ---- */

struct exchange *exchange_new(struct parts *parts, const struct http_request *http, char *data)
{
    struct exchange *x = calloc(1, sizeof(*x));

    if (!x)
        return NULL;
    x->task.run = run;
    x->parts = parts;
    x->http = *http;
    x->data = data;
    x->began_ms = clock_mono_ms();
    put_number(x->id, atomic_fetch_add(&parts->next_id, 1) + 1);
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
    strbuf_free(&exchange->login.challenge);
    strbuf_free(&exchange->out);
    free(exchange);
}
