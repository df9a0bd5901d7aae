/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RC4, as NTLM's session security is built on it (MS-NLMP 3.4). OpenSSL 3 has it in its legacy
 * provider only, which not every host may load. For nothing else. Threads: one at a time.
 */
#ifndef CIMSNAPD_AUTH_RC4_H
#define CIMSNAPD_AUTH_RC4_H

#include <stddef.h>

struct rc4 {
    unsigned char s[256], i, j;
};

/* len: 1 to 256. */
void rc4_init(struct rc4 *rc4, const unsigned char *key, size_t len);
/* In place, both ways. */
void rc4_apply(struct rc4 *rc4, unsigned char *data, size_t len);

#endif
