/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/auth.h"

#include "auth/users.h"
#include "temp.h"
#include "unit.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
static struct session session = { .tls = true };

static void begin(const char *users, long cache_seconds)
{
    temp_open(&temp);
    temp_write(&temp, users, strlen(users));
    config_init(&config, NULL);
    free(config.auth_users_file);
    config.auth_users_file = strdup(temp.path);
    config.auth_cache_seconds = cache_seconds;
    CU_ASSERT_EQUAL_FATAL(auth_open(&auth, &config, NULL), 0);
}

static void end(void)
{
    auth_close(auth);
    config_free(&config);
    temp_close(&temp);
}

/* What a request goes through: recall, and if that cannot tell the hash, and again with its result.
 */
static bool judge(const char *header, size_t len, struct auth_result *out)
{
    struct token token = { header, len };
    enum auth_outcome outcome = auth_recall(auth, &session, token, NULL, out);
    struct auth_vouched vouched = { .key = out->key };

    if (outcome == AUTH_UNCHECKED) {
        auth_hash(auth, &session, token, &vouched.verdict);
        CU_ASSERT_EQUAL(vouched.verdict.reason == NULL, vouched.verdict.who.role != ROLE_NONE);
        if (!vouched.verdict.reason) {
            outcome = auth_recall(auth, &session, token, &vouched, out);
            CU_ASSERT_EQUAL(outcome, AUTH_GRANTED);
        }
    }
    return outcome == AUTH_GRANTED;
}

static const char *encode(char header[2048], const void *octets, size_t len)
{
    memcpy(header, "bAsIc ", 6);
    EVP_EncodeBlock((unsigned char *)header + 6, octets, (int)len);
    return header;
}

static bool check_octets(const void *octets, size_t len, struct auth_result *out)
{
    char header[2048];

    encode(header, octets, len);
    return judge(header, strlen(header), out);
}

static enum auth_outcome recall(const char *credentials, const struct logins_key *key,
                                struct auth_result *out)
{
    struct auth_vouched vouched;
    char header[2048];

    encode(header, credentials, strlen(credentials));
    if (key)
        vouched = (struct auth_vouched){ .key = *key };
    return auth_recall(auth, &session, (struct token){ header, strlen(header) },
                       key ? &vouched : NULL, out);
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
    CU_ASSERT_TRUE(judge("Basic ZXZlMTpvdGhlcg==", 22, &result));
    CU_ASSERT_TRUE(judge("Basic YWRhbTpzZWNyZXQ6", 22, &result));
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        CU_ASSERT_FALSE(judge(headers[i], strlen(headers[i]), &result));
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

/* Who needs a hash, and whom a found hash speaks for. */
static void test_recall(void)
{
    struct auth_result adam, other, third;

    begin("adam:operator:*:" SECRET "\neve:viewer:*:" OTHER "\n", 3600);
    CU_ASSERT_EQUAL(recall("adam:secret:", NULL, &adam), AUTH_UNCHECKED);
    CU_ASSERT_EQUAL(adam.who.role, ROLE_NONE);
    CU_ASSERT_STRING_EQUAL(adam.reason, "wrong password");
    CU_ASSERT_EQUAL(recall("nobody:secret:", NULL, &other), AUTH_UNCHECKED);
    CU_ASSERT_STRING_EQUAL(other.reason, "unknown user");
    /* Equal unknown users must not share a check, as known ones do not. */
    CU_ASSERT_EQUAL(recall("nobody2:secret:", &other.key, &third), AUTH_UNCHECKED);
    CU_ASSERT_NOT_EQUAL(memcmp(other.key.mac, third.key.mac, sizeof(third.key.mac)), 0);
    CU_ASSERT_EQUAL(recall("nobody:secret:", NULL, &third), AUTH_UNCHECKED);
    CU_ASSERT_EQUAL(memcmp(other.key.mac, third.key.mac, sizeof(third.key.mac)), 0);
    /* A key is good for this user and this password, and never for a user that is not there. */
    CU_ASSERT_EQUAL(recall("nobody:secret:", &adam.key, &other), AUTH_UNCHECKED);
    CU_ASSERT_EQUAL(recall("nobody:secret:", &other.key, &other), AUTH_UNCHECKED);
    CU_ASSERT_EQUAL(recall("adam:wrong", &adam.key, &other), AUTH_UNCHECKED);
    CU_ASSERT_EQUAL(recall("eve:secret:", &adam.key, &other), AUTH_UNCHECKED);
    CU_ASSERT_EQUAL(recall("D\\adam:secret:", &adam.key, &other), AUTH_UNCHECKED);
    CU_ASSERT_EQUAL(recall("adam:secret:", &adam.key, &other), AUTH_GRANTED);
    /* Being vouched for is not being remembered. */
    CU_ASSERT_EQUAL(recall("adam:secret:", NULL, &other), AUTH_UNCHECKED);
    CU_ASSERT_TRUE(check("adam:secret:"));
    CU_ASSERT_EQUAL(recall("adam:secret:", NULL, &other), AUTH_GRANTED);
    CU_ASSERT_PTR_NULL(other.reason);
    CU_ASSERT_EQUAL(recall("adam:wrong", NULL, &other), AUTH_UNCHECKED);
    end();
}

static int64_t cpu_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* A user that is not there costs what one that is does, by the kind of hash that passwd writes:
 * medians of the thread's own time, taken in turns. */
static void test_unknown_user_takes_as_long(void)
{
    enum { ROUNDS = 9 };
    static const char *const who[] = { "adam:wrong", "nobody:wrong" };
    char line[1024], hash[CRYPT_OUTPUT_SIZE], header[2048];
    int64_t taken[2][ROUNDS];
    struct auth_verdict verdict;
    double ratio;

    CU_ASSERT_EQUAL_FATAL(users_hash(hash, "right", NULL), 0);
    snprintf(line, sizeof(line), "adam:viewer:*:%s\n", hash);
    begin(line, 0);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < 2; i++) {
            int64_t before = cpu_us();
            encode(header, who[i], strlen(who[i]));
            auth_hash(auth, &session, (struct token){ header, strlen(header) }, &verdict);
            CU_ASSERT_PTR_NOT_NULL(verdict.reason);
            taken[i][round] = cpu_us() - before;
        }
    }
    for (int i = 0; i < 2; i++)
        qsort(taken[i], ROUNDS, sizeof(taken[i][0]), compare);
    ratio = (double)taken[1][ROUNDS / 2] / (double)taken[0][ROUNDS / 2];
    if (ratio < 0.8 || ratio > 1.25)
        printf("known %ld us, unknown %ld us\n", (long)taken[0][ROUNDS / 2],
               (long)taken[1][ROUNDS / 2]);
    CU_ASSERT_TRUE(ratio > 0.8 && ratio < 1.25);
    end();
}

UNIT_MAIN({ "names and passwords", test_passwords }, { "malformed headers", test_malformed },
          { "reload", test_reload }, { "who needs a hash", test_recall },
          { "an unknown user takes as long", test_unknown_user_takes_as_long })
