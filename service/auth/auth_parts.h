/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of auth.h share.
 */
#ifndef CIMSNAPD_AUTH_AUTH_PARTS_H
#define CIMSNAPD_AUTH_AUTH_PARTS_H

#include "auth/auth.h"
#include "auth/directory.h"

struct auth {
    const struct config *config;
    struct directory *directory;   /* locks itself */
    struct logins *logins;         /* passwords checked lately; locks itself */
    char decoy[CRYPT_OUTPUT_SIZE]; /* const: hash of no password */
};

/* Passwords are for TLS; without it for this host alone, where the configuration says so. */
bool auth_basic_offered(const struct auth *auth, const struct session *session);

#endif
