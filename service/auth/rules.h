/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who people from elsewhere are here: PAM accounts, Kerberos principals and certificates become a
 * user with a role and a scope by the first row that fits. Who fits none may do nothing. One row a
 * line, "kind:name:role:scope:pattern"; '#' begins a comment line.
 *   kind     a row of rules.def
 *   name     the user it becomes; empty: the account, principal or certificate name itself
 *   role     viewer, operator, administrator; or "user": role and scope are those of the user of
 *            that name in the users file (name empty: of the account, or the part before '@')
 *   scope    machine name patterns, as in the users file; empty: no machine
 *   pattern  fnmatch(3) without escapes, up to the end of the line
 * Errors: 0, or -1 with err. Threads: a loaded table never changes.
 */
#ifndef CIMSNAPD_AUTH_RULES_H
#define CIMSNAPD_AUTH_RULES_H

#include "auth/users.h"

#include <stdio.h>

enum rule_kind {
#define RULE(name, word, flags, fingerprint, help) RULE_##name,
#include "auth/rules.def"
#undef RULE
    RULE_KINDS
};

/* What is known of somebody. Zero at the start. */
struct claims {
    struct claim {
        enum rule_kind kind;
        char *text;
    } * items;
    size_t count, cap;
};

/* Copies text. -1 without memory. */
int claims_add(struct claims *claims, enum rule_kind kind, const char *text);
void claims_clear(struct claims *claims);

struct rules;

/* Refuses a file that others may write, and one with a single bad line. path "": no rows. */
int rules_load(struct rules **out, const char *path, struct error *err);
void rules_free(struct rules *rules);
size_t rules_count(const struct rules *rules);

/* The principal of the first row that fits one of the claims; false when none does, or its user is
 * not in the users file. */
bool rules_find(const struct rules *rules, const struct users *users, const struct claims *claims,
                struct principal *out);

/* The section of the man page. */
void rules_print_man(FILE *out);

#endif
