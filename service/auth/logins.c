/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/logins.h"

#include "base/clock.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
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
    pthread_mutex_t mac_lock; /* guards mac; held for a hash of some dozen octets */
    EVP_MAC_CTX *mac;         /* with the secret: to look it up anew for each request took 8 % of an Identify */
    pthread_mutex_t lock;     /* guards slots */
    struct slot slots[BUCKETS][WAYS];
};

/* CMAC of AES-256 with a secret that nobody else has, which for some dozen octets takes a third of what an HMAC
 * does; NULL when that cannot be had. */
static EVP_MAC_CTX *secret_mac(void)
{
    char cipher[] = "AES-256-CBC";
    const OSSL_PARAM parameters[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
                                      OSSL_PARAM_construct_end() };
    EVP_MAC *cmac = EVP_MAC_fetch(NULL, "CMAC", NULL);
    EVP_MAC_CTX *mac = cmac ? EVP_MAC_CTX_new(cmac) : NULL;
    unsigned char secret[32];

    EVP_MAC_free(cmac);
    if (mac && (RAND_bytes(secret, sizeof(secret)) != 1 || !EVP_MAC_init(mac, secret, sizeof(secret), parameters))) {
        EVP_MAC_CTX_free(mac);
        mac = NULL;
    }
    OPENSSL_cleanse(secret, sizeof(secret));
    return mac;
}

int logins_open(struct logins **out, long seconds, struct error *err)
{
    struct logins *logins = calloc(1, sizeof(*logins));

    if (!logins)
        return error_set(err, ERR_NO_MEMORY, NULL);
    logins->mac = secret_mac();
    if (!logins->mac) {
        free(logins);
        return error_set(err, ERR_FAILED, "no random numbers can be had");
    }
    logins->life_ms = (int64_t)seconds * 1000;
    pthread_mutex_init(&logins->mac_lock, NULL);
    pthread_mutex_init(&logins->lock, NULL);
    *out = logins;
    return 0;
}

void logins_close(struct logins *logins)
{
    if (!logins)
        return;
    pthread_mutex_destroy(&logins->mac_lock);
    pthread_mutex_destroy(&logins->lock);
    EVP_MAC_CTX_free(logins->mac);
    OPENSSL_cleanse(logins, sizeof(*logins));
    free(logins);
}

static bool mac_make(struct logins *logins, const unsigned char *text, size_t len, struct logins_key *out)
{
    size_t made = 0;
    bool done;

    pthread_mutex_lock(&logins->mac_lock);
    done = EVP_MAC_init(logins->mac, NULL, 0, NULL) && EVP_MAC_update(logins->mac, text, len) &&
           EVP_MAC_final(logins->mac, out->mac, &made, sizeof(out->mac)) && made == sizeof(out->mac);
    pthread_mutex_unlock(&logins->mac_lock);
    return done;
}

int logins_key(struct logins *logins, struct logins_key *out, const char *name,
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
    done = mac_make(logins, text, len, out);
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
