/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/auth.h"

#include "temp.h"
#include "unit.h"

#include <openssl/evp.h>
#include <string.h>

/* Of "secret:", a password with a colon, and of "other"; cheap ones. */
#define SECRET                                                                                     \
    "$6$rounds=1000$salt$KWJAaIBGpJPWNuJWSe9qzkBK45PXLekOxrk/YEu/"                                 \
    "C94q9CdI2MAyNnwzs0wZZBHndLwT4DC5IndFJqhgN4PhI."
#define OTHER                                                                                      \
    "$6$rounds=1000$salt$YZW1f8wdxKrS7zA7BahwjMb66xtKkVdkPX/nQucC"                                 \
    "swE8ceHx/JLXpZ7N4b3S9lKeVSg5gOaYyv9qxY8nMn4Wx0"

static struct temp temp;
static struct config config;
static struct auth *auth;

static void begin(const char *users, long cache_seconds)
{
    temp_open(&temp);
    temp_write(&temp, users, strlen(users));
    config = (struct config){ .auth_users_file = temp.path, .auth_cache_seconds = cache_seconds };
    CU_ASSERT_EQUAL_FATAL(auth_open(&auth, &config, NULL), 0);
}

static void end(void)
{
    auth_close(auth);
    temp_close(&temp);
}

static bool check_octets(const void *octets, size_t len, struct auth_result *out)
{
    char header[2048] = "bAsIc ";

    EVP_EncodeBlock((unsigned char *)header + 6, octets, (int)len);
    return auth_check(auth, header, strlen(header), out);
}

static bool check(const char *credentials)
{
    struct auth_result result;
    bool good = check_octets(credentials, strlen(credentials), &result);

    CU_ASSERT_EQUAL(good, result.who.role != ROLE_NONE);
    CU_ASSERT_EQUAL(good, result.reason == NULL);
    CU_ASSERT_EQUAL(good, result.who.name[0] != '\0');
    return good;
}

static void test_passwords(void)
{
    struct auth_result result;

    begin("adam:operator:web*:" SECRET "\nD\\eve:viewer:*:" OTHER "\neve:operator::" SECRET "\n",
          0);
    CU_ASSERT_TRUE(check_octets("adam:secret:", 12, &result));
    CU_ASSERT_STRING_EQUAL(result.who.name, "adam");
    CU_ASSERT_STRING_EQUAL(result.who.scope, "web*");
    CU_ASSERT_EQUAL(result.who.role, ROLE_OPERATOR);
    CU_ASSERT_TRUE(check_octets("D\\adam:secret:", 14, &result));
    CU_ASSERT_STRING_EQUAL(result.who.name, "adam");
    CU_ASSERT_TRUE(check("adam@D:secret:"));
    /* The exact name comes first, and its password is the only one then. */
    CU_ASSERT_TRUE(check("D\\eve:other"));
    CU_ASSERT_FALSE(check("D\\eve:secret:"));
    CU_ASSERT_TRUE(check("E\\eve:secret:"));
    CU_ASSERT_FALSE(check("adam:secret"));
    CU_ASSERT_FALSE(check("adam:secret::"));
    CU_ASSERT_FALSE(check("Adam:secret:"));
    CU_ASSERT_FALSE(check("ada:secret:"));
    CU_ASSERT_FALSE(check("@adam:secret:"));
    CU_ASSERT_FALSE(check("D\\:secret:"));
    CU_ASSERT_FALSE(check("adam:"));
    CU_ASSERT_FALSE(check(":secret:"));
    CU_ASSERT_FALSE(check("adam"));
    end();
}

static void test_malformed(void)
{
    static const char *const headers[] = {
        "",
        "Basic",
        "Basic ",
        "Basic\tYWRhbTpzZWNyZXQ6",
        "Basic YWRhbTpzZWNyZXQ6 ",
        "Basic  YWRhbTpzZWNyZXQ6",
        "BasicYWRhbTpzZWNyZXQ6",
        "Basic YWRhbTpzZWNyZXQ6=",
        "Basic YWRhbTpzZWNyZXQ",
        "Basic YWRhbTpz\nWNyZXQ6",
        "Basic ====",
        "Basic A===",
        "Basic ZXZlMTpvdGhlch==", /* the same octets but for bits that are lost */
        "Digest YWRhbTpzZWNyZXQ6",
        "Negotiate YWRhbTpzZWNyZXQ6",
        "Basic YWRhbTpzZWNyZXQ6, Basic x",
    };
    static const struct {
        const char *octets;
        size_t len;
    } raw[] = {
        { "adam\0:secret:", 13 }, { "adam:secret:\0", 13 }, { "\xff:secret:", 9 },
        { "adam:\xc0\x80", 7 },   { "adam:sec\nret:", 13 }, { "a\x07m:secret:", 11 },
    };
    struct auth_result result;
    char large[1500];

    begin("adam:operator:*:" SECRET "\neve1:viewer:*:" OTHER "\n", 60);
    CU_ASSERT_TRUE(auth_check(auth, "Basic ZXZlMTpvdGhlcg==", 22, &result));
    CU_ASSERT_TRUE(auth_check(auth, "Basic YWRhbTpzZWNyZXQ6", 22, &result));
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        CU_ASSERT_FALSE(auth_check(auth, headers[i], strlen(headers[i]), &result));
        CU_ASSERT_EQUAL(result.who.role, ROLE_NONE);
        CU_ASSERT_PTR_NOT_NULL(result.reason);
    }
    for (size_t i = 0; i < sizeof(raw) / sizeof(raw[0]); i++) {
        CU_ASSERT_FALSE(check_octets(raw[i].octets, raw[i].len, &result));
        CU_ASSERT_EQUAL(result.who.role, ROLE_NONE);
    }
    memset(large, 'a', sizeof(large));
    CU_ASSERT_FALSE(check_octets(large, sizeof(large), &result));
    large[4] = ':';
    CU_ASSERT_FALSE(check_octets(large, 768, &result));
    end();
}

/* Takes a user's password away between two checks; what was remembered must not outlive that. */
static void test_reload(void)
{
    begin("adam:operator:*:" SECRET "\n", 3600);
    CU_ASSERT_TRUE(check("adam:secret:"));
    CU_ASSERT_TRUE(check("adam:secret:"));
    temp_write(&temp, "broken\n", 7);
    CU_ASSERT_EQUAL(auth_reload(auth, NULL), -1);
    CU_ASSERT_TRUE(check("adam:secret:"));
    temp_write(&temp, "adam:viewer:*:" OTHER "\n", sizeof("adam:viewer:*:" OTHER));
    CU_ASSERT_EQUAL(auth_reload(auth, NULL), 0);
    CU_ASSERT_FALSE(check("adam:secret:"));
    CU_ASSERT_TRUE(check("adam:other"));
    temp_write(&temp, "", 0);
    CU_ASSERT_EQUAL(auth_reload(auth, NULL), 0);
    CU_ASSERT_FALSE(check("adam:other"));
    end();
}

UNIT_MAIN({ "names and passwords", test_passwords }, { "malformed headers", test_malformed },
          { "reload", test_reload })
