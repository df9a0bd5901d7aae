/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/users.h"

#include "base/put.h"
#include "base/strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int edit_failed(struct error *err, const char *path)
{
    return error_set(err, ERR_FAILED, "%s: %s", path, strerror(errno));
}

/* Both hashes are of one password, always. */
static int apply_password(struct user *user, const struct users_change *change, struct error *err)
{
    bool wanted =
        change->ntlm == USERS_NTLM_YES || (change->ntlm == USERS_NTLM_AS_IS && user->has_nt_hash);

    if (!wanted)
        user->has_nt_hash = false;
    if (!change->password && wanted && !user->has_nt_hash)
        return error_set(err, ERR_INVALID_PARAMETER, "an NT hash needs the password");
    if (!change->password)
        return 0;
    user->has_nt_hash = wanted;
    if (wanted && users_nt_hash(user->nt_hash, change->password, err) < 0)
        return -1;
    return users_hash(user->hash, change->password, err);
}

/* The user's new row, from its old one (an empty name: there was none). */
static int apply(struct user *user, const struct users_change *change, struct error *err)
{
    bool is_new = user->who.name[0] == '\0';

    if (is_new) {
        if (!change->password)
            return error_set(err, ERR_INVALID_PARAMETER, "a new user needs a password");
        user->who = (struct principal){ .role = ROLE_VIEWER, .scope = "*" };
        put_text(user->who.name, sizeof(user->who.name), change->name);
    }
    if (change->role != ROLE_NONE)
        user->who.role = change->role;
    if (change->scope) {
        if (strlen(change->scope) >= sizeof(user->who.scope))
            return error_set(err, ERR_INVALID_PARAMETER, "the scope is too long");
        put_text(user->who.scope, sizeof(user->who.scope), change->scope);
    }
    return apply_password(user, change, err);
}

static int print_user(struct strbuf *out, const struct user *user, struct error *err)
{
    struct user again;
    size_t start = out->len;

    strbuf_printf(out, "%s:%s:%s:%s", user->who.name, role_name(user->who.role), user->who.scope,
                  user->hash);
    for (size_t i = 0; user->has_nt_hash && i < sizeof(user->nt_hash); i++)
        strbuf_printf(out, "%s%02x", i ? "" : ":", user->nt_hash[i]);
    if (!strbuf_ok(out))
        return error_set(err, ERR_NO_MEMORY, NULL);
    /* What the daemon would refuse to load is never written. */
    if (users_parse_line(&again, out->data + start, err) != 1)
        return -1;
    strbuf_puts(out, "\n");
    return 0;
}

/* Copies one line, or what becomes of it when it is the user's own. */
static int edit_line(struct strbuf *out, const char *line, const struct users_change *change,
                     bool *found, struct error *err)
{
    struct user user;
    int kind = users_parse_line(&user, line, err);

    if (kind < 0)
        return -1;
    if (kind == 0 || strcmp(user.who.name, change->name) != 0) {
        strbuf_puts(out, line);
        strbuf_puts(out, "\n");
        return 0;
    }
    *found = true;
    if (change->remove)
        return 0;
    return apply(&user, change, err) < 0 ? -1 : print_user(out, &user, err);
}

/* The whole new text of the file. `file` is NULL when there is none yet. */
static int edit_text(struct strbuf *out, FILE *file, const struct users_change *change,
                     struct error *err)
{
    struct user fresh = { 0 };
    struct error why = { 0 };
    int number = 0;
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    bool found = false;
    int result = 0;

    while (result == 0 && file && (len = getline(&line, &size, file)) >= 0) {
        if (len && line[len - 1] == '\n')
            line[len - 1] = '\0';
        number++;
        result = edit_line(out, line, change, &found, &why);
    }
    free(line);
    if (result < 0)
        return error_set(err, why.code, "line %d of the users file: %s", number, why.message);
    if (file && ferror(file))
        return error_set(err, ERR_FAILED, "the users file cannot be read");
    if (!found && change->remove)
        return error_set(err, ERR_NOT_FOUND, "there is no user '%s'", change->name);
    if (!found && (apply(&fresh, change, err) < 0 || print_user(out, &fresh, err) < 0))
        return -1;
    return strbuf_ok(out) ? 0 : error_set(err, ERR_NO_MEMORY, NULL);
}

static int write_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Writes text beside path and puts it there in one step, with owner and mode of the old file. */
static int replace(const char *path, FILE *old, const struct strbuf *text, struct error *err)
{
    struct strbuf temporary = STRBUF_INIT;
    struct stat st = { .st_mode = S_IRUSR | S_IWUSR };
    int fd = -1, result = -1;

    strbuf_printf(&temporary, "%s.XXXXXX", path);
    if (!strbuf_ok(&temporary))
        return error_set(err, ERR_NO_MEMORY, NULL);
    fd = mkostemp(temporary.data, O_CLOEXEC);
    if (fd < 0) {
        edit_failed(err, temporary.data);
    } else if ((old && (fstat(fileno(old), &st) < 0 || fchown(fd, st.st_uid, st.st_gid) < 0)) ||
               fchmod(fd, st.st_mode & 0640) < 0 || write_all(fd, text->data, text->len) < 0 ||
               fsync(fd) < 0 || rename(temporary.data, path) < 0) {
        edit_failed(err, path);
        unlink(temporary.data);
    } else {
        result = 0;
    }
    if (fd >= 0)
        close(fd);
    strbuf_free(&temporary);
    return result;
}

/* The directory is what two editors can both lock: the file itself is another one after each edit.
 */
static int lock_directory(const char *path, struct error *err)
{
    char *copy = strdup(path);
    int fd;

    if (!copy)
        return error_set(err, ERR_NO_MEMORY, NULL);
    fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(copy);
    if (fd < 0)
        return edit_failed(err, path);
    if (flock(fd, LOCK_EX) == 0)
        return fd;
    edit_failed(err, path);
    close(fd);
    return -1;
}

int users_edit(const char *path, const struct users_change *change, struct error *err)
{
    struct strbuf text = STRBUF_INIT;
    FILE *file = NULL;
    int lock, result = -1;

    if (!users_name_valid(change->name))
        return error_set(err, ERR_INVALID_PARAMETER, "'%s' is not a valid user name", change->name);
    lock = lock_directory(path, err);
    if (lock < 0)
        return -1;
    file = fopen(path, "re");
    if (!file && errno != ENOENT)
        edit_failed(err, path);
    else if (edit_text(&text, file, change, err) == 0)
        result = replace(path, file, &text, err);
    if (result == 0)
        fsync(lock);
    if (file)
        fclose(file);
    close(lock);
    if (text.data)
        explicit_bzero(text.data, text.cap);
    strbuf_free(&text);
    return result;
}
