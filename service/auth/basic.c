/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/basic.h"

#include "auth/base64.h"
#include "auth/users.h"

#include <openssl/crypto.h>
#include <string.h>
#include <strings.h>

static const char scheme[] = "Basic ";

const char *basic_parse(struct basic *out, const char *header, size_t len)
{
    const size_t skip = sizeof(scheme) - 1;
    char *colon;
    long n;

    memset(out, 0, sizeof(*out));
    if (len < skip || strncasecmp(header, scheme, skip) != 0)
        return "the scheme is not Basic";
    n = len - skip > BASIC_MAX
            ? -1
            : base64_decode((unsigned char *)out->text, header + skip, len - skip);
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
