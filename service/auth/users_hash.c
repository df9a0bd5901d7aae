/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/users.h"

#include "auth/wide.h"

#include <openssl/evp.h>
#include <openssl/provider.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* crypt(3) with a scratch area that is wiped; the area is too large for a stack. */
static int hash_with(char *hash, const char *setting, const char *password)
{
    struct crypt_data *data = calloc(1, sizeof(*data));
    const char *result;
    int status = -1;

    if (!data)
        return -1;
    result = crypt_r(password, setting, data);
    if (result && result[0] != '*') {
        memcpy(hash, data->output, CRYPT_OUTPUT_SIZE);
        status = 0;
    }
    explicit_bzero(data, sizeof(*data));
    free(data);
    return status;
}

int users_hash(char *hash, const char *password, struct error *err)
{
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];

    if (!crypt_gensalt_rn("$y$", 0, NULL, 0, setting, sizeof(setting)) ||
        hash_with(hash, setting, password) < 0)
        return error_set(err, ERR_FAILED, "the password cannot be hashed");
    return 0;
}

int users_hash_decoy(char *hash, struct error *err)
{
    enum { DIGITS = 43 }; /* of a yescrypt hash */
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];

    if (!crypt_gensalt_rn("$y$", 0, NULL, 0, setting, sizeof(setting)))
        return error_set(err, ERR_FAILED, "no salt can be had");
    /* The digits are of no password: what matters is that looking takes as long as with a true one. */
    snprintf(hash, CRYPT_OUTPUT_SIZE, "%s$%0*d", setting, DIGITS, 0);
    return 0;
}

/* No early end: how much of a hash was right must not show in the time. */
static bool equal(const char *a, const char *b, size_t len)
{
    unsigned char differ = 0;

    for (size_t i = 0; i < len; i++)
        differ |= (unsigned char)(a[i] ^ b[i]);
    return differ == 0;
}

bool users_hash_matches(const char *hash, const char *password)
{
    char mine[CRYPT_OUTPUT_SIZE];
    size_t len = strlen(hash);
    bool matches =
        hash_with(mine, hash, password) == 0 && strlen(mine) == len && equal(mine, hash, len);

    explicit_bzero(mine, sizeof(mine));
    return matches;
}

/* In a library context of its own: nothing else gets to see the legacy provider. */
static bool md4(unsigned char out[USERS_NT_HASH], const unsigned char *data, size_t len)
{
    OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
    OSSL_PROVIDER *legacy = context ? OSSL_PROVIDER_load(context, "legacy") : NULL;
    EVP_MD *kind = legacy ? EVP_MD_fetch(context, "MD4", NULL) : NULL;
    bool done = kind && EVP_Digest(data, len, out, NULL, kind, NULL) == 1;

    EVP_MD_free(kind);
    if (legacy)
        OSSL_PROVIDER_unload(legacy);
    OSSL_LIB_CTX_free(context);
    return done;
}

int users_nt_hash(unsigned char out[USERS_NT_HASH], const char *password, struct error *err)
{
    unsigned char wide[2 * USERS_PASSWORD_MAX];
    long len = wide_encode(wide, sizeof(wide), password, WIDE_AS_IS);
    bool done = len >= 0 && md4(out, wide, (size_t)len);

    explicit_bzero(wide, sizeof(wide));
    if (done)
        return 0;
    return error_set(err, ERR_FAILED,
                     "the NT hash cannot be made: OpenSSL's legacy provider is missing");
}
