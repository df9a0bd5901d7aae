/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who is asking: HTTP Basic against the users file. There is one way to a valid principal, a
 * password that was checked; whatever is unclear is a refusal. Threads: any. Lock order: `hashing`
 * slots before `lock`.
 */
#ifndef CIMSNAPD_NET_AUTH_H
#define CIMSNAPD_NET_AUTH_H

#include "base/config.h"
#include "base/error.h"
#include "core/access.h"

#include <stdbool.h>
#include <stddef.h>

struct auth;

/* Nobody, until auth_check() said true. */
struct auth_result {
    struct principal who;
    char claimed[128];  /* the user name that was given, for the log; "" when it was not legible */
    const char *reason; /* of a refusal: a literal */
};

/* config is borrowed until auth_close(). */
int auth_open(struct auth **out, const struct config *config, struct error *err);
/* Reads the users file again and forgets every remembered password; on error all stays as it was.
 */
int auth_reload(struct auth *auth, struct error *err);
void auth_close(struct auth *auth);

/* Judges the value of an Authorization header. May take as long as a password hash. A name that is
 * not in the file as it stands is looked for once more without its domain ("DOMAIN\user",
 * "user@realm"), as Windows clients add one. */
bool auth_check(struct auth *auth, const char *header, size_t len, struct auth_result *out);

#endif
