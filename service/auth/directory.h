/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Everything the service knows of people: users file, rules, keytab; replaced as a whole by a
 * reload, so that whoever was removed is gone with the next request. Lookups give copies.
 * Threads: any. Errors: 0, or -1 with err.
 */
#ifndef CIMSNAPD_AUTH_DIRECTORY_H
#define CIMSNAPD_AUTH_DIRECTORY_H

#include "auth/kerberos.h"
#include "auth/rules.h"
#include "base/config.h"

struct directory;

/* config is borrowed until directory_close(). */
int directory_open(struct directory **out, const struct config *config, struct error *err);
/* On error all stays as it was. */
int directory_reload(struct directory *directory, struct error *err);
void directory_close(struct directory *directory);

size_t directory_users(struct directory *directory);
/* Another number after each reload. */
unsigned directory_generation(struct directory *directory);

/* A name is looked for as it is, and then once more without its domain ("DOMAIN\user",
 * "user@realm"), as Windows clients add one. */
bool directory_find(struct directory *directory, const char *name, struct user *out);
/* The same for NTLM, which has the domain (may be "") apart and no case in names. */
bool directory_find_ntlm(struct directory *directory, const char *domain, const char *name,
                         struct user *out);
/* Who that is by the rules; false for nobody. */
bool directory_map(struct directory *directory, const struct claims *claims, struct principal *out);

/* True when somebody can log in so. */
bool directory_has_ntlm(struct directory *directory);
bool directory_has_kerberos(struct directory *directory);
/* For the caller to give back; NULL without a keytab. */
struct kerberos *directory_kerberos(struct directory *directory);

#endif
