/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/users.h"

#include "temp.h"
#include "unit.h"

#include <string.h>
#include <sys/stat.h>

/* Of "secret", and cheap: SHA-512 with the fewest rounds. */
#define HASH                                                                                       \
    "$6$rounds=1000$salt$HNxBeBnDfSfUrTj6KiLnmd7tGCvHEmcExh8kl/S0"                                 \
    "cZ5WrCciNZgfhbpkeFQ4JfkHX.8vPq45lY0iINnCx1Lkm."

static int load_text(struct users **out, const char *text, size_t len, struct error *err)
{
    struct temp temp;
    int result;

    memset(err, 0, sizeof(*err));
    temp_open(&temp);
    temp_write(&temp, text, len);
    result = users_load(out, temp.path, err);
    temp_close(&temp);
    return result;
}

static void test_load(void)
{
    static const char text[] = "# people\n\n"
                               "zoe:viewer::" HASH "\n"
                               "adam:administrator:*:" HASH "\n"
                               "j\xc3\xbcrgen m:operator:web*,db?:" HASH;
    const struct user *user;
    struct users *users;
    struct error err;

    CU_ASSERT_EQUAL_FATAL(load_text(&users, text, sizeof(text) - 1, &err), 0);
    CU_ASSERT_EQUAL(users_count(users), 3);
    user = users_find(users, "j\xc3\xbcrgen m");
    CU_ASSERT_PTR_NOT_NULL_FATAL(user);
    CU_ASSERT_EQUAL(user->who.role, ROLE_OPERATOR);
    CU_ASSERT_STRING_EQUAL(user->who.scope, "web*,db?");
    CU_ASSERT_STRING_EQUAL(user->hash, HASH);
    user = users_find(users, "zoe");
    CU_ASSERT_PTR_NOT_NULL_FATAL(user);
    CU_ASSERT_STRING_EQUAL(user->who.scope, "");
    CU_ASSERT_PTR_NULL(users_find(users, "zo"));
    CU_ASSERT_PTR_NULL(users_find(users, "zoe "));
    CU_ASSERT_PTR_NULL(users_find(users, "Zoe"));
    CU_ASSERT_PTR_NULL(users_find(users, ""));
    CU_ASSERT_PTR_NULL(users_find(users, "# people"));
    users_free(users);
    CU_ASSERT_EQUAL_FATAL(load_text(&users, "", 0, &err), 0);
    CU_ASSERT_PTR_NULL(users_find(users, ""));
    users_free(users);
}

static void test_bad_lines(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "a:viewer:*\n", ":1: not of the form" },
        { "a:viewer:*:" HASH ":\n", ":1: the NT hash" },
        { "a:viewer:*:" HASH ":0123456789abcdef0123456789abcde\n", ":1: the NT hash" },
        { "a:viewer:*:" HASH ":0123456789abcdef0123456789abcdefa\n", ":1: the NT hash" },
        { "a:viewer:*:" HASH ":0123456789abcdef0123456789abcdeg\n", ":1: the NT hash" },
        { "a:viewer:*:" HASH ":0123456789abcdef0123456789abcdef:\n", ":1: not of the form" },
        { "a\n", ":1: not of the form" },
        { "#\n:viewer:*:" HASH "\n", ":2: not a valid user name" },
        { " a:viewer:*:" HASH "\n", ":1: not a valid user name" },
        { "a\t:viewer:*:" HASH "\n", ":1: not a valid user name" },
        { "\xff:viewer:*:" HASH "\n", ":1: not a valid user name" },
        { "a:viewer:*:" HASH "\r\n", "hash" },
        { "a:Viewer:*:" HASH "\n", ":1: the role is none of" },
        { "a:none:*:" HASH "\n", ":1: the role is none of" },
        { "a::*:" HASH "\n", ":1: the role is none of" },
        { "a:viewer:\001:" HASH "\n", ":1: the scope" },
        { "a:viewer:*:\n", ":1: the password hash" },
        { "a:viewer:*:secret\n", ":1: the password hash" },
        { "a:viewer:*:$1$salt$qJH7.N4xYta3aEG/dfqo/0\n", ":1: the password hash" },
        { "a:viewer:*:!\n", ":1: the password hash" },
        { "a:viewer:*:" HASH "\nb:viewer:*:" HASH "\na:operator:*:" HASH "\n",
          "user 'a' is there twice" },
    };
    char text[1200];
    struct users *users;
    struct error err;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CU_ASSERT_EQUAL(load_text(&users, cases[i].text, strlen(cases[i].text), &err), -1);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.message, cases[i].message));
        CU_ASSERT_PTR_NULL(strstr(err.message, "$6$"));
        if (!strstr(err.message, cases[i].message))
            printf("%zu: %s\n", i, err.message);
    }
    CU_ASSERT_EQUAL(load_text(&users, "#\0\n", 3, &err), -1);
    memset(text, '#', sizeof(text));
    CU_ASSERT_EQUAL(load_text(&users, text, sizeof(text), &err), -1);
    memset(text, 'a', 128);
    snprintf(text + 128, sizeof(text) - 128, ":viewer:*:" HASH);
    CU_ASSERT_EQUAL(load_text(&users, text, strlen(text), &err), -1);
    CU_ASSERT_EQUAL_FATAL(load_text(&users, text + 1, strlen(text + 1), &err), 0);
    users_free(users);
}

static void test_file_mode(void)
{
    static const struct {
        mode_t mode;
        int result;
    } cases[] = { { 0600, 0 }, { 0640, 0 }, { 0620, -1 }, { 0602, -1 } };
    struct temp temp;

    temp_open(&temp);
    temp_write(&temp, "", 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct users *users = NULL;
        chmod(temp.path, cases[i].mode);
        CU_ASSERT_EQUAL(users_load(&users, temp.path, NULL), cases[i].result);
        users_free(users);
    }
    temp_close(&temp);
    CU_ASSERT_EQUAL(users_load(&(struct users *){ NULL }, temp.path, NULL), -1);
    CU_ASSERT_EQUAL(users_load(&(struct users *){ NULL }, P_tmpdir, NULL), -1);
}

static void test_hash(void)
{
    char hash[CRYPT_OUTPUT_SIZE], other[CRYPT_OUTPUT_SIZE];

    CU_ASSERT_TRUE(users_hash_matches(HASH, "secret"));
    CU_ASSERT_FALSE(users_hash_matches(HASH, "Secret"));
    CU_ASSERT_FALSE(users_hash_matches("", ""));
    CU_ASSERT_FALSE(users_hash_matches("*0", ""));
    CU_ASSERT_EQUAL_FATAL(users_hash(hash, "p", NULL), 0);
    CU_ASSERT_EQUAL_FATAL(users_hash(other, "p", NULL), 0);
    CU_ASSERT_STRING_NOT_EQUAL(hash, other);
    CU_ASSERT_EQUAL(strncmp(hash, "$y$", 3), 0);
    CU_ASSERT_TRUE(users_hash_matches(hash, "p"));
    CU_ASSERT_FALSE(users_hash_matches(hash, "q"));
    /* As long as a true one, and as dear: crypt(3) takes its setting. */
    CU_ASSERT_EQUAL_FATAL(users_hash_decoy(other, NULL), 0);
    CU_ASSERT_EQUAL(strlen(other), strlen(hash));
    CU_ASSERT_FALSE(users_hash_matches(other, "p"));
    CU_ASSERT_STRING_NOT_EQUAL_FATAL(crypt("p", other), "*0");
    CU_ASSERT_EQUAL(strlen(crypt("p", other)), strlen(hash));
}

static void test_edit(void)
{
    const struct users_change add = { .name = "new", .password = "p" };
    const struct users_change change = { .name = "adam", .role = ROLE_OPERATOR, .scope = "web*" };
    const struct users_change gone = { .name = "adam", .remove = true };
    char text[2000], expected[200];
    struct error err = { 0 };
    struct stat st;
    struct temp temp;

    temp_open(&temp);
    CU_ASSERT_EQUAL_FATAL(users_edit(temp.path, &add, &err), 0); /* makes the file */
    CU_ASSERT_EQUAL(strncmp(temp_read(&temp, text, sizeof(text)), "new:viewer:*:$y$", 16), 0);
    CU_ASSERT_TRUE(stat(temp.path, &st) == 0 && (st.st_mode & 07777) == 0600);

    temp_write(&temp, "# a\nadam:viewer:*:" HASH "\n\n# b", 24 + strlen(HASH));
    chmod(temp.path, 0640);
    CU_ASSERT_EQUAL_FATAL(users_edit(temp.path, &change, &err), 0);
    snprintf(expected, sizeof(expected), "# a\nadam:operator:web*:%s\n\n# b\n", HASH);
    CU_ASSERT_STRING_EQUAL(temp_read(&temp, text, sizeof(text)), expected);
    CU_ASSERT_TRUE(stat(temp.path, &st) == 0 && (st.st_mode & 07777) == 0640);

    CU_ASSERT_EQUAL_FATAL(users_edit(temp.path, &gone, &err), 0);
    CU_ASSERT_STRING_EQUAL(temp_read(&temp, text, sizeof(text)), "# a\n\n# b\n");
    CU_ASSERT_EQUAL(users_edit(temp.path, &gone, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    temp_close(&temp);
}

/* NT hash of "Password" (MS-NLMP 4.2.2.1.2). */
static const unsigned char nt_password[] = { 0xa4, 0xf4, 0x9c, 0x40, 0x65, 0x10, 0xbd, 0xca,
                                             0xb6, 0x82, 0x4e, 0xe7, 0xc3, 0x0f, 0xd8, 0x52 };

static const struct user *only_user(struct users **users, const struct temp *temp)
{
    CU_ASSERT_EQUAL_FATAL(users_load(users, temp->path, NULL), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(users_find(*users, "adam"));
    return users_find(*users, "adam");
}

/* It is there for those who were given one, and of the password that is good now. */
static void test_nt_hash(void)
{
    struct users_change change = { .name = "adam", .password = "Password" };
    unsigned char hash[USERS_NT_HASH];
    const struct user *user;
    struct users *users;
    struct error err = { 0 };
    struct temp temp;

    CU_ASSERT_EQUAL(users_nt_hash(hash, "Password", &err), 0);
    CU_ASSERT_EQUAL(memcmp(hash, nt_password, sizeof(hash)), 0);
    temp_open(&temp);
    CU_ASSERT_EQUAL_FATAL(users_edit(temp.path, &change, NULL), 0);
    CU_ASSERT_FALSE(only_user(&users, &temp)->has_nt_hash);
    CU_ASSERT_FALSE(users_have_nt_hash(users));
    users_free(users);
    change.ntlm = USERS_NTLM_YES;
    CU_ASSERT_EQUAL_FATAL(users_edit(temp.path, &change, NULL), 0);
    user = only_user(&users, &temp);
    CU_ASSERT_TRUE(user->has_nt_hash && users_have_nt_hash(users));
    CU_ASSERT_EQUAL(memcmp(user->nt_hash, nt_password, sizeof(nt_password)), 0);
    users_free(users);
    change = (struct users_change){ .name = "adam", .password = "other" };
    CU_ASSERT_EQUAL_FATAL(users_edit(temp.path, &change, NULL), 0);
    user = only_user(&users, &temp);
    CU_ASSERT_TRUE(user->has_nt_hash && users_hash_matches(user->hash, "other"));
    CU_ASSERT_NOT_EQUAL(memcmp(user->nt_hash, nt_password, sizeof(nt_password)), 0);
    users_free(users);
    /* others may not read it */
    chmod(temp.path, 0644);
    CU_ASSERT_EQUAL(users_load(&users, temp.path, &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "chmod o-r"));
    chmod(temp.path, 0640);
    change = (struct users_change){ .name = "adam", .ntlm = USERS_NTLM_NO };
    CU_ASSERT_EQUAL_FATAL(users_edit(temp.path, &change, NULL), 0);
    user = only_user(&users, &temp);
    CU_ASSERT_TRUE(!user->has_nt_hash && users_hash_matches(user->hash, "other"));
    users_free(users);
    change = (struct users_change){ .name = "adam", .ntlm = USERS_NTLM_YES };
    CU_ASSERT_EQUAL(users_edit(temp.path, &change, NULL), -1); /* of which password? */
    temp_close(&temp);
}

static void test_folded(void)
{
    static const char text[] =
        "J\xc3\xbcrgen:viewer:*:" HASH "\nadam:viewer:*:" HASH "\nAdam:viewer:*:" HASH "\n";
    struct users *users;
    struct error err;

    CU_ASSERT_EQUAL_FATAL(load_text(&users, text, sizeof(text) - 1, &err), 0);
    CU_ASSERT_PTR_NOT_NULL(users_find_folded(users, "J\xc3\x9cRGEN"));
    CU_ASSERT_PTR_NULL(users_find_folded(users, "JURGEN"));
    CU_ASSERT_STRING_EQUAL(users_find_folded(users, "adam")->who.name, "adam");
    CU_ASSERT_STRING_EQUAL(users_find_folded(users, "Adam")->who.name, "Adam");
    CU_ASSERT_PTR_NULL(users_find_folded(users, "ADAM")); /* either could be meant */
    CU_ASSERT_PTR_NULL(users_find_folded(users, "ADA"));
    CU_ASSERT_PTR_NULL(users_find_folded(users, ""));
    CU_ASSERT_PTR_NULL(users_find_folded(users, "\xff"));
    users_free(users);
}

static void test_edit_refuses(void)
{
    static const struct users_change cases[] = {
        { .name = "a:b", .password = "p" },  { .name = "", .password = "p" },
        { .name = "#a", .password = "p" },   { .name = "a", .password = NULL },
        { .name = "adam", .scope = "a:b" },  { .name = "adam", .scope = "a\nb" },
        { .name = "a\nb", .password = "p" },
    };
    static const char before[] = "adam:viewer:*:" HASH "\n";
    char text[200];
    struct temp temp;

    temp_open(&temp);
    temp_write(&temp, before, sizeof(before) - 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CU_ASSERT_EQUAL(users_edit(temp.path, &cases[i], NULL), -1);
        CU_ASSERT_STRING_EQUAL(temp_read(&temp, text, sizeof(text)), before);
    }
    temp_write(&temp, "what?\n", 6);
    CU_ASSERT_EQUAL(
        users_edit(temp.path, &(struct users_change){ .name = "a", .password = "p" }, NULL), -1);
    temp_close(&temp);
}

UNIT_MAIN({ "load and find", test_load }, { "a bad line spoils the file", test_bad_lines },
          { "who may write the file", test_file_mode }, { "password hashes", test_hash },
          { "NT hashes", test_nt_hash }, { "names without case", test_folded },
          { "edit", test_edit }, { "edits that are refused", test_edit_refuses })
