/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/logins.h"

#include "base/clock.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 256, WAYS = 4 }; /* BUCKETS: a power of two below 65536 */

struct slot {
    struct logins_key key;
    struct principal who;
    int64_t until_ms; /* 0: empty */
};

struct logins {
    int64_t life_ms;
    unsigned char secret[32];
    pthread_mutex_t lock; /* guards slots */
    struct slot slots[BUCKETS][WAYS];
};

int logins_open(struct logins **out, long seconds, struct error *err)
{
    struct logins *logins = calloc(1, sizeof(*logins));

    if (!logins)
        return error_set(err, ERR_NO_MEMORY, NULL);
    if (RAND_bytes(logins->secret, sizeof(logins->secret)) != 1) {
        free(logins);
        return error_set(err, ERR_FAILED, "no random numbers can be had");
    }
    logins->life_ms = (int64_t)seconds * 1000;
    pthread_mutex_init(&logins->lock, NULL);
    *out = logins;
    return 0;
}

void logins_close(struct logins *logins)
{
    if (!logins)
        return;
    pthread_mutex_destroy(&logins->lock);
    OPENSSL_cleanse(logins, sizeof(*logins));
    free(logins);
}

int logins_key(const struct logins *logins, struct logins_key *out, const char *name,
               const char *hash, const char *password)
{
    const char *const parts[] = { name, hash, password };
    size_t len = 0, size = strlen(name) + strlen(hash) + strlen(password) + 3;
    unsigned char *text = malloc(size);
    bool done;

    if (!text)
        return -1;
    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(parts[i]) + 1; /* with its NUL, which keeps the parts apart */
        memcpy(text + len, parts[i], n);
        len += n;
    }
    done = HMAC(EVP_sha256(), logins->secret, sizeof(logins->secret), text, len, out->mac, NULL) !=
           NULL;
    OPENSSL_cleanse(text, size);
    free(text);
    return done ? 0 : -1;
}

/* With the lock held: the slot of this key, or the one that it may have, which ends soonest. The
 * secret makes the place of a key impossible to foresee. */
static struct slot *slot_of(struct logins *logins, const struct logins_key *key)
{
    struct slot *bucket = logins->slots[((unsigned)key->mac[0] << 8 | key->mac[1]) % BUCKETS];
    struct slot *best = bucket;

    for (int i = 0; i < WAYS; i++) {
        if (CRYPTO_memcmp(bucket[i].key.mac, key->mac, sizeof(key->mac)) == 0)
            return &bucket[i];
        if (bucket[i].until_ms < best->until_ms)
            best = &bucket[i];
    }
    return best;
}

void logins_add(struct logins *logins, const struct logins_key *key, const struct principal *who)
{
    if (logins->life_ms == 0)
        return;
    pthread_mutex_lock(&logins->lock);
    *slot_of(logins, key) = (struct slot){ *key, *who, clock_mono_ms() + logins->life_ms };
    pthread_mutex_unlock(&logins->lock);
}

bool logins_find(struct logins *logins, const struct logins_key *key, struct principal *who)
{
    const struct slot *slot;
    bool has;

    pthread_mutex_lock(&logins->lock);
    slot = slot_of(logins, key);
    has = slot->until_ms > clock_mono_ms() &&
          CRYPTO_memcmp(slot->key.mac, key->mac, sizeof(key->mac)) == 0;
    if (has)
        *who = slot->who;
    pthread_mutex_unlock(&logins->lock);
    return has;
}
