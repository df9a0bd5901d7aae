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

/* What one request came to touch, for the audit. "" where it did not. */
struct trail {
    char machine[GUID_TEXT], job[GUID_TEXT]; /* what is changed, and by which job */
    char hidden[GUID_TEXT]; /* a machine that was asked for and lies outside the scope */
};

struct principal {
    char name[128]; /* user name as in the users file; "" for nobody */
    enum role role;
    char scope[256]; /* machine name patterns (fnmatch), comma-separated; "*" for all, "" for none */
    struct trail *trail; /* of the request that is under way; NULL: nobody asks */
};

#define PRINCIPAL_NOBODY { "", ROLE_NONE, "", NULL }

/* True when who holds at least `needed`; false for ROLE_NONE on either side. */
bool access_allows(const struct principal *who, enum role needed);
/* True when vm's name matches a pattern of who's scope. */
bool access_sees_vm(const struct principal *who, const struct vm *vm);
/* True for the owner's own things, and for administrators. */
bool access_owns(const struct principal *who, const char *owner);

/* For the audit: who changes this machine, by this job (NULL: by none). Every change says so. */
void access_note_change(const struct principal *who, const struct guid *vm,
                        const struct guid *job);
/* The same: who asked for this machine, which it may not see. */
void access_note_hidden(const struct principal *who, const struct guid *vm);

const char *role_name(enum role role);
/* The role of that name, or ROLE_NONE. */
enum role role_parse(const char *name);

#endif
