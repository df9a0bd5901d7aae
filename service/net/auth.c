/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/auth.h"

#include "base/log.h"
#include "net/basic.h"
#include "net/logins.h"
#include "net/users.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Hashes are slow by design; those that may run at once leave workers for people already known. */
enum { HASHES_AT_ONCE = 2 };

struct auth {
    const struct config *config;
    sem_t hashing;                 /* slots for password hashes */
    pthread_rwlock_t lock;         /* guards users, the pointer; never held over a hash */
    struct users *users;           /* replaced as a whole by auth_reload() */
    struct logins *logins;         /* passwords checked lately; locks itself */
    char decoy[CRYPT_OUTPUT_SIZE]; /* const: hash of a password nobody has */
};

/* One look at the table: a copy, since the table may be replaced during the hash. */
struct candidate {
    struct user user;
    bool known;
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

    memset(out, 0, sizeof(*out));
    pthread_rwlock_rdlock(&auth->lock);
    user = users_find(auth->users, name);
    if (!user && strip_domain(bare, sizeof(bare), name) == 0)
        user = users_find(auth->users, bare);
    if (user)
        out->user = *user;
    out->known = user != NULL;
    pthread_rwlock_unlock(&auth->lock);
}

/* Asks the memory, then the hash. An unknown user costs one hash too, so that the time it takes
 * does not tell which names exist. */
static bool check_password(struct auth *auth, const struct basic *basic,
                           const struct candidate *candidate)
{
    const char *hash = candidate->known ? candidate->user.hash : auth->decoy;
    struct logins_key key;
    bool right;

    if (logins_key(auth->logins, &key, hash, basic->password) < 0)
        return false;
    if (candidate->known && logins_has(auth->logins, &key))
        return true;
    while (sem_wait(&auth->hashing) < 0)
        ; /* EINTR */
    /* Another thread may have checked the same password while this one waited. */
    right = candidate->known && logins_has(auth->logins, &key);
    if (!right) {
        right = users_hash_matches(hash, basic->password) && candidate->known;
        if (right)
            logins_add(auth->logins, &key);
    }
    sem_post(&auth->hashing);
    return right;
}

bool auth_check(struct auth *auth, const char *header, size_t len, struct auth_result *out)
{
    struct candidate candidate = { .known = false };
    struct basic basic;

    *out = (struct auth_result){ .who = PRINCIPAL_NOBODY };
    out->reason = basic_parse(&basic, header, len);
    if (basic.user)
        snprintf(out->claimed, sizeof(out->claimed), "%s", basic.user);
    if (!out->reason) {
        look_up(auth, basic.user, &candidate);
        if (check_password(auth, &basic, &candidate))
            out->who = candidate.user.who;
        else
            out->reason = candidate.known ? "wrong password" : "unknown user";
    }
    OPENSSL_cleanse(&candidate, sizeof(candidate));
    basic_wipe(&basic);
    return access_allows(&out->who, ROLE_VIEWER);
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
    sem_init(&auth->hashing, 0, HASHES_AT_ONCE);
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
    sem_destroy(&auth->hashing);
    OPENSSL_cleanse(auth, sizeof(*auth));
    free(auth);
}
