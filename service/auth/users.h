/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The users file: one user a line, "name:role:scope:hash", hash as crypt(3) writes it; lines that
 * begin with '#' and empty lines are comments. A loaded table never changes.
 * Errors: 0, or -1 with err; messages name file and line, never a hash.
 * Threads: a table may be read by any; users_edit() by one process at a time (it locks).
 */
#ifndef CIMSNAPD_AUTH_USERS_H
#define CIMSNAPD_AUTH_USERS_H

#include "base/error.h"
#include "core/access.h"

#include <crypt.h>
#include <stdbool.h>
#include <stddef.h>

enum { USERS_PASSWORD_MAX = 255 }; /* octets */

struct user {
    struct principal who;
    char hash[CRYPT_OUTPUT_SIZE];
};

struct users;

/* Refuses a file that others may write, and one with a single bad line: half a table would lock
 * people out, or in. */
int users_load(struct users **out, const char *path, struct error *err);
void users_free(struct users *users);
size_t users_count(const struct users *users);
/* The user of exactly that name, or NULL. */
const struct user *users_find(const struct users *users, const char *name);

/* One line of the file (without its end) into *out; 1 for a user, 0 for a comment, -1 with err. */
int users_parse_line(struct user *out, const char *line, struct error *err);

/* True when name may be one: UTF-8 without control characters, ':', or blanks at its ends. */
bool users_name_valid(const char *name);

/* True for 1 to USERS_PASSWORD_MAX octets of UTF-8 without control characters. */
bool users_password_valid(const char *password);

/* A hash is CRYPT_OUTPUT_SIZE octets; making and checking one take tens of milliseconds.
 */
int users_hash(char *hash, const char *password, struct error *err);
bool users_hash_matches(const char *hash, const char *password);

/* What to do with one user. */
struct users_change {
    const char *name;
    bool remove;
    enum role role;       /* ROLE_NONE: as it is; viewer for a new user */
    const char *scope;    /* NULL: as it is; "*" for a new user */
    const char *password; /* NULL: as it is; needed for a new user */
};

/* Changes the file as a whole or not at all; comments and order stay. A missing file is made. */
int users_edit(const char *path, const struct users_change *change, struct error *err);

/* 'cimsnapd passwd [--role ROLE] [--scope PATTERNS] [--delete] NAME': argv[0] is "passwd". Reads
 * the password from standard input, twice and unseen when that is a terminal. Returns the exit
 * status. */
int users_command(int argc, char **argv, const char *users_file);

#endif
