/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/rules.h"

#include "base/put.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 5, LINE_MOST = 2048, RULES_MOST = 10000 };

static const struct kind {
    const char *name;
    int flags;
    bool fingerprint;
    const char *help;
} kinds[RULE_KINDS] = {
#define RULE(name, word, flags, fingerprint, help)                                                 \
    [RULE_##name] = { word, flags, fingerprint, help },
#include "auth/rules.def"
#undef RULE
};

struct rule {
    enum rule_kind kind;
    struct principal who; /* name "": as claimed; ROLE_NONE: as in the users file */
    char *pattern;
};

struct rules {
    struct rule *items;
    size_t count, cap;
};

/* ---- claims ---- */

int claims_add(struct claims *claims, enum rule_kind kind, const char *text)
{
    if (claims->count == claims->cap) {
        size_t cap = claims->cap ? claims->cap * 2 : 8;
        struct claim *items = reallocarray(claims->items, cap, sizeof(*items));
        if (!items)
            return -1;
        claims->items = items;
        claims->cap = cap;
    }
    claims->items[claims->count] = (struct claim){ kind, strdup(text) };
    if (!claims->items[claims->count].text)
        return -1;
    claims->count++;
    return 0;
}

void claims_clear(struct claims *claims)
{
    for (size_t i = 0; i < claims->count; i++)
        free(claims->items[i].text);
    free(claims->items);
    *claims = (struct claims){ NULL, 0, 0 };
}

/* ---- the file ---- */

static int parse_kind(const char *text, size_t len, enum rule_kind *out)
{
    for (int kind = 0; kind < RULE_KINDS; kind++) {
        if (strlen(kinds[kind].name) == len && memcmp(kinds[kind].name, text, len) == 0) {
            *out = (enum rule_kind)kind;
            return 0;
        }
    }
    return -1;
}

static int copy(char *out, size_t size, const char *text, size_t len)
{
    if (len >= size)
        return -1;
    memcpy(out, text, len);
    out[len] = '\0';
    return 0;
}

/* 40 or 64 hexadecimal digits in lower case, once the colons are out. */
static int normal_fingerprint(char *text)
{
    size_t len = 0;

    for (const char *c = text; *c; c++) {
        if (isxdigit((unsigned char)*c))
            text[len++] = (char)tolower((unsigned char)*c);
        else if (*c != ':')
            return -1;
    }
    text[len] = '\0';
    return len == 40 || len == 64 ? 0 : -1;
}

static int parse_role(struct rule *rule, const char *text, size_t len)
{
    char role[32];

    if (copy(role, sizeof(role), text, len) < 0)
        return -1;
    rule->who.role = role_parse(role);
    return rule->who.role != ROLE_NONE || strcmp(role, "user") == 0 ? 0 : -1;
}

static int parse_fields(struct rule *rule, const char *const field[], const size_t len[],
                        struct error *err)
{
    if (parse_kind(field[0], len[0], &rule->kind) < 0)
        return error_set(err, ERR_INVALID_PARAMETER,
                         "the kind is none of account, group, principal, upn, dns, email, subject, "
                         "fingerprint");
    if (copy(rule->who.name, sizeof(rule->who.name), field[1], len[1]) < 0 ||
        (len[1] && !users_name_valid(rule->who.name)))
        return error_set(err, ERR_INVALID_PARAMETER, "not a valid user name");
    if (parse_role(rule, field[2], len[2]) < 0)
        return error_set(err, ERR_INVALID_PARAMETER,
                         "the role is none of viewer, operator, administrator, user");
    if (copy(rule->who.scope, sizeof(rule->who.scope), field[3], len[3]) < 0)
        return error_set(err, ERR_INVALID_PARAMETER, "the scope is too long");
    if (rule->who.role == ROLE_NONE && len[3])
        return error_set(err, ERR_INVALID_PARAMETER,
                         "the scope of a 'user' row is that of the users file");
    if (kinds[rule->kind].fingerprint && len[1] == 0)
        return error_set(err, ERR_INVALID_PARAMETER, "a fingerprint needs a user name");
    return 0;
}

static int parse_rule(struct rule *rule, const char *line, struct error *err)
{
    const char *field[FIELDS];
    size_t len[FIELDS];

    memset(rule, 0, sizeof(*rule));
    for (int i = 0; i < FIELDS; i++) {
        field[i] = line;
        len[i] = i + 1 < FIELDS ? strcspn(line, ":") : strlen(line);
        line += len[i];
        if (i + 1 < FIELDS && *line++ != ':')
            return error_set(err, ERR_INVALID_PARAMETER,
                             "not of the form kind:name:role:scope:pattern");
    }
    if (parse_fields(rule, field, len, err) < 0)
        return -1;
    if (!field[4][0])
        return error_set(err, ERR_INVALID_PARAMETER, "the pattern is missing");
    rule->pattern = strdup(field[4]);
    if (!rule->pattern)
        return error_set(err, ERR_NO_MEMORY, NULL);
    if (!kinds[rule->kind].fingerprint || normal_fingerprint(rule->pattern) == 0)
        return 0;
    free(rule->pattern);
    return error_set(err, ERR_INVALID_PARAMETER, "not a SHA-256 or SHA-1 fingerprint");
}

static int add(struct rules *rules, const char *line, struct error *err)
{
    if (line[0] == '\0' || line[0] == '#')
        return 0;
    if (rules->count == RULES_MOST)
        return error_set(err, ERR_INVALID_PARAMETER, "too many rows");
    if (rules->count == rules->cap) {
        size_t cap = rules->cap ? rules->cap * 2 : 16;
        struct rule *items = reallocarray(rules->items, cap, sizeof(*items));
        if (!items)
            return error_set(err, ERR_NO_MEMORY, NULL);
        rules->items = items;
        rules->cap = cap;
    }
    if (parse_rule(&rules->items[rules->count], line, err) < 0)
        return -1;
    rules->count++;
    return 0;
}

static int read_lines(struct rules *rules, FILE *file, const char *path, struct error *err)
{
    struct error why = { 0 };
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    int number = 0, result = 0;

    while (result == 0 && (len = getline(&line, &size, file)) >= 0) {
        number++;
        if (len && line[len - 1] == '\n')
            line[--len] = '\0';
        if (len > LINE_MOST || !users_text_valid(line) || strlen(line) != (size_t)len)
            error_set(&why, ERR_INVALID_PARAMETER, "the line is too long or not valid text");
        else
            add(rules, line, &why);
        if (why.code)
            result = error_set(err, why.code, "%s:%d: %s", path, number, why.message);
    }
    if (result == 0 && ferror(file))
        result = error_set(err, ERR_FAILED, "%s: cannot be read", path);
    free(line);
    return result;
}

int rules_load(struct rules **out, const char *path, struct error *err)
{
    struct rules *rules = calloc(1, sizeof(*rules));
    FILE *file = NULL;
    int result = 0;

    if (!rules)
        return error_set(err, ERR_NO_MEMORY, NULL);
    if (path[0]) {
        file = fopen(path, "re");
        if (!file)
            result = error_set(err, ERR_FAILED, "%s: %s", path, strerror(errno));
        else if (users_check_file(file, path, err) < 0 || read_lines(rules, file, path, err) < 0)
            result = -1;
    }
    if (file)
        fclose(file);
    if (result == 0)
        *out = rules;
    else
        rules_free(rules);
    return result;
}

void rules_free(struct rules *rules)
{
    if (!rules)
        return;
    for (size_t i = 0; i < rules->count; i++)
        free(rules->items[i].pattern);
    free(rules->items);
    free(rules);
}

size_t rules_count(const struct rules *rules)
{
    return rules->count;
}

/* ---- who somebody is ---- */

static bool fits(const struct rule *rule, const struct claim *claim)
{
    return rule->kind == claim->kind &&
           fnmatch(rule->pattern, claim->text, FNM_NOESCAPE | kinds[rule->kind].flags) == 0;
}

/* The name that a row without one gives: a group is no name of anybody. */
static const char *claimed_name(const struct claims *claims, const struct claim *fitting)
{
    if (fitting->kind != RULE_GROUP)
        return fitting->text;
    for (size_t i = 0; i < claims->count; i++)
        if (claims->items[i].kind == RULE_ACCOUNT)
            return claims->items[i].text;
    return "";
}

static bool as_in_users_file(const struct users *users, const char *claimed, const char *name,
                             struct principal *out)
{
    char bare[sizeof(out->name)];
    const struct user *user;

    if (!name[0]) {
        snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(claimed, "@"), claimed);
        name = bare;
    }
    user = users_find_folded(users, name);
    if (user)
        *out = user->who;
    return user != NULL;
}

static bool become(const struct rule *rule, const struct users *users, const char *claimed,
                   struct principal *out)
{
    const char *name = rule->who.name;

    if (rule->who.role == ROLE_NONE)
        return as_in_users_file(users, claimed, name, out);
    *out = rule->who;
    if (name[0])
        return true;
    /* Cut short it could be somebody else's. */
    if (strlen(claimed) >= sizeof(out->name) || !users_text_valid(claimed))
        return false;
    put_text(out->name, sizeof(out->name), claimed);
    return claimed[0] != '\0';
}

bool rules_find(const struct rules *rules, const struct users *users, const struct claims *claims,
                struct principal *out)
{
    *out = (struct principal)PRINCIPAL_NOBODY;
    for (size_t i = 0; i < rules->count; i++) {
        for (size_t j = 0; j < claims->count; j++) {
            const struct claim *claim = &claims->items[j];
            if (!fits(&rules->items[i], claim))
                continue;
            if (become(&rules->items[i], users, claimed_name(claims, claim), out))
                return true;
            *out = (struct principal)PRINCIPAL_NOBODY;
            return false;
        }
    }
    return false;
}

void rules_print_man(FILE *out)
{
    fputs(".SH RULES\nThe file that auth.rules_file names says who people from elsewhere are here: "
          "one row a line,\n.IP\nkind:name:role:scope:pattern\n.PP\n"
          "The first row that fits decides; who fits none may do nothing. An empty name is the "
          "account, principal or\ncertificate name itself. The role is viewer, operator, "
          "administrator, or user: then role and scope are those\nof the user of that name in the "
          "users file. The pattern is one of the shell, without escapes.\n",
          out);
    for (int kind = 0; kind < RULE_KINDS; kind++)
        fprintf(out, ".TP\n.B %s\n%s\n", kinds[kind].name, kinds[kind].help);
}
