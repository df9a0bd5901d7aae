/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/negotiate.h"

#include "auth/ntlm_seal.h"
#include "auth/spnego.h"
#include "base/clock.h"
#include "base/put.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>

enum state {
    FRESH,
    ASKED,      /* SPNEGO: NTLM was chosen, and its first message asked for */
    CHALLENGED, /* NTLM: the answer is awaited */
    TICKET,     /* Kerberos: more of it is awaited */
    DONE,
};

struct negotiate {
    struct directory *directory;
    const struct config *config;
    int64_t began_ms, ends_ms; /* monotonic; ends_ms 0: with the connection */
    enum state state;
    bool kerberos_chosen;
    bool spnego;              /* NTLM within SPNEGO */
    bool mic_needed;          /* another mechanism came first: nobody shall have changed the list */
    struct strbuf mechanisms; /* that list, as DER */

    struct ntlm ntlm;
    struct ntlm_seal seal;
    struct kerberos *kerberos;
    struct kerberos_context *context;

    /* Who it was: a user with this NT hash, or a principal. */
    char name[KERBEROS_NAME];
    unsigned char nt_hash[USERS_NT_HASH];
};

struct negotiate *negotiate_new(struct directory *directory, const struct config *config)
{
    struct negotiate *negotiate = calloc(1, sizeof(*negotiate));

    if (!negotiate)
        return NULL;
    negotiate->directory = directory;
    negotiate->config = config;
    negotiate->began_ms = clock_mono_ms();
    return negotiate;
}

void negotiate_free(struct negotiate *negotiate)
{
    if (!negotiate)
        return;
    kerberos_context_free(negotiate->context);
    kerberos_unref(negotiate->kerberos);
    ntlm_clear(&negotiate->ntlm);
    strbuf_free(&negotiate->mechanisms);
    OPENSSL_cleanse(negotiate, sizeof(*negotiate));
    free(negotiate);
}

static enum negotiate_outcome refuse(struct negotiate_result *out, const char *reason)
{
    out->reason = reason;
    return NEGOTIATE_REFUSED;
}

/* The first message of a login for Kerberos, alone or as what the client likes better than NTLM. */
static bool is_for_kerberos(const struct negotiate *negotiate, struct bytes token)
{
    struct spnego_init init;

    switch (spnego_kind(token)) {
    case SPNEGO_KERBEROS:
        return true;
    case SPNEGO_INIT:
        return spnego_read_init(&init, token) && init.kerberos &&
               directory_has_kerberos(negotiate->directory) &&
               (init.kerberos_before_ntlm || !init.ntlm);
    default:
        return false;
    }
}

bool negotiate_blocks(const struct negotiate *negotiate, struct bytes token)
{
    return negotiate->state == TICKET ||
           (negotiate->state == FRESH && is_for_kerberos(negotiate, token));
}

/* ---- Kerberos ---- */

static enum negotiate_outcome kerberos_done(struct negotiate *negotiate,
                                            const struct session *session,
                                            const struct kerberos_result *ticket,
                                            struct negotiate_result *out)
{
    struct principal who;
    const char *reason;

    put_text(out->claimed, sizeof(out->claimed), ticket->name);
    if (session->tls && strcmp(negotiate->config->auth_channel_binding, "require") == 0 &&
        !ticket->bound)
        return refuse(out, "channel bindings are missing");
    memcpy(negotiate->name, ticket->name, sizeof(negotiate->name));
    negotiate->ends_ms = clock_mono_ms() + (int64_t)ticket->seconds * 1000;
    negotiate->state = DONE;
    reason = negotiate_who(negotiate, &who);
    return reason ? refuse(out, reason) : NEGOTIATE_DONE;
}

static enum negotiate_outcome kerberos_step(struct negotiate *negotiate,
                                            const struct session *session, struct bytes token,
                                            struct negotiate_result *out)
{
    const struct bytes binding = { session->binding, session->binding_len };
    struct kerberos_result ticket;
    enum kerberos_outcome outcome;

    out->how = "kerberos";
    negotiate->kerberos_chosen = true;
    if (!negotiate->kerberos)
        negotiate->kerberos = directory_kerberos(negotiate->directory);
    if (!negotiate->kerberos)
        return refuse(out, "Kerberos is not offered");
    outcome = kerberos_accept(negotiate->kerberos, &negotiate->context, token, binding, &ticket);
    out->token = ticket.token;
    if (outcome == KERBEROS_DONE)
        return kerberos_done(negotiate, session, &ticket, out);
    negotiate->state = TICKET;
    return outcome == KERBEROS_CONTINUE ? NEGOTIATE_CONTINUE : refuse(out, ticket.reason);
}

/* ---- NTLM ---- */

static enum negotiate_outcome ntlm_begin(struct negotiate *negotiate, struct bytes token,
                                         struct strbuf *challenge, struct negotiate_result *out)
{
    struct ntlm_host host;
    const char *reason;

    if (!directory_has_ntlm(negotiate->directory))
        return refuse(out, "NTLM is not offered");
    ntlm_host_init(&host);
    reason = ntlm_challenge(&negotiate->ntlm, token, &host, challenge);
    if (reason)
        return refuse(out, reason);
    negotiate->state = CHALLENGED;
    return NEGOTIATE_CONTINUE;
}

static enum negotiate_outcome ntlm_end(struct negotiate *negotiate, const struct session *session,
                                       struct bytes token, struct negotiate_result *out)
{
    const struct ntlm_policy policy = {
        .tls = session->tls,
        .binding = { session->binding, session->binding_len },
        .require_binding = strcmp(negotiate->config->auth_channel_binding, "require") == 0,
        .targets = negotiate->config->auth_ntlm_targets,
    };
    struct user user = { .has_nt_hash = false };
    struct ntlm_answer answer;
    unsigned char key[NTLM_KEY];
    const char *reason = ntlm_read_answer(&answer, &negotiate->ntlm, token);
    bool known;

    if (reason)
        return refuse(out, reason);
    if (users_text_valid(answer.user))
        put_text(out->claimed, sizeof(out->claimed), answer.user);
    known = directory_find_ntlm(negotiate->directory, answer.domain, answer.user, &user);
    /* For a user that is not there all is computed too: a hash that nobody has. */
    if (!known && RAND_bytes(user.nt_hash, sizeof(user.nt_hash)) != 1)
        return refuse(out, "no random numbers can be had");
    reason = ntlm_prove(&negotiate->ntlm, &answer, user.nt_hash, &policy, key);
    if (!known)
        reason = "unknown user, or one without an NT hash";
    if (!reason && ntlm_seal_init(&negotiate->seal, key, answer.flags) < 0)
        reason = "NTLM cannot be computed here";
    memcpy(negotiate->name, user.who.name, sizeof(user.who.name));
    memcpy(negotiate->nt_hash, user.nt_hash, sizeof(user.nt_hash));
    OPENSSL_cleanse(key, sizeof(key));
    OPENSSL_cleanse(&user, sizeof(user));
    if (reason)
        return refuse(out, reason);
    negotiate->state = DONE;
    return NEGOTIATE_DONE;
}

static struct bytes bytes_of(const struct strbuf *text)
{
    return (struct bytes){ (const unsigned char *)strbuf_str(text), text->len };
}

/* ---- SPNEGO around NTLM ---- */

static enum negotiate_outcome spnego_begin(struct negotiate *negotiate, struct bytes token,
                                           struct negotiate_result *out)
{
    const struct bytes none = { NULL, 0 };
    struct strbuf challenge = STRBUF_INIT;
    enum negotiate_outcome outcome = NEGOTIATE_CONTINUE;
    struct spnego_init init;

    if (!spnego_read_init(&init, token))
        return refuse(out, "the SPNEGO token is not well-formed");
    if (!init.ntlm || !directory_has_ntlm(negotiate->directory))
        return refuse(out, "SPNEGO offers no mechanism that is offered here");
    negotiate->spnego = true;
    negotiate->mic_needed = !init.ntlm_first;
    strbuf_add(&negotiate->mechanisms, (const char *)init.mechanisms.data, init.mechanisms.len);
    if (init.ntlm_first && init.token.len) {
        outcome = ntlm_begin(negotiate, init.token, &challenge, out);
        spnego_write(&out->token, SPNEGO_INCOMPLETE, true, bytes_of(&challenge), none);
    } else {
        negotiate->state = ASKED;
        spnego_write(&out->token, init.ntlm_first ? SPNEGO_INCOMPLETE : SPNEGO_REQUEST_MIC, true,
                     none, none);
    }
    strbuf_free(&challenge);
    return outcome;
}

/* The last message: what the client says of the list of mechanisms, and what we say of it. */
static enum negotiate_outcome spnego_end(struct negotiate *negotiate, struct bytes mic,
                                         struct negotiate_result *out)
{
    const struct bytes none = { NULL, 0 }, list = bytes_of(&negotiate->mechanisms);
    unsigned char mine[NTLM_SIGNATURE];

    if (mic.len == 0) {
        if (negotiate->mic_needed)
            return refuse(out, "the mechListMIC of SPNEGO is missing");
        spnego_write(&out->token, SPNEGO_COMPLETED, false, none, none);
        return NEGOTIATE_DONE;
    }
    if (mic.len != NTLM_SIGNATURE || !ntlm_check_mic(&negotiate->seal, mic.data, list) ||
        !ntlm_make_mic(&negotiate->seal, mine, list))
        return refuse(out, "the mechListMIC of SPNEGO is wrong");
    spnego_write(&out->token, SPNEGO_COMPLETED, false, none, (struct bytes){ mine, sizeof(mine) });
    return NEGOTIATE_DONE;
}

static enum negotiate_outcome spnego_more(struct negotiate *negotiate,
                                          const struct session *session, struct bytes token,
                                          struct negotiate_result *out)
{
    struct strbuf challenge = STRBUF_INIT;
    struct spnego_response response;
    enum negotiate_outcome outcome;

    if (!spnego_read_response(&response, token))
        return refuse(out, "the SPNEGO token is not well-formed");
    if (negotiate->state == ASKED) {
        outcome = ntlm_begin(negotiate, response.token, &challenge, out);
        spnego_write(&out->token, SPNEGO_INCOMPLETE, false, bytes_of(&challenge),
                     (struct bytes){ NULL, 0 });
        strbuf_free(&challenge);
        return outcome;
    }
    outcome = ntlm_end(negotiate, session, response.token, out);
    return outcome == NEGOTIATE_DONE ? spnego_end(negotiate, response.mic, out) : outcome;
}

/* ---- all of it ---- */

static enum negotiate_outcome first(struct negotiate *negotiate, const struct session *session,
                                    struct bytes token, struct negotiate_result *out)
{
    if (is_for_kerberos(negotiate, token))
        return kerberos_step(negotiate, session, token, out);
    switch (spnego_kind(token)) {
    case SPNEGO_INIT:
        return spnego_begin(negotiate, token, out);
    case SPNEGO_NTLM:
        return ntlm_begin(negotiate, token, &out->token, out);
    default:
        return refuse(out, "not the first token of a login");
    }
}

static enum negotiate_outcome step(struct negotiate *negotiate, const struct session *session,
                                   struct bytes token, struct negotiate_result *out)
{
    int64_t age_ms = clock_mono_ms() - negotiate->began_ms;

    if (age_ms > (int64_t)negotiate->config->auth_login_seconds * 1000)
        return refuse(out, "the login took too long");
    switch (negotiate->state) {
    case FRESH:
        return first(negotiate, session, token, out);
    case TICKET:
        return kerberos_step(negotiate, session, token, out);
    case ASKED:
    case CHALLENGED:
        if (negotiate->spnego)
            return spnego_more(negotiate, session, token, out);
        return ntlm_end(negotiate, session, token, out);
    default:
        return refuse(out, "the login is done already");
    }
}

enum negotiate_outcome negotiate_step(struct negotiate *negotiate, const struct session *session,
                                      struct bytes token, struct negotiate_result *out)
{
    enum negotiate_outcome outcome;

    memset(out, 0, sizeof(*out));
    out->how = "ntlm";
    outcome = step(negotiate, session, token, out);
    if (!strbuf_ok(&out->token) || !strbuf_ok(&negotiate->mechanisms))
        outcome = refuse(out, "out of memory");
    return outcome;
}

/* ---- afterwards ---- */

static const char *kerberos_who(const struct negotiate *negotiate, struct principal *out)
{
    struct claims claims = { NULL, 0, 0 };
    const char *reason = NULL;

    if (clock_mono_ms() >= negotiate->ends_ms)
        return "the ticket has ended";
    if (claims_add(&claims, RULE_PRINCIPAL, negotiate->name) < 0)
        reason = "out of memory";
    else if (!directory_map(negotiate->directory, &claims, out))
        reason = "no rule for the Kerberos principal";
    claims_clear(&claims);
    return reason;
}

/* The same user with the same password, or nobody. */
static const char *ntlm_who(const struct negotiate *negotiate, struct principal *out)
{
    struct user user;
    const char *reason = "the user or its password has changed";

    if (!directory_has_ntlm(negotiate->directory))
        return "NTLM is not offered";
    if (!directory_find(negotiate->directory, negotiate->name, &user))
        return reason;
    if (user.has_nt_hash && strcmp(user.who.name, negotiate->name) == 0 &&
        CRYPTO_memcmp(user.nt_hash, negotiate->nt_hash, sizeof(user.nt_hash)) == 0) {
        *out = user.who;
        reason = NULL;
    }
    OPENSSL_cleanse(&user, sizeof(user));
    return reason;
}

const char *negotiate_who(const struct negotiate *negotiate, struct principal *out)
{
    *out = (struct principal)PRINCIPAL_NOBODY;
    if (negotiate->state != DONE)
        return "the login is not done";
    return negotiate->kerberos_chosen ? kerberos_who(negotiate, out) : ntlm_who(negotiate, out);
}

bool negotiate_is_done(const struct negotiate *negotiate)
{
    return negotiate->state == DONE;
}

const char *negotiate_how(const struct negotiate *negotiate)
{
    return negotiate->kerberos_chosen ? "kerberos" : "ntlm";
}

bool negotiate_can_seal(const struct negotiate *negotiate)
{
    if (negotiate->state != DONE)
        return false;
    return negotiate->kerberos_chosen ? kerberos_can_seal(negotiate->context)
                                      : negotiate->seal.can_seal;
}

bool negotiate_unseal(struct negotiate *negotiate, struct bytes signature, unsigned char *data,
                      size_t len)
{
    if (negotiate->kerberos_chosen)
        return kerberos_unseal(negotiate->context, signature, data, len);
    return signature.len == NTLM_SIGNATURE &&
           ntlm_unseal(&negotiate->seal, signature.data, data, len);
}

bool negotiate_seal(struct negotiate *negotiate, struct strbuf *signature, unsigned char *data,
                    size_t len)
{
    unsigned char mine[NTLM_SIGNATURE];

    if (negotiate->kerberos_chosen)
        return kerberos_seal(negotiate->context, signature, data, len);
    if (!ntlm_seal(&negotiate->seal, mine, data, len))
        return false;
    strbuf_add(signature, (const char *)mine, sizeof(mine));
    return strbuf_ok(signature);
}
