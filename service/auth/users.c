/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/users.h"

#include "auth/wide.h"
#include "base/log.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MAX_ = 1024, USERS_MAX = 100000, FIELDS = 5 };

struct users {
    struct user *items;         /* by name */
    const struct user **folded; /* the same, by name without its case */
    size_t count, cap;
    bool nt_hashes; /* somebody has one */
};

/* One field into a buffer of its own; -1 when it does not fit. */
static int copy_field(char *out, size_t size, const char *text, size_t len)
{
    if (len >= size)
        return -1;
    memcpy(out, text, len);
    out[len] = '\0';
    return 0;
}

bool users_text_valid(const char *text)
{
    size_t left = strlen(text);

    while (left) {
        uint32_t code;
        size_t n = utf8_next(text, left, &code);
        if (n == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0))
            return false;
        text += n;
        left -= n;
    }
    return true;
}

bool users_name_valid(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len < sizeof(((struct principal *)NULL)->name) && users_text_valid(name) &&
           !strchr(name, ':') && name[0] != '#' && name[0] != ' ' && name[len - 1] != ' ';
}

bool users_password_valid(const char *password)
{
    size_t len = strlen(password);

    return len > 0 && len <= USERS_PASSWORD_MAX && users_text_valid(password);
}

/* Splits at ':' into four fields, or five; how many, or -1 when there are fewer or more. */
static int split(const char *line, const char *field[FIELDS], size_t len[FIELDS])
{
    for (int i = 0; i < FIELDS; i++) {
        field[i] = line;
        len[i] = strcspn(line, ":");
        line += len[i];
        if (*line == '\0')
            return i + 1 < FIELDS - 1 ? -1 : i + 1;
        line++;
    }
    return -1;
}

static int parse_nt_hash(struct user *out, const char *text, size_t len)
{
    size_t written;

    if (len != 2 * USERS_NT_HASH || strspn(text, "0123456789abcdefABCDEF") != len ||
        OPENSSL_hexstr2buf_ex(out->nt_hash, sizeof(out->nt_hash), &written, text, '\0') != 1)
        return -1;
    out->has_nt_hash = true;
    return 0;
}

int users_parse_line(struct user *out, const char *line, struct error *err)
{
    const char *field[FIELDS];
    char role[32];
    size_t len[FIELDS];
    int fields;

    if (line[0] == '#' || line[0] == '\0')
        return 0;
    memset(out, 0, sizeof(*out));
    fields = split(line, field, len);
    if (fields < 0)
        return error_set(err, ERR_INVALID_PARAMETER,
                         "not of the form name:role:scope:hash or name:role:scope:hash:NT hash");
    if (copy_field(out->who.name, sizeof(out->who.name), field[0], len[0]) < 0 ||
        !users_name_valid(out->who.name))
        return error_set(err, ERR_INVALID_PARAMETER, "not a valid user name");
    if (copy_field(role, sizeof(role), field[1], len[1]) < 0 ||
        (out->who.role = role_parse(role)) == ROLE_NONE)
        return error_set(err, ERR_INVALID_PARAMETER,
                         "the role is none of viewer, operator, administrator");
    if (copy_field(out->who.scope, sizeof(out->who.scope), field[2], len[2]) < 0 ||
        !users_text_valid(out->who.scope))
        return error_set(err, ERR_INVALID_PARAMETER, "the scope is too long or not valid text");
    if (copy_field(out->hash, sizeof(out->hash), field[3], len[3]) < 0 ||
        crypt_checksalt(out->hash) != CRYPT_SALT_OK)
        return error_set(err, ERR_INVALID_PARAMETER,
                         "the password hash is of no kind that is safe today");
    if (fields == FIELDS && parse_nt_hash(out, field[4], len[4]) < 0)
        return error_set(err, ERR_INVALID_PARAMETER, "the NT hash is not 32 hexadecimal digits");
    return 1;
}

static int users_add(struct users *users, const struct user *user, struct error *err)
{
    if (users->count == users->cap) {
        size_t cap = users->cap ? users->cap * 2 : 16;
        struct user *items = reallocarray(users->items, cap, sizeof(*items));
        if (!items)
            return error_set(err, ERR_NO_MEMORY, NULL);
        users->items = items;
        users->cap = cap;
    }
    if (users->count == USERS_MAX)
        return error_set(err, ERR_INVALID_PARAMETER, "too many users");
    users->items[users->count++] = *user;
    users->nt_hashes = users->nt_hashes || user->has_nt_hash;
    return 0;
}

/* One line as getline() gave it. */
static int read_line(struct users *users, char *line, ssize_t len, struct error *err)
{
    struct user user;
    int found;

    if (len && line[len - 1] == '\n')
        line[--len] = '\0';
    if (len > LINE_MAX_ || strlen(line) != (size_t)len)
        return error_set(err, ERR_INVALID_PARAMETER, "the line is too long or holds a NUL");
    found = users_parse_line(&user, line, err);
    if (found > 0)
        found = users_add(users, &user, err);
    explicit_bzero(&user, sizeof(user));
    return found;
}

static int read_lines(struct users *users, FILE *file, const char *path, struct error *err)
{
    struct error why = { 0 };
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    int number = 0, result = 0;

    while (result == 0 && (len = getline(&line, &size, file)) >= 0) {
        number++;
        if (read_line(users, line, len, &why) < 0)
            result = error_set(err, why.code, "%s:%d: %s", path, number, why.message);
    }
    if (result == 0 && ferror(file))
        result = error_set(err, ERR_FAILED, "%s: cannot be read", path);
    free(line);
    return result;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct user *)a)->who.name, ((const struct user *)b)->who.name);
}

static int by_folded_name(const void *a, const void *b)
{
    const struct user *const *left = a, *const *right = b;

    return wide_compare_names((*left)->who.name, (*right)->who.name);
}

static int sort_folded(struct users *users, struct error *err)
{
    users->folded = calloc(users->count + 1, sizeof(*users->folded));
    if (!users->folded)
        return error_set(err, ERR_NO_MEMORY, NULL);
    for (size_t i = 0; i < users->count; i++)
        users->folded[i] = &users->items[i];
    if (users->count)
        qsort(users->folded, users->count, sizeof(*users->folded), by_folded_name);
    return 0;
}

static int sort(struct users *users, const char *path, struct error *err)
{
    if (users->count)
        qsort(users->items, users->count, sizeof(*users->items), by_name);
    for (size_t i = 1; i < users->count; i++)
        if (by_name(&users->items[i - 1], &users->items[i]) == 0)
            return error_set(err, ERR_INVALID_PARAMETER, "%s: user '%s' is there twice", path,
                             users->items[i].who.name);
    return sort_folded(users, err);
}

/* Who can write the file can log in as anybody. */
int users_check_file(FILE *file, const char *path, struct error *err)
{
    struct stat st;

    if (fstat(fileno(file), &st) < 0)
        return error_set(err, ERR_FAILED, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return error_set(err, ERR_FAILED, "%s: not a regular file", path);
    if (st.st_mode & (S_IWGRP | S_IWOTH))
        return error_set(err, ERR_FAILED, "%s: group or others may write it; chmod go-w", path);
    if (st.st_uid != 0 && st.st_uid != geteuid())
        return error_set(err, ERR_FAILED, "%s: belongs to another user", path);
    return 0;
}

/* yescrypt hashes in the wrong hands can be guessed at, at some cost; an NT hash is all it takes.
 */
static int check_secrecy(const struct users *users, FILE *file, const char *path, struct error *err)
{
    struct stat st;

    if (fstat(fileno(file), &st) < 0)
        return error_set(err, ERR_FAILED, "%s: %s", path, strerror(errno));
    if (!(st.st_mode & S_IROTH))
        return 0;
    if (users->nt_hashes)
        return error_set(err, ERR_FAILED, "%s: others may read the NT hashes; chmod o-r", path);
    log_event(LOG_WARN, "users_file", "path", path, "reason",
              "others may read the password hashes; chmod o-r", NULL);
    return 0;
}

int users_load(struct users **out, const char *path, struct error *err)
{
    struct users *users = calloc(1, sizeof(*users));
    FILE *file = fopen(path, "re");
    int result = -1;

    if (!users)
        error_set(err, ERR_NO_MEMORY, NULL);
    else if (!file)
        error_set(err, ERR_FAILED, "%s: %s", path, strerror(errno));
    else if (users_check_file(file, path, err) == 0 && read_lines(users, file, path, err) == 0 &&
             check_secrecy(users, file, path, err) == 0)
        result = sort(users, path, err);
    if (file)
        fclose(file);
    if (result == 0)
        *out = users;
    else
        users_free(users);
    return result;
}

void users_free(struct users *users)
{
    if (!users)
        return;
    if (users->items)
        explicit_bzero(users->items, users->cap * sizeof(*users->items));
    free(users->items);
    free(users->folded);
    free(users);
}

size_t users_count(const struct users *users)
{
    return users->count;
}

static int name_against_user(const void *name, const void *user)
{
    return strcmp(name, ((const struct user *)user)->who.name);
}

const struct user *users_find(const struct users *users, const char *name)
{
    if (users->count == 0)
        return NULL;
    return bsearch(name, users->items, users->count, sizeof(*users->items), name_against_user);
}

static int name_against_folded(const void *name, const void *user)
{
    return wide_compare_names(name, (*(const struct user *const *)user)->who.name);
}

/* Both ways are gone for every name, so that it does not show in the time whether there is one. */
const struct user *users_find_folded(const struct users *users, const char *name)
{
    const struct user *exact = users_find(users, name);
    const struct user **found = NULL;
    size_t at;

    if (users->count)
        found =
            bsearch(name, users->folded, users->count, sizeof(*users->folded), name_against_folded);
    if (exact || !found)
        return exact;
    at = (size_t)(found - users->folded);
    /* Where two differ in case only, either could be meant. */
    if ((at > 0 && by_folded_name(found, found - 1) == 0) ||
        (at + 1 < users->count && by_folded_name(found, found + 1) == 0))
        return NULL;
    return *found;
}

bool users_have_nt_hash(const struct users *users)
{
    return users->nt_hashes;
}
