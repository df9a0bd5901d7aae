/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The value of an Authorization header, scheme Basic (RFC 7617), read strictly.
 */
#ifndef CIMSNAPD_AUTH_BASIC_H
#define CIMSNAPD_AUTH_BASIC_H

#include <stddef.h>

enum { BASIC_MAX = 1024 }; /* octets of base64 */

struct basic {
    char text[BASIC_MAX]; /* user NUL password NUL */
    const char *user, *password;
};

/* NULL, or why it is refused (a literal). The caller wipes out with basic_wipe() in either case. */
const char *basic_parse(struct basic *out, const char *header, size_t len);
void basic_wipe(struct basic *basic);

#endif
