/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * HTTP Basic: the users file, and PAM for names that it does not have.
 */
#include "auth/auth_parts.h"
#include "auth/basic.h"
#include "auth/negotiate.h"
#include "auth/pam.h"
#include "base/put.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* One login. The user is a copy, since the table may be replaced during the hash. */
struct candidate {
    struct basic basic;
    struct user user; /* unknown: nobody, with the decoy's hash */
    bool known;
    bool pam; /* not in the users file: PAM knows */
    struct logins_key key;
};

bool auth_basic_offered(const struct auth *auth, const struct session *session)
{
    return auth->config->auth_basic &&
           (session->tls || (auth->config->http_basic && session->loopback));
}

static void look_up(struct auth *auth, struct candidate *out)
{
    out->known = directory_find(auth->directory, out->basic.user, &out->user);
    if (out->known)
        return;
    out->pam = auth->config->pam_enabled;
    /* What PAM said is good until the next reload, which may have changed the rules. */
    if (out->pam)
        snprintf(out->user.hash, sizeof(out->user.hash), "pam %u",
                 directory_generation(auth->directory));
    else
        memcpy(out->user.hash, auth->decoy, sizeof(auth->decoy));
}

/* NULL, or why the login is refused whatever the password. The name is in the key, so that two
 * unknown users never wait for the same check: that would tell them from known ones. */
static const char *read_login(struct auth *auth, const struct session *session, struct token header,
                              struct candidate *out)
{
    const char *reason = basic_parse(&out->basic, header.text, header.len);

    if (reason)
        return reason;
    if (!auth_basic_offered(auth, session))
        return "Basic is not offered here";
    look_up(auth, out);
    if (logins_key(auth->logins, &out->key, out->basic.user, out->user.hash, out->basic.password) <
        0)
        return "out of memory";
    return NULL;
}

static bool same_key(const struct logins_key *a, const struct logins_key *b)
{
    return CRYPTO_memcmp(a->mac, b->mac, sizeof(a->mac)) == 0;
}

/* Who it is, if the password was found right before. */
static bool recall(struct auth *auth, const struct candidate *candidate,
                   const struct auth_vouched *vouched, struct principal *out)
{
    bool is_vouched = vouched && same_key(&vouched->key, &candidate->key);

    if (!candidate->known && !candidate->pam)
        return false;
    if (is_vouched)
        *out = vouched->verdict.who;
    else if (!logins_find(auth->logins, &candidate->key, out))
        return false;
    if (candidate->known)
        *out = candidate->user.who; /* as the file has it now */
    return true;
}

enum auth_outcome auth_recall(struct auth *auth, struct session *session, struct token header,
                              const struct auth_vouched *vouched, struct auth_result *out)
{
    struct candidate candidate = { .known = false };
    enum auth_outcome outcome = AUTH_REFUSED;

    *out = (struct auth_result){ .who = PRINCIPAL_NOBODY, .how = "basic" };
    negotiate_free(session->negotiate);
    session->negotiate = NULL;
    out->reason = read_login(auth, session, header, &candidate);
    if (candidate.basic.user)
        put_text(out->claimed, sizeof(out->claimed), candidate.basic.user);
    if (candidate.pam)
        out->how = "pam";
    if (!out->reason) {
        outcome = AUTH_UNCHECKED;
        out->key = candidate.key;
        out->reason = candidate.known ? "wrong password" : "unknown user";
        if (recall(auth, &candidate, vouched, &out->who)) {
            outcome = AUTH_GRANTED;
            out->reason = NULL;
        }
    }
    OPENSSL_cleanse(&candidate, sizeof(candidate));
    return outcome;
}

/* The domain of a name is this host's, or the one that the configuration names. */
static bool is_own_domain(const struct auth *auth, const char *domain, size_t len)
{
    char host[256] = "";
    size_t bare;

    if (gethostname(host, sizeof(host) - 1) != 0)
        host[0] = '\0';
    bare = strcspn(host, ".");
    return (len == 1 && domain[0] == '.') || (len == bare && strncasecmp(domain, host, len) == 0) ||
           (len == strlen(host) && strncasecmp(domain, host, len) == 0) ||
           (len && len == strlen(auth->config->pam_domain) &&
            strncasecmp(domain, auth->config->pam_domain, len) == 0);
}

static void pam_name(const struct auth *auth, const char *name, char *out, size_t size)
{
    const char *slash = strrchr(name, '\\'), *at = strrchr(name, '@');

    if (slash && is_own_domain(auth, name, (size_t)(slash - name)))
        put_text(out, size, slash + 1);
    else if (!slash && at && is_own_domain(auth, at + 1, strlen(at + 1)))
        snprintf(out, size, "%.*s", (int)(at - name), name);
    else
        put_text(out, size, name);
}

/* The address without its port: modules compare it, or look for its name. */
static void pam_peer(const char *peer, char *out, size_t size)
{
    const char *end = strrchr(peer, ':');
    size_t skip = peer[0] == '[' ? 1 : 0;

    snprintf(out, size, "%.*s", end ? (int)((size_t)(end - peer) - 2 * skip) : 0, peer + skip);
}

/* A name that PAM does not know: users_name_valid() would not let it into the users file either. */
#define NO_ACCOUNT ":nobody"

static const char *ask_pam_for(struct auth *auth, const struct session *session, const char *name,
                               const char *password, char account[AUTH_NAME])
{
    char peer[AUTH_NAME];
    const struct pam_question question = {
        .service = auth->config->pam_service,
        .directory = auth->config->pam_directory,
        .name = name,
        .password = password,
        .peer = peer,
    };

    pam_peer(session->peer ? session->peer : "", peer, sizeof(peer));
    return pam_ask(&question, account, AUTH_NAME);
}

static void ask_pam(struct auth *auth, const struct session *session,
                    const struct candidate *candidate, struct auth_verdict *out)
{
    struct claims claims = { NULL, 0, 0 };
    char name[AUTH_NAME], account[AUTH_NAME];

    pam_name(auth, candidate->basic.user, name, sizeof(name));
    out->reason = ask_pam_for(auth, session, name, candidate->basic.password, account);
    if (out->reason)
        return;
    if (pam_claims(account, &claims) < 0)
        out->reason = "out of memory";
    else if (!directory_map(auth->directory, &claims, &out->who))
        out->reason = "no rule for the account";
    claims_clear(&claims);
}

static void ask_hash(const struct candidate *candidate, struct auth_verdict *out)
{
    bool right = users_hash_matches(candidate->user.hash, candidate->basic.password);

    if (!candidate->known)
        out->reason = "unknown user";
    else if (!right)
        out->reason = "wrong password";
    else
        out->who = candidate->user.who;
}

/* With PAM, who is refused has taken the time of a hash and of PAM in any case: whether a name is in the users
 * file cannot be measured. */
static void ask(struct auth *auth, const struct session *session, const struct candidate *candidate,
                struct auth_verdict *out)
{
    char account[AUTH_NAME];

    if (candidate->pam) {
        users_hash_matches(auth->decoy, candidate->basic.password);
        ask_pam(auth, session, candidate, out);
        return;
    }
    ask_hash(candidate, out);
    if (out->reason && auth->config->pam_enabled)
        ask_pam_for(auth, session, NO_ACCOUNT, candidate->basic.password, account);
}

void auth_hash(struct auth *auth, const struct session *session, struct token header,
               struct auth_verdict *out)
{
    struct candidate candidate = { .known = false };

    *out = (struct auth_verdict){ .who = PRINCIPAL_NOBODY };
    out->reason = read_login(auth, session, header, &candidate);
    /* An equal login may have been found right since this one was recalled. */
    if (!out->reason && !recall(auth, &candidate, NULL, &out->who)) {
        ask(auth, session, &candidate, out);
        if (!out->reason)
            logins_add(auth->logins, &candidate.key, &out->who);
    }
    OPENSSL_cleanse(&candidate, sizeof(candidate));
}
