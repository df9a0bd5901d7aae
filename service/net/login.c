/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/login.h"

#include "base/auditlog.h"
#include "base/clock.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static struct exchange *exchange_of(struct check *check)
{
    return (struct exchange *)(void *)((char *)check - offsetof(struct exchange, check));
}

static struct token authorization_of(const struct exchange *x)
{
    return (struct token){ x->data + x->http.authorization.at, x->http.authorization.len };
}

/* The text, or NULL for none or an empty one, which a line then leaves out. */
static const char *if_any(const char *text)
{
    return text && text[0] ? text : NULL;
}

/* ---- what is told ---- */

static void tell_granted(struct exchange *x)
{
    struct session *session = x->session;
    const struct auth_result *login = &x->login;
    char told[sizeof(session->told)];

    snprintf(told, sizeof(told), "%s %s", login->how, login->who.name);
    if (strcmp(told, session->told) == 0)
        return;
    memcpy(session->told, told, sizeof(told));
    auditlog_event("login", "result", "granted", "user", login->who.name, "how", login->how, "role",
                role_name(login->who.role), "scope", login->who.scope, "peer", x->peer.text,
                "endpoint", x->endpoint->name, NULL);
}

static void tell_refused(struct exchange *x, const char *reason)
{
    x->session->told[0] = '\0';
    auditlog_event("login", "result", "refused", "user", if_any(x->login.claimed), "how",
                if_any(x->login.how), "peer", x->peer.text, "endpoint", x->endpoint->name, "reason",
                reason, NULL);
}

/* ---- what is answered ---- */

static void answer_401(struct exchange *x, const char *reason, const char *user)
{
    struct strbuf offers = STRBUF_INIT;

    refusals_request(&x->parts->refusals, x->peer.text, 401, reason, user);
    auth_offers(x->parts->auth, x->session, &offers);
    exchange_reply_text(x, 401, &offers);
    strbuf_free(&offers);
}

/* Credentials came, and were not good. */
static void refuse(struct exchange *x, const char *reason)
{
    throttle_failed(x->parts->throttle, &x->peer, clock_mono_ms());
    tell_refused(x, reason);
    answer_401(x, reason, x->login.claimed);
}

/* No failure of the client's: it may come again with the same password. */
static void busy(struct exchange *x, const char *reason)
{
    refusals_request(&x->parts->refusals, x->peer.text, 503, reason, NULL);
    exchange_reply_text(x, 503, NULL);
}

/* The next message of a login is awaited: no decision yet. */
static void answer_challenge(struct exchange *x)
{
    struct strbuf line = STRBUF_INIT;

    strbuf_printf(&line, "WWW-Authenticate: %s\r\n", strbuf_str(&x->login.challenge));
    exchange_reply_text(x, 401, &line);
    strbuf_free(&line);
}

/* ---- the way ---- */

/* True when the exchange goes to wait on its loop, and comes back then. */
static bool must_wait(struct exchange *x)
{
    long wait_ms;

    if (x->waited)
        return false;
    wait_ms = throttle_wait(x->parts->throttle, &x->peer, clock_mono_ms());
    x->waited = true;
    if (wait_ms == 0)
        return false;
    x->wait_ms = wait_ms;
    atomic_fetch_add(&x->parts->delayed, 1);
    x->done(x);
    return true;
}

static enum login_outcome submit(struct exchange *x, struct checks *checks)
{
    const char *reason;

    x->check.peer = &x->peer;
    reason = checks ? checks_submit(checks, &x->check) : "Kerberos is not offered";
    if (!reason)
        return LOGIN_AWAY;
    busy(x, reason);
    return LOGIN_ANSWERED;
}

static void run_password(struct check *check, struct auth_verdict *out)
{
    struct exchange *x = exchange_of(check);

    auth_hash(x->parts->auth, x->session, authorization_of(x), out);
}

/* Back to a worker when it was right. */
static void end_password(struct check *check, const struct auth_verdict *verdict)
{
    struct exchange *x = exchange_of(check);

    if (verdict->reason) {
        refuse(x, verdict->reason);
    } else {
        x->vouched.key = check->key;
        x->vouched.verdict = *verdict;
        x->stage = EXCHANGE_VOUCHED;
        if (exchange_submit(x) == 0)
            return;
        busy(x, "all workers are busy");
    }
    x->done(x);
}

static enum login_outcome by_password(struct exchange *x)
{
    const struct auth_vouched *vouched = x->stage == EXCHANGE_VOUCHED ? &x->vouched : NULL;

    switch (auth_recall(x->parts->auth, x->session, authorization_of(x), vouched, &x->login)) {
    case AUTH_GRANTED:
        return LOGIN_GRANTED;
    case AUTH_UNCHECKED:
        break;
    default:
        refuse(x, x->login.reason);
        return LOGIN_ANSWERED;
    }
    if (must_wait(x))
        return LOGIN_AWAY;
    x->check.alone = false;
    x->check.key = x->login.key;
    x->check.run = run_password;
    x->check.done = end_password;
    return submit(x, x->parts->checks);
}

static void run_ticket(struct check *check, struct auth_verdict *out)
{
    struct exchange *x = exchange_of(check);

    memset(out, 0, sizeof(*out));
    x->outcome = auth_token(x->parts->auth, x->session, authorization_of(x), true, &x->login);
}

static void end_ticket(struct check *check, const struct auth_verdict *verdict)
{
    struct exchange *x = exchange_of(check);

    (void)verdict;
    x->stage = EXCHANGE_TICKET;
    if (exchange_submit(x) == 0)
        return;
    busy(x, "all workers are busy");
    x->done(x);
}

static enum login_outcome by_token(struct exchange *x)
{
    if (x->stage != EXCHANGE_TICKET) {
        /* Only the first message of a login waits: the others are part of it. */
        if (!session_is_logging_in(x->session) && must_wait(x))
            return LOGIN_AWAY;
        x->outcome = auth_token(x->parts->auth, x->session, authorization_of(x), false, &x->login);
    }
    switch (x->outcome) {
    case AUTH_GRANTED:
        x->fresh = true;
        return LOGIN_GRANTED;
    case AUTH_CONTINUE:
        answer_challenge(x);
        return LOGIN_ANSWERED;
    case AUTH_UNCHECKED:
        x->check.alone = true;
        x->check.run = run_ticket;
        x->check.done = end_ticket;
        return submit(x, x->parts->tickets);
    default:
        refuse(x, x->login.reason);
        return LOGIN_ANSWERED;
    }
}

/* A certificate that TLS has verified; after a reload the authorities in force are asked again. */
static void review_certificate(struct exchange *x)
{
    struct session *session = x->session;

    if (!session->certificate || tls_trusts(x->parts->tls, session->certificate))
        return;
    certificate_free(session->certificate);
    session->certificate = NULL;
}

static enum login_outcome by_connection(struct exchange *x, bool certificate)
{
    enum auth_outcome outcome;

    review_certificate(x);
    outcome = certificate ? auth_certificate(x->parts->auth, x->session, &x->login)
                          : auth_present(x->parts->auth, x->session, &x->login);
    if (outcome == AUTH_GRANTED)
        return LOGIN_GRANTED;
    /* Most clients ask once without credentials, to learn what is offered: that is no failure. */
    if (x->login.how[0])
        refuse(x, x->login.reason);
    else
        answer_401(x, x->login.reason, NULL);
    return LOGIN_ANSWERED;
}

bool login_is_brief(const struct exchange *x)
{
    struct token authorization = authorization_of(x);

    return !x->http.has_authorization ||
           (!auth_is_certificate(authorization) && !auth_is_token(authorization));
}

static enum login_outcome judge(struct exchange *x)
{
    struct token authorization = authorization_of(x);

    if (!x->http.has_authorization)
        return by_connection(x, false);
    if (auth_is_certificate(authorization))
        return by_connection(x, true);
    return auth_is_token(authorization) ? by_token(x) : by_password(x);
}

enum login_outcome login_judge(struct exchange *exchange)
{
    enum login_outcome outcome = judge(exchange);

    if (outcome == LOGIN_GRANTED)
        tell_granted(exchange);
    return outcome;
}
