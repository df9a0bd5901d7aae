/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/auth.h"

#include "auth/auth_parts.h"
#include "auth/base64.h"
#include "auth/negotiate.h"
#include "base/put.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What Windows' clients write when they come with a certificate (MS-WSMV, DSP8015). */
#define PROFILE "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/"

static const char mutual_scheme[] = PROFILE "https/mutual";

/* ---- Negotiate ---- */

/* The schemes that carry tokens. Windows' clients say Negotiate; some say what they mean. */
static const char *const token_schemes[] = { "Negotiate", "Kerberos", "NTLM" };

/* Splits "Scheme token"; the scheme's name as we write it, or NULL. */
static const char *split_token(struct token header, struct token *rest)
{
    size_t len = token_name_length(header);

    for (size_t i = 0; i < sizeof(token_schemes) / sizeof(token_schemes[0]); i++) {
        if (!token_is((struct token){ header.text, len }, token_schemes[i]))
            continue;
        *rest = token_trim((struct token){ header.text + len, header.len - len });
        return token_schemes[i];
    }
    return NULL;
}

bool auth_is_token(struct token header)
{
    struct token rest;

    return split_token(header, &rest) != NULL;
}

static bool negotiate_offered(struct auth *auth)
{
    return directory_has_kerberos(auth->directory) || directory_has_ntlm(auth->directory);
}

/* The challenge as WWW-Authenticate has it. */
static int set_challenge(struct strbuf *out, const char *scheme, const struct strbuf *token)
{
    char *text;

    if (token->len == 0)
        return 0;
    text = base64_text((const unsigned char *)strbuf_str(token), token->len);
    if (!text)
        return -1;
    strbuf_printf(out, "%s %s", scheme, text);
    free(text);
    return strbuf_ok(out) ? 0 : -1;
}

static enum auth_outcome step(struct session *session, const char *scheme, struct bytes token,
                              struct auth_result *out)
{
    static const enum auth_outcome outcomes[] = {
        [NEGOTIATE_REFUSED] = AUTH_REFUSED,
        [NEGOTIATE_CONTINUE] = AUTH_CONTINUE,
        [NEGOTIATE_DONE] = AUTH_GRANTED,
    };
    struct negotiate_result result;
    enum auth_outcome outcome =
        outcomes[negotiate_step(session->negotiate, session, token, &result)];

    out->how = result.how;
    out->reason = result.reason;
    put_text(out->claimed, sizeof(out->claimed), result.claimed);
    if (outcome != AUTH_REFUSED && set_challenge(&out->challenge, scheme, &result.token) < 0) {
        out->reason = "out of memory";
        outcome = AUTH_REFUSED;
    }
    if (outcome == AUTH_GRANTED) {
        out->reason = negotiate_who(session->negotiate, &out->who);
        if (out->reason)
            outcome = AUTH_REFUSED;
    }
    strbuf_free(&result.token);
    return outcome;
}

/* A token on a connection whose login is done begins another login. */
static int ready(struct auth *auth, struct session *session)
{
    if (session->negotiate && negotiate_is_done(session->negotiate)) {
        negotiate_free(session->negotiate);
        session->negotiate = NULL;
    }
    if (!session->negotiate)
        session->negotiate = negotiate_new(auth->directory, auth->config);
    return session->negotiate ? 0 : -1;
}

enum auth_outcome auth_token(struct auth *auth, struct session *session, struct token header,
                             bool may_block, struct auth_result *out)
{
    enum auth_outcome outcome = AUTH_REFUSED;
    struct token text;
    const char *scheme = split_token(header, &text);
    struct bytes token = { NULL, 0 };
    unsigned char *octets = NULL;

    *out = (struct auth_result){ .who = PRINCIPAL_NOBODY, .how = "negotiate" };
    if (!negotiate_offered(auth))
        out->reason = "Negotiate is not offered";
    else if (!(octets = base64_octets(text.text, text.len, &token.len)))
        out->reason = "the token is not base64";
    else if (ready(auth, session) < 0)
        out->reason = "out of memory";
    token.data = octets;
    if (!out->reason && !may_block && negotiate_blocks(session->negotiate, token))
        outcome = AUTH_UNCHECKED;
    else if (!out->reason)
        outcome = step(session, scheme, token, out);
    /* After a refusal the next token begins anew: nothing of a broken login is left. */
    if (outcome == AUTH_REFUSED) {
        negotiate_free(session->negotiate);
        session->negotiate = NULL;
    }
    free(octets);
    return outcome;
}

/* ---- what a connection brings along ---- */

static const char *certificate_who(struct auth *auth, const struct certificate *certificate,
                                   struct principal *out)
{
    if (!certificate_is_current(certificate))
        return "the certificate has expired";
    return directory_map(auth->directory, &certificate->claims, out)
               ? NULL
               : "no rule for the certificate";
}

static enum auth_outcome by_certificate(struct auth *auth, const struct session *session,
                                        struct auth_result *out)
{
    out->how = "certificate";
    put_text(out->claimed, sizeof(out->claimed), session->certificate->subject);
    out->reason = certificate_who(auth, session->certificate, &out->who);
    return out->reason ? AUTH_REFUSED : AUTH_GRANTED;
}

enum auth_outcome auth_present(struct auth *auth, struct session *session, struct auth_result *out)
{
    *out = (struct auth_result){ .who = PRINCIPAL_NOBODY, .how = "" };
    if (session->negotiate) {
        out->how = negotiate_how(session->negotiate);
        out->reason = negotiate_who(session->negotiate, &out->who);
        put_text(out->claimed, sizeof(out->claimed), out->who.name);
        if (!out->reason)
            return AUTH_GRANTED;
        negotiate_free(session->negotiate);
        session->negotiate = NULL;
        return AUTH_REFUSED;
    }
    if (session->certificate)
        return by_certificate(auth, session, out);
    out->reason = "no credentials";
    return AUTH_REFUSED;
}

enum auth_outcome auth_certificate(struct auth *auth, struct session *session,
                                   struct auth_result *out)
{
    *out = (struct auth_result){ .who = PRINCIPAL_NOBODY, .how = "certificate" };
    negotiate_free(session->negotiate);
    session->negotiate = NULL;
    if (session->certificate)
        return by_certificate(auth, session, out);
    out->reason = "the client sent no certificate";
    return AUTH_REFUSED;
}

bool auth_is_certificate(struct token header)
{
    return token_is(header, mutual_scheme);
}

/* ---- what is offered ---- */

void auth_offers(struct auth *auth, const struct session *session, struct strbuf *out)
{
    if (negotiate_offered(auth))
        strbuf_puts(out, "WWW-Authenticate: Negotiate\r\n");
    if (directory_has_kerberos(auth->directory))
        strbuf_puts(out, "WWW-Authenticate: Kerberos\r\n");
    if (auth_basic_offered(auth, session))
        strbuf_puts(out, "WWW-Authenticate: Basic realm=\"WSMAN\"\r\n");
}

static bool asks_for_certificates(const struct config *config)
{
    return config->tls_client_ca[0] &&
           (config->mutual_enabled || strcmp(config->listen_client_certificate, "none") != 0);
}

void auth_profiles(struct auth *auth, const char *out[AUTH_PROFILES])
{
    const struct config *config = auth->config;
    bool negotiate = negotiate_offered(auth);
    const struct {
        bool offered;
        const char *profile;
    } rows[] = {
        { config->auth_basic, PROFILE "https/basic" },
        { asks_for_certificates(config), mutual_scheme },
        { negotiate, PROFILE "https/spnego-kerberos" },
        { config->http_enabled && config->http_basic && config->auth_basic, PROFILE "http/basic" },
        { config->http_enabled && negotiate, PROFILE "http/spnego-kerberos" },
    };
    size_t count = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].offered)
            out[count++] = rows[i].profile;
    out[count] = NULL;
}

/* ---- life ---- */

static int check_config(const struct config *config, struct error *err)
{
    if (strcmp(config->auth_channel_binding, "accept") != 0 &&
        strcmp(config->auth_channel_binding, "require") != 0)
        return error_set(err, ERR_INVALID_PARAMETER,
                         "auth.channel_binding is neither accept nor require");
    return 0;
}

int auth_open(struct auth **out, const struct config *config, struct error *err)
{
    struct auth *auth = calloc(1, sizeof(*auth));

    if (!auth)
        return error_set(err, ERR_NO_MEMORY, NULL);
    auth->config = config;
    if (check_config(config, err) < 0 ||
        logins_open(&auth->logins, config->auth_cache_seconds, err) < 0 ||
        users_hash_decoy(auth->decoy, err) < 0 || directory_open(&auth->directory, config, err) < 0) {
        auth_close(auth);
        return -1;
    }
    *out = auth;
    return 0;
}

int auth_reload(struct auth *auth, struct error *err)
{
    return directory_reload(auth->directory, err);
}

void auth_close(struct auth *auth)
{
    if (!auth)
        return;
    directory_close(auth->directory);
    logins_close(auth->logins);
    OPENSSL_cleanse(auth, sizeof(*auth));
    free(auth);
}

size_t auth_users(struct auth *auth)
{
    return directory_users(auth->directory);
}
