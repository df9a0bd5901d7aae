/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/access.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    [ROLE_NONE] = "none",
    [ROLE_VIEWER] = "viewer",
    [ROLE_OPERATOR] = "operator",
    [ROLE_ADMINISTRATOR] = "administrator",
};

enum { ROLES = sizeof(names) / sizeof(names[0]) };

bool access_allows(const struct principal *who, enum role needed)
{
    return needed != ROLE_NONE && (unsigned)who->role < ROLES && who->role >= needed;
}

/* One pattern of a scope, without the blanks around it. */
static bool access_pattern_matches(const char *start, size_t len, const char *name)
{
    char pattern[sizeof(((struct principal *)NULL)->scope)];

    while (len && start[0] == ' ') {
        start++;
        len--;
    }
    while (len && start[len - 1] == ' ')
        len--;
    if (len == 0 || len >= sizeof(pattern))
        return false;
    memcpy(pattern, start, len);
    pattern[len] = '\0';
    return fnmatch(pattern, name, 0) == 0;
}

bool access_sees_vm(const struct principal *who, const struct vm *vm)
{
    const char *pattern = who->scope;

    if (!access_allows(who, ROLE_VIEWER) || !vm->name)
        return false;
    for (;;) {
        size_t len = strcspn(pattern, ",");
        if (access_pattern_matches(pattern, len, vm->name))
            return true;
        if (pattern[len] == '\0')
            return false;
        pattern += len + 1;
    }
}

bool access_owns(const struct principal *who, const char *owner)
{
    if (access_allows(who, ROLE_ADMINISTRATOR))
        return true;
    return access_allows(who, ROLE_VIEWER) && who->name[0] && owner &&
           strcmp(who->name, owner) == 0;
}

static void note(char out[GUID_TEXT], const struct guid *id)
{
    snprintf(out, GUID_TEXT, "%s", GUID_STR(id));
}

void access_note_change(const struct principal *who, const struct guid *vm, const struct guid *job)
{
    if (!who->trail)
        return;
    note(who->trail->machine, vm);
    if (job)
        note(who->trail->job, job);
}

void access_note_hidden(const struct principal *who, const struct guid *vm)
{
    if (who->trail)
        note(who->trail->hidden, vm);
}

const char *role_name(enum role role)
{
    return names[(unsigned)role < ROLES ? role : ROLE_NONE];
}

enum role role_parse(const char *name)
{
    for (int role = ROLE_VIEWER; role < ROLES; role++)
        if (strcmp(name, names[role]) == 0)
            return (enum role)role;
    return ROLE_NONE;
}
