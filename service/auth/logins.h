/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Passwords found right lately, so that a client which sends its password with every request does
 * not cost a hash each time. What is kept is a CMAC of password and stored hash under a random key
 * of this process, never the password. Bounded; a newer entry may push out an older one. Threads:
 * any.
 */
#ifndef CIMSNAPD_AUTH_LOGINS_H
#define CIMSNAPD_AUTH_LOGINS_H

#include "base/error.h"
#include "core/access.h"

#include <stdbool.h>

struct logins;

struct logins_key {
    unsigned char mac[16];
};

/* seconds: life of an entry; 0 remembers nothing. */
int logins_open(struct logins **out, long seconds, struct error *err);
void logins_close(struct logins *logins);

/* The key of a name as it was given, a stored hash (salted) and a password: whoever's hash changes
 * is not known any more. -1 without memory. */
int logins_key(struct logins *logins, struct logins_key *out, const char *name,
               const char *hash, const char *password);
void logins_add(struct logins *logins, const struct logins_key *key, const struct principal *who);
/* True when it is remembered; who it was then. */
bool logins_find(struct logins *logins, const struct logins_key *key, struct principal *who);

#endif
