/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/basic.h"

#include "auth/users.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

static const char scheme[] = "Basic ";

/* Canonical base64 only: what decodes must encode to the same text again. Returns the octets, or
 * -1. */
static int decode(char *out, const char *text, size_t len)
{
    unsigned char again[BASIC_MAX + 1];
    int n, padding;

    if (len == 0 || len % 4 || len > BASIC_MAX)
        return -1;
    n = EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)text, (int)len);
    padding = (text[len - 1] == '=') + (text[len - 2] == '=');
    if (n <= padding)
        return -1;
    n -= padding;
    if (EVP_EncodeBlock(again, (const unsigned char *)out, n) != (int)len ||
        memcmp(again, text, len) != 0)
        n = -1;
    OPENSSL_cleanse(again, sizeof(again));
    return n;
}

const char *basic_parse(struct basic *out, const char *header, size_t len)
{
    const size_t skip = sizeof(scheme) - 1;
    char *colon;
    int n;

    memset(out, 0, sizeof(*out));
    if (len < skip || strncasecmp(header, scheme, skip) != 0)
        return "the scheme is not Basic";
    n = decode(out->text, header + skip, len - skip);
    if (n < 0)
        return "the credentials are not base64";
    out->text[n] = '\0'; /* three octets came of four: there is room */
    if (memchr(out->text, '\0', (size_t)n))
        return "the credentials hold a NUL";
    colon = strchr(out->text, ':');
    if (!colon)
        return "the credentials hold no colon";
    *colon = '\0';
    out->user = out->text;
    out->password = colon + 1;
    if (!users_name_valid(out->user)) {
        out->user = NULL; /* not fit for a log either */
        return "the user name is not valid";
    }
    return users_password_valid(out->password) ? NULL : "the password is not valid text";
}

void basic_wipe(struct basic *basic)
{
    OPENSSL_cleanse(basic, sizeof(*basic));
}
