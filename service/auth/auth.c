/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/auth.h"

#include "auth/basic.h"
#include "auth/logins.h"
#include "auth/users.h"
#include "base/log.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct auth {
    const struct config *config;
    pthread_rwlock_t lock;         /* guards users, the pointer; never held over a hash */
    struct users *users;           /* replaced as a whole by auth_reload() */
    struct logins *logins;         /* passwords checked lately; locks itself */
    char decoy[CRYPT_OUTPUT_SIZE]; /* const: hash of a password nobody has */
};

/* One login. The user is a copy, since the table may be replaced during the hash. */
struct candidate {
    struct basic basic;
    struct user user; /* unknown: nobody, with the decoy's hash */
    bool known;
    struct logins_key key;
};

/* "DOMAIN\user" or "user@realm" without the domain, into out; -1 for a bare name. */
static int strip_domain(char *out, size_t size, const char *name)
{
    const char *slash = strrchr(name, '\\'), *at = strrchr(name, '@');

    if (slash)
        snprintf(out, size, "%s", slash + 1);
    else if (at)
        snprintf(out, size, "%.*s", (int)(at - name), name);
    return slash || at ? 0 : -1;
}

static void look_up(struct auth *auth, const char *name, struct candidate *out)
{
    char bare[sizeof(out->user.who.name)];
    const struct user *user;

    pthread_rwlock_rdlock(&auth->lock);
    user = users_find(auth->users, name);
    if (!user && strip_domain(bare, sizeof(bare), name) == 0)
        user = users_find(auth->users, bare);
    if (user)
        out->user = *user;
    else
        memcpy(out->user.hash, auth->decoy, sizeof(auth->decoy));
    out->known = user != NULL;
    pthread_rwlock_unlock(&auth->lock);
}

/* NULL, or why the login is refused whatever the password. The name is in the key, so that two
 * unknown users never wait for the same check: that would tell them from known ones. */
static const char *read_login(struct auth *auth, const char *header, size_t len,
                              struct candidate *out)
{
    const char *reason = basic_parse(&out->basic, header, len);

    if (reason)
        return reason;
    look_up(auth, out->basic.user, out);
    if (logins_key(auth->logins, &out->key, out->basic.user, out->user.hash, out->basic.password) <
        0)
        return "out of memory";
    return NULL;
}

static bool same_key(const struct logins_key *a, const struct logins_key *b)
{
    return CRYPTO_memcmp(a->mac, b->mac, sizeof(a->mac)) == 0;
}

enum auth_outcome auth_recall(struct auth *auth, const char *header, size_t len,
                              const struct logins_key *vouched, struct auth_result *out)
{
    struct candidate candidate = { .known = false };
    enum auth_outcome outcome = AUTH_REFUSED;

    *out = (struct auth_result){ .who = PRINCIPAL_NOBODY };
    out->reason = read_login(auth, header, len, &candidate);
    if (candidate.basic.user)
        snprintf(out->claimed, sizeof(out->claimed), "%s", candidate.basic.user);
    if (!out->reason) {
        outcome = AUTH_UNCHECKED;
        out->key = candidate.key;
        out->reason = candidate.known ? "wrong password" : "unknown user";
        if (candidate.known && ((vouched && same_key(vouched, &candidate.key)) ||
                                logins_has(auth->logins, &candidate.key))) {
            outcome = AUTH_GRANTED;
            out->reason = NULL;
            out->who = candidate.user.who;
        }
    }
    OPENSSL_cleanse(&candidate, sizeof(candidate));
    return outcome;
}

bool auth_hash(struct auth *auth, const char *header, size_t len)
{
    struct candidate candidate = { .known = false };
    bool right = false;

    if (!read_login(auth, header, len, &candidate)) {
        /* An equal login may have been found right since this one was recalled. */
        right = candidate.known && logins_has(auth->logins, &candidate.key);
        if (!right)
            right = users_hash_matches(candidate.user.hash, candidate.basic.password) &&
                    candidate.known;
        if (right)
            logins_add(auth->logins, &candidate.key);
    }
    OPENSSL_cleanse(&candidate, sizeof(candidate));
    return right;
}

/* Hash of 32 random octets, which are forgotten at once. */
static int make_decoy(struct auth *auth, struct error *err)
{
    unsigned char random[32];
    char text[2 * sizeof(random) + 1];
    int result;

    if (RAND_bytes(random, sizeof(random)) != 1)
        return error_set(err, ERR_FAILED, "no random numbers can be had");
    for (size_t i = 0; i < sizeof(random); i++)
        snprintf(text + 2 * i, 3, "%02x", random[i]);
    result = users_hash(auth->decoy, text, err);
    OPENSSL_cleanse(random, sizeof(random));
    OPENSSL_cleanse(text, sizeof(text));
    return result;
}

int auth_open(struct auth **out, const struct config *config, struct error *err)
{
    struct auth *auth = calloc(1, sizeof(*auth));

    if (!auth)
        return error_set(err, ERR_NO_MEMORY, NULL);
    auth->config = config;
    pthread_rwlock_init(&auth->lock, NULL);
    if (logins_open(&auth->logins, config->auth_cache_seconds, err) < 0 ||
        make_decoy(auth, err) < 0 || auth_reload(auth, err) < 0) {
        auth_close(auth);
        return -1;
    }
    *out = auth;
    return 0;
}

int auth_reload(struct auth *auth, struct error *err)
{
    struct users *fresh, *old;
    char count[24];

    if (users_load(&fresh, auth->config->auth_users_file, err) < 0)
        return -1;
    snprintf(count, sizeof(count), "%zu", users_count(fresh));
    pthread_rwlock_wrlock(&auth->lock);
    old = auth->users;
    auth->users = fresh;
    pthread_rwlock_unlock(&auth->lock);
    users_free(old);
    log_event(LOG_INFO, "users_loaded", "count", count, NULL);
    return 0;
}

void auth_close(struct auth *auth)
{
    if (!auth)
        return;
    users_free(auth->users);
    logins_close(auth->logins);
    pthread_rwlock_destroy(&auth->lock);
    OPENSSL_cleanse(auth, sizeof(*auth));
    free(auth);
}
