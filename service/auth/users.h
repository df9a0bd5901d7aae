/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The users file: one user a line, "name:role:scope:hash" or "name:role:scope:hash:NT hash", hash
 * as crypt(3) writes it; lines that begin with '#' and empty lines are comments. The NT hash, 32
 * hexadecimal digits, lets the user log in by NTLM; it is as good as the password to whoever reads
 * it, so that it is there for those only who were given one, and others may not read the file then.
 * A loaded table never changes.
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
#include <stdio.h>

enum {
    USERS_PASSWORD_MAX = 255, /* octets */
    USERS_NT_HASH = 16,
};

struct user {
    struct principal who;
    char hash[CRYPT_OUTPUT_SIZE];
    bool has_nt_hash;
    unsigned char nt_hash[USERS_NT_HASH];
};

struct users;

/* Refuses a file that others may write, and one with a single bad line: half a table would lock
 * people out, or in. */
int users_load(struct users **out, const char *path, struct error *err);
void users_free(struct users *users);
size_t users_count(const struct users *users);
/* The user of exactly that name, or NULL. */
const struct user *users_find(const struct users *users, const char *name);
/* That one, else the only one whose name differs in case, as Windows has no case in names. */
const struct user *users_find_folded(const struct users *users, const char *name);
/* True when a user can log in by NTLM. */
bool users_have_nt_hash(const struct users *users);

/* One line of the file (without its end) into *out; 1 for a user, 0 for a comment, -1 with err. */
int users_parse_line(struct user *out, const char *line, struct error *err);

/* True when name may be one: UTF-8 without control characters, ':', or blanks at its ends. */
bool users_name_valid(const char *name);

/* True for UTF-8 without control characters. */
bool users_text_valid(const char *text);

/* For files that say who may come in: a regular one, of root or this process's user, that nobody
 * else may write. */
int users_check_file(FILE *file, const char *path, struct error *err);

/* True for 1 to USERS_PASSWORD_MAX octets of UTF-8 without control characters. */
bool users_password_valid(const char *password);

/* A hash is CRYPT_OUTPUT_SIZE octets; making and checking one take tens of milliseconds.
 */
int users_hash(char *hash, const char *password, struct error *err);
/* What no password matches, after as much work as any hash; needs CRYPT_OUTPUT_SIZE. Takes no time to make. */
int users_hash_decoy(char *hash, struct error *err);
bool users_hash_matches(const char *hash, const char *password);
/* Needs OpenSSL's legacy provider, for MD4. */
int users_nt_hash(unsigned char out[USERS_NT_HASH], const char *password, struct error *err);

/* Whether a user gets an NT hash of the password; it never outlives the password it was made of. */
enum users_ntlm { USERS_NTLM_AS_IS, USERS_NTLM_YES, USERS_NTLM_NO };

/* What to do with one user. */
struct users_change {
    const char *name;
    bool remove;
    enum role role;       /* ROLE_NONE: as it is; viewer for a new user */
    const char *scope;    /* NULL: as it is; "*" for a new user */
    const char *password; /* NULL: as it is; needed for a new user */
    enum users_ntlm ntlm;
};

/* Changes the file as a whole or not at all; comments and order stay. A missing file is made. */
int users_edit(const char *path, const struct users_change *change, struct error *err);

/* 'cimsnapd passwd [--role ROLE] [--scope PATTERNS] [--ntlm | --no-ntlm] [--delete] NAME':
 * argv[0] is "passwd". Reads the password from standard input, twice and unseen when that is a
 * terminal. Returns the exit status. */
int users_command(int argc, char **argv, const char *users_file);

#endif
