/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who is asking: HTTP Basic against the users file. There is one way to a valid principal, a
 * password that was checked; whatever is unclear is a refusal. A name that is not in the file as it
 * stands is looked for once more without its domain ("DOMAIN\user", "user@realm"), as Windows
 * clients add one. Threads: any.
 */
#ifndef CIMSNAPD_AUTH_AUTH_H
#define CIMSNAPD_AUTH_AUTH_H

#include "auth/logins.h"
#include "base/config.h"
#include "base/error.h"
#include "core/access.h"

#include <stdbool.h>
#include <stddef.h>

struct auth;

enum auth_outcome {
    AUTH_REFUSED,
    AUTH_GRANTED,
    AUTH_UNCHECKED, /* only auth_hash() can tell */
};

struct auth_result {
    struct principal who; /* nobody, unless granted */
    char claimed[128];  /* the user name that was given, for the log; "" when it was not legible */
    const char *reason; /* of a refusal; with AUTH_UNCHECKED, of the one a wrong password gets */
    struct logins_key key; /* with AUTH_UNCHECKED: of equal logins equal */
};

/* config is borrowed until auth_close(). */
int auth_open(struct auth **out, const struct config *config, struct error *err);
/* Reads the users file again; whoever has another hash then is not remembered any more. On error
 * all stays as it was.
 */
int auth_reload(struct auth *auth, struct error *err);
void auth_close(struct auth *auth);

/* Judges the value of an Authorization header by what is remembered; takes microseconds. vouched:
 * the key of a login that auth_hash() has just found right, or NULL. */
enum auth_outcome auth_recall(struct auth *auth, const char *header, size_t len,
                              const struct logins_key *vouched, struct auth_result *out);
/* True when the password is that of the user. Takes tens of milliseconds, for a user that does not
 * exist too. */
bool auth_hash(struct auth *auth, const char *header, size_t len);

#endif
