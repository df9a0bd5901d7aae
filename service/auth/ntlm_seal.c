/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/ntlm_seal.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

/* With their NULs (MS-NLMP 3.4.5.2, 3.4.5.3). */
static const char client_sign[] = "session key to client-to-server signing key magic constant";
static const char server_sign[] = "session key to server-to-client signing key magic constant";
static const char client_seal[] = "session key to client-to-server sealing key magic constant";
static const char server_seal[] = "session key to server-to-client sealing key magic constant";

enum { MAGIC = sizeof(client_sign), CHECKSUM = 8 };

static bool derive(unsigned char out[16], const unsigned char key[NTLM_KEY], const char *magic)
{
    unsigned char text[NTLM_KEY + MAGIC];
    bool done;

    memcpy(text, key, NTLM_KEY);
    memcpy(text + NTLM_KEY, magic, MAGIC);
    done = EVP_Digest(text, sizeof(text), out, NULL, EVP_md5(), NULL) == 1;
    OPENSSL_cleanse(text, sizeof(text));
    return done;
}

static bool init(struct ntlm_direction *way, const unsigned char key[NTLM_KEY], const char *sign,
                 const char *seal)
{
    if (!derive(way->sign_key, key, sign) || !derive(way->seal_key, key, seal))
        return false;
    rc4_init(&way->rc4, way->seal_key, sizeof(way->seal_key));
    return true;
}

int ntlm_seal_init(struct ntlm_seal *seal, const unsigned char key[NTLM_KEY], uint32_t flags)
{
    memset(seal, 0, sizeof(*seal));
    seal->exchanged = flags & NTLM_KEY_EXCHANGE;
    /* Shorter keys would be derived in other ways; nobody asks for them today. */
    seal->can_sign = (flags & NTLM_128) && (flags & (NTLM_SIGN | NTLM_SEAL));
    seal->can_seal = (flags & NTLM_128) && (flags & NTLM_SEAL);
    return init(&seal->in, key, client_sign, client_seal) &&
                   init(&seal->out, key, server_sign, server_seal)
               ? 0
               : -1;
}

static bool hmac(unsigned char out[16], const unsigned char key[16], const unsigned char *sequence,
                 struct bytes text)
{
    char digest[] = "MD5";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *kind = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *mac = kind ? EVP_MAC_CTX_new(kind) : NULL;
    size_t len = 0;
    bool done = mac && EVP_MAC_init(mac, key, 16, params) == 1 &&
                EVP_MAC_update(mac, sequence, 4) == 1 &&
                EVP_MAC_update(mac, text.data, text.len) == 1 &&
                EVP_MAC_final(mac, out, &len, 16) == 1 && len == 16;

    EVP_MAC_CTX_free(mac);
    EVP_MAC_free(kind);
    return done;
}

/* The signature of a message in the clear; its checksum is not encrypted yet. */
static bool checksum(struct ntlm_direction *way, unsigned char out[NTLM_SIGNATURE],
                     struct bytes text)
{
    unsigned char mac[16];

    bytes_put_u32(out, 1);
    bytes_put_u32(out + 4 + CHECKSUM, way->sequence);
    if (!hmac(mac, way->sign_key, out + 4 + CHECKSUM, text))
        return false;
    memcpy(out + 4, mac, CHECKSUM);
    way->sequence++;
    return true;
}

/* The same as it goes over the wire: RC4 goes on where the message's octets have left it. */
static bool sign(struct ntlm_direction *way, bool exchanged, unsigned char out[NTLM_SIGNATURE],
                 struct bytes text)
{
    if (!checksum(way, out, text))
        return false;
    if (exchanged)
        rc4_apply(&way->rc4, out + 4, CHECKSUM);
    return true;
}

static bool verify(struct ntlm_seal *seal, const unsigned char signature[NTLM_SIGNATURE],
                   struct bytes text)
{
    unsigned char mine[NTLM_SIGNATURE];

    return sign(&seal->in, seal->exchanged, mine, text) &&
           CRYPTO_memcmp(mine, signature, sizeof(mine)) == 0;
}

bool ntlm_unseal(struct ntlm_seal *seal, const unsigned char signature[NTLM_SIGNATURE],
                 unsigned char *data, size_t len)
{
    rc4_apply(&seal->in.rc4, data, len);
    return seal->can_seal && verify(seal, signature, (struct bytes){ data, len });
}

bool ntlm_seal(struct ntlm_seal *seal, unsigned char signature[NTLM_SIGNATURE], unsigned char *data,
               size_t len)
{
    struct ntlm_direction *way = &seal->out;

    if (!seal->can_seal || !checksum(way, signature, (struct bytes){ data, len }))
        return false;
    rc4_apply(&way->rc4, data, len);
    if (seal->exchanged)
        rc4_apply(&way->rc4, signature + 4, CHECKSUM);
    return true;
}

static void restart(struct ntlm_direction *way)
{
    rc4_init(&way->rc4, way->seal_key, sizeof(way->seal_key));
}

bool ntlm_check_mic(struct ntlm_seal *seal, const unsigned char signature[NTLM_SIGNATURE],
                    struct bytes text)
{
    bool right = seal->can_sign && verify(seal, signature, text);

    restart(&seal->in);
    return right;
}

bool ntlm_make_mic(struct ntlm_seal *seal, unsigned char signature[NTLM_SIGNATURE],
                   struct bytes text)
{
    bool done = seal->can_sign && sign(&seal->out, seal->exchanged, signature, text);

    restart(&seal->out);
    return done;
}
