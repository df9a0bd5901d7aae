/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who may do what, and who sees which machine. A principal starts invalid (ROLE_NONE) and may then
 * do nothing at all; only authentication makes a valid one. What a principal may not see does not
 * exist for it.
 */
#ifndef CIMSNAPD_CORE_ACCESS_H
#define CIMSNAPD_CORE_ACCESS_H

#include "core/model.h"

enum role {
    ROLE_NONE = 0,     /* nobody: never allowed anything */
    ROLE_VIEWER,       /* reads */
    ROLE_OPERATOR,     /* reads and changes machines in its scope */
    ROLE_ADMINISTRATOR /* the same, and other users' jobs and enumerations */
};

struct principal {
    char name[128]; /* user name as in the users file; "" for nobody */
    enum role role;
    char scope[256]; /* machine name patterns (fnmatch), comma-separated; "*" for all, "" for none */
};

#define PRINCIPAL_NOBODY { "", ROLE_NONE, "" }

/* True when who holds at least `needed`; false for ROLE_NONE on either side. */
bool access_allows(const struct principal *who, enum role needed);
/* True when vm's name matches a pattern of who's scope. */
bool access_sees_vm(const struct principal *who, const struct vm *vm);
/* True for the owner's own things, and for administrators. */
bool access_owns(const struct principal *who, const char *owner);

const char *role_name(enum role role);
/* The role of that name, or ROLE_NONE. */
enum role role_parse(const char *name);

#endif
