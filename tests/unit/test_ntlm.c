/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The values of MS-NLMP 4.2.4, and what must be refused. Whole logins with other people's clients
 * and with one of our own are in tests/net and tests/interop.
 */
#include "auth/ntlm.h"
#include "auth/ntlm_seal.h"
#include "faults/alloc.h"

#include "unit.h"

#include <openssl/hmac.h>
#include <string.h>

enum { FLAGS = (int)0xe28a8233, HEAD = 88, ANSWER_MOST = 512 };

/* NT hash of "Password". */
static const unsigned char hash[16] = { 0xa4, 0xf4, 0x9c, 0x40, 0x65, 0x10, 0xbd, 0xca,
                                        0xb6, 0x82, 0x4e, 0xe7, 0xc3, 0x0f, 0xd8, 0x52 };
static const unsigned char challenge[8] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };
static const unsigned char proof[16] = { 0x68, 0xcd, 0x0a, 0xb8, 0x51, 0xe5, 0x1c, 0x96,
                                         0xaa, 0xbc, 0x92, 0x7b, 0xeb, 0xef, 0x6a, 0x1c };
static const unsigned char session_key[16] = { 0xc5, 0xda, 0xd2, 0x54, 0x4f, 0xc9, 0x79, 0x90,
                                               0x94, 0xce, 0x1c, 0xe9, 0x0b, 0xc9, 0xd0, 0x3e };
/* What stands behind the proof: time 0, eight times 0xaa, and the names "Domain" and "Server". */
static const unsigned char blob[] =
    "\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\0\0\0\0"
    "\x02\0\x0c\0D\0o\0m\0a\0i\0n\0\x01\0\x0c\0S\0e\0r\0v\0e\0r\0\0\0\0\0\0\0\0";

enum { BLOB = sizeof(blob) }; /* a NUL ends it */

struct message {
    unsigned char data[ANSWER_MOST];
    size_t len;
};

static void put(struct message *m, size_t field, const void *data, size_t len)
{
    bytes_put_u16(m->data + field, (unsigned)len);
    bytes_put_u16(m->data + field + 2, (unsigned)len);
    bytes_put_u32(m->data + field + 4, (uint32_t)m->len);
    memcpy(m->data + m->len, data, len);
    m->len += len;
}

/* The AUTHENTICATE message of the values. */
static void make(struct message *m)
{
    unsigned char response[16 + BLOB];

    memset(m, 0, sizeof(*m));
    m->len = HEAD;
    memcpy(m->data, "NTLMSSP\0\3", 9);
    memcpy(response, proof, 16);
    memcpy(response + 16, blob, BLOB);
    put(m, 28, "D\0o\0m\0a\0i\0n", 12);
    put(m, 36, "U\0s\0e\0r", 8);
    put(m, 44, "C\0", 2);
    put(m, 20, response, sizeof(response));
    put(m, 52, session_key, 16);
    bytes_put_u32(m->data + 60, (uint32_t)FLAGS);
}

static struct bytes bytes_of(const struct message *m)
{
    return (struct bytes){ m->data, m->len };
}

static struct ntlm begun(void)
{
    struct ntlm ntlm = { .flags = (uint32_t)FLAGS };

    memcpy(ntlm.challenge, challenge, sizeof(challenge));
    return ntlm;
}

static const char *judge(const struct message *m, const struct ntlm_policy *policy,
                         unsigned char key[16])
{
    struct ntlm ntlm = begun();
    struct ntlm_answer answer;
    const char *reason = ntlm_read_answer(&answer, &ntlm, bytes_of(m));

    return reason ? reason : ntlm_prove(&ntlm, &answer, hash, policy, key);
}

static void test_values(void)
{
    static const struct ntlm_policy policy = { .tls = false };
    unsigned char key[16], expected[16];
    struct ntlm ntlm = begun();
    struct ntlm_answer answer;
    struct message m;

    make(&m);
    CU_ASSERT_PTR_NULL_FATAL(ntlm_read_answer(&answer, &ntlm, bytes_of(&m)));
    CU_ASSERT_STRING_EQUAL(answer.user, "User");
    CU_ASSERT_STRING_EQUAL(answer.domain, "Domain");
    CU_ASSERT_PTR_NULL(ntlm_prove(&ntlm, &answer, hash, &policy, key));
    memset(expected, 0x55, sizeof(expected));
    CU_ASSERT_EQUAL(memcmp(key, expected, sizeof(key)), 0);
}

/* "Plaintext" as the client sends it first (4.2.4.4), then once more. */
static void test_seal(void)
{
    static const unsigned char sealed[18] = {
        0x54, 0xe5, 0x01, 0x65, 0xbf, 0x19, 0x36, 0xdc, 0x99,
        0x60, 0x20, 0xc1, 0x81, 0x1b, 0x0f, 0x06, 0xfb, 0x5f
    };
    static const unsigned char signature[16] = { 1,    0,    0,    0,    0x7f, 0xb3, 0x8e, 0xc5,
                                                 0xc5, 0x5d, 0x49, 0x76, 0,    0,    0,    0 };
    unsigned char key[16], data[18], mine[16], text[] = "reply", back[5];
    struct ntlm_seal server, client;

    memset(key, 0x55, sizeof(key));
    CU_ASSERT_EQUAL_FATAL(ntlm_seal_init(&server, key, (uint32_t)FLAGS), 0);
    memcpy(data, sealed, sizeof(data));
    CU_ASSERT_TRUE(ntlm_unseal(&server, signature, data, sizeof(data)));
    CU_ASSERT_EQUAL(memcmp(data, "P\0l\0a\0i\0n\0t\0e\0x\0t", 18), 0);
    memcpy(data, sealed, sizeof(data));
    CU_ASSERT_FALSE(ntlm_unseal(&server, signature, data, sizeof(data))); /* a replay */

    /* The other way, read by a client whose directions are those of the server the other way about. */
    ntlm_seal_init(&client, key, (uint32_t)FLAGS);
    client.in = server.out;
    for (uint32_t i = 0; i < 3; i++) {
        memcpy(back, text, 5);
        CU_ASSERT_TRUE(ntlm_seal(&server, mine, back, 5));
        CU_ASSERT_EQUAL(bytes_u32(mine + 12), i);
        CU_ASSERT_NOT_EQUAL(memcmp(back, text, 5), 0);
        CU_ASSERT_TRUE(ntlm_unseal(&client, mine, back, 5));
        CU_ASSERT_EQUAL(memcmp(back, text, 5), 0);
    }
    CU_ASSERT_TRUE(ntlm_seal(&server, mine, back, 5));
    back[4] ^= 1;
    CU_ASSERT_FALSE(ntlm_unseal(&client, mine, back, 5));
    /* What was not agreed upon is not done. */
    ntlm_seal_init(&server, key, (uint32_t)FLAGS & ~(uint32_t)NTLM_SEAL);
    CU_ASSERT_FALSE(server.can_seal);
    CU_ASSERT_FALSE(ntlm_seal(&server, mine, back, 5));
    ntlm_seal_init(&server, key, (uint32_t)FLAGS & ~(uint32_t)NTLM_128);
    CU_ASSERT_FALSE(server.can_seal || server.can_sign);
}

/* The list's code has number 0; then the keys begin anew and the numbers go on. */
static void test_list_mic(void)
{
    const struct bytes list = { (const unsigned char *)"list", 4 };
    struct ntlm_seal server, client;
    unsigned char key[16], mic[16], text[4] = "text";

    memset(key, 0x33, sizeof(key));
    ntlm_seal_init(&server, key, (uint32_t)FLAGS);
    client = server;
    client.in = server.out;
    client.out = server.in;
    CU_ASSERT_TRUE(ntlm_make_mic(&client, mic, list));
    CU_ASSERT_TRUE(ntlm_check_mic(&server, mic, list));
    CU_ASSERT_FALSE(ntlm_check_mic(&server, mic, list));
    server.in.sequence = 1;
    CU_ASSERT_TRUE(ntlm_make_mic(&server, mic, list));
    CU_ASSERT_TRUE(ntlm_check_mic(&client, mic, list));
    CU_ASSERT_TRUE(ntlm_seal(&client, mic, text, 4));
    CU_ASSERT_EQUAL(bytes_u32(mic + 12), 1);
    CU_ASSERT_TRUE(ntlm_unseal(&server, mic, text, 4));
    CU_ASSERT_EQUAL(memcmp(text, "text", 4), 0);
}

static void test_refused(void)
{
    static const struct ntlm_policy policy = { .tls = false };
    unsigned char key[16];
    struct message m;

    make(&m);
    m.data[m.len - 20]++; /* in the response */
    CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key), "wrong password");
    make(&m);
    m.data[HEAD] ^= 0x20; /* the domain's case counts */
    CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key), "wrong password");
    make(&m);
    m.data[HEAD + 12] ^= 0x20; /* the user's does not */
    CU_ASSERT_PTR_NULL(judge(&m, &policy, key));
    make(&m);
    bytes_put_u16(m.data + 52, 8); /* a session key that is too short */
    CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key), "the NTLM session key has the wrong length");
    make(&m);
    bytes_put_u16(m.data + 20, 24); /* as long as an answer of version 1 */
    CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key), "not NTLM version 2");
    make(&m);
    bytes_put_u16(m.data + 36, 0);
    CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key), "an anonymous NTLM login");
    make(&m);
    bytes_put_u16(m.data + 36, 7); /* half a character */
    CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key), "a name in the NTLM message is not valid text");
    make(&m);
    m.data[8] = 1;
    CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key), "not an NTLM AUTHENTICATE message");
    make(&m);
    m.data[0] = 'n';
    CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key), "not an NTLM AUTHENTICATE message");
    make(&m);
    m.len = 63;
    CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key), "not an NTLM AUTHENTICATE message");
}

/* A field that points outside, whichever it is and however it does so. */
static void test_fields(void)
{
    static const struct ntlm_policy policy = { .tls = false };
    static const size_t fields[] = { 20, 28, 36, 52 };
    static const uint32_t places[] = { 0, 63, ANSWER_MOST, 0x7fffffff, 0xffffffff, 0xfffffff0 };
    unsigned char key[16];
    struct message m;

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        for (size_t j = 0; j < sizeof(places) / sizeof(places[0]); j++) {
            make(&m);
            bytes_put_u32(m.data + fields[i] + 4, places[j]);
            CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key),
                                   "a field of the NTLM message lies outside of it");
        }
        make(&m);
        bytes_put_u16(m.data + fields[i], 0xffff);
        CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key),
                               "a field of the NTLM message lies outside of it");
    }
}

/* With other pairs the proof is another one. */
static void make_with(struct message *m, const void *pairs, size_t len, unsigned char base[16])
{
    unsigned char response[256], text[8 + 256], names[] = "U\0S\0E\0R\0D\0o\0m\0a\0i\0n";

    memset(m, 0, sizeof(*m));
    m->len = HEAD;
    memcpy(m->data, "NTLMSSP\0\3", 9);
    memcpy(response + 16, blob, 28);
    memcpy(response + 16 + 28, pairs, len);
    memcpy(text, challenge, 8);
    memcpy(text + 8, response + 16, 28 + len);
    HMAC(EVP_md5(), hash, 16, names, 20, base, NULL);
    HMAC(EVP_md5(), base, 16, text, 8 + 28 + len, response, NULL);
    HMAC(EVP_md5(), base, 16, response, 16, base, NULL);
    put(m, 28, "D\0o\0m\0a\0i\0n", 12);
    put(m, 36, "U\0s\0e\0r", 8);
    put(m, 20, response, 16 + 28 + len);
    bytes_put_u32(m->data + 60, (uint32_t)FLAGS & ~(uint32_t)NTLM_KEY_EXCHANGE);
}

static void test_bindings(void)
{
    static const unsigned char binding[] = "tls-server-end-point:0123456789abcdef0123456789abcdef";
    struct ntlm_policy policy = { .tls = true, .binding = { binding, sizeof(binding) - 1 } };
    unsigned char pairs[28] = { 10, 0, 16, 0 }, text[20 + sizeof(binding) - 1] = { 0 };
    unsigned char key[16], base[16];
    struct message m;

    text[16] = sizeof(binding) - 1;
    memcpy(text + 20, binding, sizeof(binding) - 1);
    EVP_Digest(text, sizeof(text), pairs + 4, NULL, EVP_md5(), NULL);
    make_with(&m, pairs, 24, base);
    CU_ASSERT_PTR_NULL(judge(&m, &policy, key));
    CU_ASSERT_EQUAL(memcmp(key, base, 16), 0); /* no key was exchanged */
    policy.require_binding = true;
    CU_ASSERT_PTR_NULL(judge(&m, &policy, key));
    policy.binding.len--;
    CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key),
                           "the channel bindings are those of another connection");
    policy = (struct ntlm_policy){ .tls = false };
    CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key),
                           "the channel bindings are those of another connection");
    memset(pairs + 4, 0, 16); /* as clients write that have none */
    make_with(&m, pairs, 24, base);
    CU_ASSERT_PTR_NULL(judge(&m, &policy, key));
    policy.require_binding = true;
    CU_ASSERT_PTR_NULL(judge(&m, &policy, key)); /* there is nothing to bind to */
    policy.tls = true;
    CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key), "channel bindings are missing");
    make_with(&m, blob + 28, BLOB - 28, base);
    CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key), "channel bindings are missing");
}

/* What the client calls the service. */
static void test_targets(void)
{
    static const struct {
        const char *target, *ours;
        bool good;
    } cases[] = {
        { "HTTP/Web1.example.org", "", true },
        { "HTTP/Web1.example.org", "web1, web1.EXAMPLE.org", true },
        { "HTTP/web1.example.org:5986", "web1.example.org", true },
        { "web1", "localhost,web1", true },
        { "", "web1", true },
        { "HTTP/web1", "web10", false },
        { "HTTP/web10", "web1", false },
        { "cifs/other", "web1", false },
        { "HTTP/", "web1", false },
    };
    struct ntlm_policy policy = { .tls = true };
    unsigned char pairs[128], key[16], base[16];
    struct message m;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t len = strlen(cases[i].target);
        memset(pairs, 0, sizeof(pairs));
        bytes_put_u16(pairs, 9);
        bytes_put_u16(pairs + 2, (unsigned)(2 * len));
        for (size_t k = 0; k < len; k++)
            pairs[4 + 2 * k] = (unsigned char)cases[i].target[k];
        make_with(&m, pairs, 4 + 2 * len + 4, base);
        policy.targets = cases[i].ours;
        if (cases[i].good)
            CU_ASSERT_PTR_NULL(judge(&m, &policy, key))
        else
            CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key), "the NTLM login was meant for another host");
    }
    make_with(&m, "\x9\0\x2\0\0\xd8\0\0\0", 10, base); /* half a character */
    CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key), "the NTLM login's target name is not valid text");
}

/* A code that is said to be there must be right, and over all three messages. */
static void test_mic(void)
{
    static const struct ntlm_policy policy = { .tls = false };
    static const unsigned char pairs[] = { 6, 0, 4, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
    unsigned char base[16], key[16], text[1024];
    struct ntlm ntlm = begun();
    struct ntlm_answer answer;
    struct message m;

    make_with(&m, pairs, sizeof(pairs), base);
    CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key), "the NTLM integrity code is wrong");
    strbuf_puts(&ntlm.sent, "one and two");
    memcpy(text, "one and two", 11);
    memcpy(text + 11, m.data, m.len);
    HMAC(EVP_md5(), base, 16, text, 11 + m.len, m.data + 72, NULL);
    CU_ASSERT_PTR_NULL(ntlm_read_answer(&answer, &ntlm, bytes_of(&m)));
    CU_ASSERT_PTR_NULL(ntlm_prove(&ntlm, &answer, hash, &policy, key));
    ntlm.sent.data[0] = 'O';
    CU_ASSERT_STRING_EQUAL(ntlm_prove(&ntlm, &answer, hash, &policy, key),
                           "the NTLM integrity code is wrong");
    ntlm_clear(&ntlm);
}

static void test_pairs(void)
{
    static const struct ntlm_policy policy = { .tls = false };
    static const struct {
        const char *octets;
        size_t len;
    } bad[] = { { "\1\0\x10\0abcd", 8 },
                { "\1\0\0\0", 4 },
                { "\1\0\1\0a\0\0", 7 },
                { "\xff\xff\xff\xff", 4 } };
    unsigned char base[16], key[16];
    struct message m;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        make_with(&m, bad[i].octets, bad[i].len, base);
        CU_ASSERT_STRING_EQUAL(judge(&m, &policy, key), "the NTLM response is not well-formed");
    }
}

/* What real clients begin with. */
static void test_challenge(void)
{
    static const struct {
        size_t len;
        uint32_t offered, expected;
    } cases[] = {
        { 40, 0xe20882b7, 0x628a8235 }, /* Windows: everything */
        { 34, 0x00088207, 0x008a8205 }, /* WinRb, without padding */
        { 32, 0x00088206, 0x008a8206 }, /* curl: OEM, and no version */
        { 16, 0x00000001, 0x008a0205 }, /* the least */
        { 16, 0x00000000, 0x008a0206 },
    };
    struct ntlm_host host;

    ntlm_host_init(&host);
    CU_ASSERT_TRUE(host.computer[0] != '\0' && host.dns[0] != '\0');
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned char text[40] = "NTLMSSP\0\1";
        struct strbuf out = STRBUF_INIT;
        struct ntlm ntlm;
        bytes_put_u32(text + 12, cases[i].offered);
        CU_ASSERT_PTR_NULL_FATAL(
            ntlm_challenge(&ntlm, (struct bytes){ text, cases[i].len }, &host, &out));
        CU_ASSERT_EQUAL(ntlm.flags, cases[i].expected);
        CU_ASSERT_EQUAL(bytes_u32((unsigned char *)out.data + 20), cases[i].expected);
        CU_ASSERT_EQUAL(memcmp(out.data + 24, ntlm.challenge, 8), 0);
        /* A version is there exactly when it was offered, and names always. */
        CU_ASSERT_EQUAL(out.data[48] != 0, (cases[i].offered & 0x2000000) != 0);
        CU_ASSERT_TRUE(bytes_u16((unsigned char *)out.data + 40) > 30);
        CU_ASSERT_EQUAL(ntlm.sent.len, cases[i].len + out.len);
        strbuf_free(&out);
        ntlm_clear(&ntlm);
    }
}

static void test_no_challenge(void)
{
    unsigned char text[5000] = "NTLMSSP\0\1";
    struct strbuf out = STRBUF_INIT;
    struct ntlm_host host;
    struct ntlm ntlm;

    ntlm_host_init(&host);
    for (size_t len = 0; len < 16; len++)
        CU_ASSERT_PTR_NOT_NULL(ntlm_challenge(&ntlm, (struct bytes){ text, len }, &host, &out));
    CU_ASSERT_PTR_NOT_NULL(ntlm_challenge(&ntlm, (struct bytes){ text, 5000 }, &host, &out));
    text[8] = 3;
    CU_ASSERT_PTR_NOT_NULL(ntlm_challenge(&ntlm, (struct bytes){ text, 40 }, &host, &out));
    CU_ASSERT_EQUAL(out.len, 0);
}

/* Whatever fails on the way, nobody gets in who should not, and no octet is taken that was changed. */
static void test_failures(void)
{
    static const struct ntlm_policy policy = { .tls = false };
    static const unsigned char pairs[] = { 6, 0, 4, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
    unsigned char key[16], base[16], negotiate[40] = "NTLMSSP\0\1";
    struct message right, wrong, coded;
    struct ntlm_host host;
    bool reached = true;

    CU_ASSERT_EQUAL_FATAL(alloc_init(false, false), 0);
    make(&right);
    wrong = right;
    wrong.data[wrong.len - 20]++;
    make_with(&coded, pairs, sizeof(pairs), base);
    for (long point = 1; reached; point++) {
        struct strbuf out = STRBUF_INIT;
        struct ntlm ntlm;
        const char *first, *second, *third;
        alloc_arm(ALLOC_MAIN, point, 1);
        first = judge(&right, &policy, key);
        reached = alloc_disarm();
        CU_ASSERT_TRUE(first != NULL || key[0] == 0x55);
        alloc_arm(ALLOC_MAIN, point, 1);
        second = judge(&wrong, &policy, key);
        third = judge(&coded, &policy, key);
        reached |= alloc_disarm();
        CU_ASSERT_TRUE(second != NULL && third != NULL);
        alloc_arm(ALLOC_MAIN, point, 1);
        ntlm_host_init(&host);
        first = ntlm_challenge(&ntlm, (struct bytes){ negotiate, 40 }, &host, &out);
        reached |= alloc_disarm();
        CU_ASSERT_TRUE(first != NULL || (strbuf_ok(&out) && out.len > 56));
        strbuf_free(&out);
        ntlm_clear(&ntlm);
    }
}

static void test_seal_failures(void)
{
    const struct bytes list = { (const unsigned char *)"list", 4 };
    unsigned char key[16], mic[16], text[5];
    bool reached = true;

    memset(key, 0x44, sizeof(key));
    for (long point = 1; reached; point++) {
        struct ntlm_seal server, client;
        bool done;
        ntlm_seal_init(&client, key, (uint32_t)FLAGS);
        client.in = client.out;
        alloc_arm(ALLOC_MAIN, point, 1);
        done = ntlm_seal_init(&server, key, (uint32_t)FLAGS) == 0;
        memcpy(text, "text", 5);
        done = done && ntlm_seal(&server, mic, text, 5);
        reached = alloc_disarm();
        CU_ASSERT_EQUAL(done, !reached);
        if (!done)
            continue;
        text[0] ^= 1;
        CU_ASSERT_FALSE(ntlm_unseal(&client, mic, text, 5));
    }
    reached = true;
    for (long point = 1; reached; point++) {
        struct ntlm_seal server, client;
        bool done;
        ntlm_seal_init(&server, key, (uint32_t)FLAGS);
        client = server;
        client.in = server.out;
        alloc_arm(ALLOC_MAIN, point, 1);
        done = ntlm_make_mic(&server, mic, list) && ntlm_check_mic(&client, mic, list);
        reached = alloc_disarm();
        CU_ASSERT_EQUAL(done, !reached);
    }
}

UNIT_MAIN({ "calls that fail", test_failures }, { "sealing when calls fail", test_seal_failures },
          { "the published values", test_values }, { "sealed messages", test_seal },
          { "mechListMIC", test_list_mic }, { "answers that are refused", test_refused },
          { "fields", test_fields }, { "channel bindings", test_bindings },
          { "targets", test_targets }, { "the integrity code", test_mic }, { "pairs", test_pairs },
          { "challenges", test_challenge }, { "what begins no login", test_no_challenge })
