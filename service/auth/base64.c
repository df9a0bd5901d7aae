/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/base64.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

char *base64_text(const unsigned char *octets, size_t len)
{
    char *text = len > BASE64_MOST ? NULL : malloc((len + 2) / 3 * 4 + 1);

    if (text)
        EVP_EncodeBlock((unsigned char *)text, octets, (int)len);
    return text;
}

long base64_decode(unsigned char *out, const char *text, size_t len)
{
    size_t padding;
    char *again;
    int n;

    if (len == 0 || len % 4 || len > BASE64_MOST)
        return -1;
    n = EVP_DecodeBlock(out, (const unsigned char *)text, (int)len);
    padding = (size_t)(text[len - 1] == '=') + (text[len - 2] == '=');
    if (n <= (int)padding)
        return -1;
    n -= (int)padding;
    again = base64_text(out, (size_t)n);
    if (!again || strlen(again) != len || memcmp(again, text, len) != 0)
        n = -1;
    if (again)
        OPENSSL_cleanse(again, strlen(again));
    free(again);
    return n;
}

unsigned char *base64_octets(const char *text, size_t len, size_t *octets)
{
    unsigned char *out = len > BASE64_MOST ? NULL : malloc(len / 4 * 3 + 1);
    long n = out ? base64_decode(out, text, len) : -1;

    if (n < 0) {
        free(out);
        return NULL;
    }
    *octets = (size_t)n;
    return out;
}
