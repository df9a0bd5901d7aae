/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/spnego.h"

#include "auth/der.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define OID_SPNEGO   "\x06\x06\x2b\x06\x01\x05\x05\x02"
#define OID_KERBEROS "\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"
#define OID_MS_KRB5  "\x06\x09\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"
#define OID_NTLM     "\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"
#define OID_NEGOEX   "\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e"

static struct bytes literal(const char *text, size_t len)
{
    return (struct bytes){ (const unsigned char *)text, len };
}

static struct bytes bytes_of(const struct strbuf *b)
{
    return (struct bytes){ (const unsigned char *)strbuf_str(b), b->len };
}

/* Wraps what is there into an element. */
static void wrap(struct strbuf *b, unsigned tag)
{
    struct strbuf inside = *b;

    *b = (struct strbuf)STRBUF_INIT;
    der_put(b, tag, bytes_of(&inside));
    strbuf_free(&inside);
}

/* A NegTokenInit with this list and, unless NULL, this token. */
static void make_init(struct strbuf *out, const char *oids, size_t len, const char *token)
{
    struct strbuf field = STRBUF_INIT, all = STRBUF_INIT;

    strbuf_add(&field, oids, len);
    wrap(&field, DER_SEQUENCE);
    wrap(&field, DER_CONTEXT);
    strbuf_add(&all, field.data, field.len);
    strbuf_free(&field);
    if (token) {
        strbuf_puts(&field, token);
        wrap(&field, DER_OCTETS);
        wrap(&field, DER_CONTEXT + 2);
        strbuf_add(&all, field.data, field.len);
        strbuf_free(&field);
    }
    wrap(&all, DER_SEQUENCE);
    wrap(&all, DER_CONTEXT);
    strbuf_add(&field, OID_SPNEGO, sizeof(OID_SPNEGO) - 1);
    strbuf_add(&field, all.data, all.len);
    wrap(&field, DER_APPLICATION);
    strbuf_add(out, field.data, field.len);
    strbuf_free(&field);
    strbuf_free(&all);
}

static void test_init(void)
{
    static const struct {
        const char *oids;
        size_t len;
        bool kerberos, ntlm, kerberos_before, ntlm_first;
    } cases[] = {
#define LIST(text) text, sizeof(text) - 1
        { LIST(OID_NTLM), false, true, false, true },
        { LIST(OID_NEGOEX OID_NTLM), false, true, false, false },
        { LIST(OID_MS_KRB5 OID_KERBEROS OID_NEGOEX OID_NTLM), true, true, true, false },
        { LIST(OID_NTLM OID_KERBEROS), true, true, false, true },
        { LIST(OID_KERBEROS), true, false, false, false },
        { LIST(OID_NEGOEX), false, false, false, false },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct strbuf text = STRBUF_INIT;
        struct spnego_init init;
        make_init(&text, cases[i].oids, cases[i].len, i % 2 ? NULL : "token");
        CU_ASSERT_EQUAL(spnego_kind(bytes_of(&text)), SPNEGO_INIT);
        CU_ASSERT_TRUE_FATAL(spnego_read_init(&init, bytes_of(&text)));
        CU_ASSERT_EQUAL(init.kerberos, cases[i].kerberos);
        CU_ASSERT_EQUAL(init.ntlm, cases[i].ntlm);
        CU_ASSERT_EQUAL(init.kerberos_before_ntlm, cases[i].kerberos_before);
        CU_ASSERT_EQUAL(init.ntlm_first, cases[i].ntlm_first);
        CU_ASSERT_EQUAL(init.token.len, i % 2 ? 0 : 5);
        CU_ASSERT_EQUAL(init.mechanisms.len, cases[i].len + 2);
        CU_ASSERT_EQUAL(memcmp(init.mechanisms.data + 2, cases[i].oids, cases[i].len), 0);
        strbuf_free(&text);
    }
}

/* Cut anywhere, or with any octet changed, it is read within its bounds (a sanitizer looks on). */
static void test_broken(void)
{
    struct strbuf text = STRBUF_INIT;
    struct spnego_response response;
    struct spnego_init init;

    make_init(&text, OID_NEGOEX OID_NTLM, 24, "token");
    for (size_t len = 0; len < text.len; len++) {
        unsigned char *copy = malloc(len + 1);
        memcpy(copy, text.data, len);
        CU_ASSERT_FALSE(spnego_read_init(&init, (struct bytes){ copy, len }));
        CU_ASSERT_FALSE(spnego_read_response(&response, (struct bytes){ copy, len }));
        free(copy);
    }
    for (size_t at = 0; at < text.len; at++) {
        for (unsigned value = 0; value < 256; value += 15) {
            unsigned char *copy = malloc(text.len);
            memcpy(copy, text.data, text.len);
            copy[at] = (unsigned char)value;
            spnego_read_init(&init, (struct bytes){ copy, text.len });
            free(copy);
        }
    }
    strbuf_free(&text);
    CU_ASSERT_EQUAL(spnego_kind(literal("NTLMSSP", 8)), SPNEGO_NTLM);
    CU_ASSERT_EQUAL(spnego_kind(literal("NTLMSSX", 8)), SPNEGO_UNKNOWN);
    CU_ASSERT_EQUAL(spnego_kind(literal("\x60\x0b" OID_KERBEROS, 13)), SPNEGO_KERBEROS);
    CU_ASSERT_EQUAL(spnego_kind(literal("\x60\x0c" OID_NTLM, 14)), SPNEGO_UNKNOWN);
    CU_ASSERT_EQUAL(spnego_kind(literal("", 0)), SPNEGO_UNKNOWN);
    /* more mechanisms than anybody has */
    for (int i = 0; i < 40; i++)
        strbuf_add(&text, OID_NEGOEX, 12);
    wrap(&text, DER_SEQUENCE);
    wrap(&text, DER_CONTEXT);
    CU_ASSERT_FALSE(spnego_read_init(&init, bytes_of(&text)));
    strbuf_free(&text);
}

static void test_response(void)
{
    static const size_t sizes[] = { 0, 1, 100, 127, 128, 255, 256, 300, 65535, 70000 };
    const struct bytes mic = literal("0123456789abcdef", 16);

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        unsigned char *token = calloc(1, sizes[i] + 1);
        struct strbuf text = STRBUF_INIT;
        struct spnego_response response;
        spnego_write(&text, SPNEGO_INCOMPLETE, i % 2, (struct bytes){ token, sizes[i] },
                     i % 3 ? mic : (struct bytes){ NULL, 0 });
        CU_ASSERT_TRUE_FATAL(strbuf_ok(&text));
        CU_ASSERT_TRUE_FATAL(spnego_read_response(&response, bytes_of(&text)));
        CU_ASSERT_EQUAL(response.token.len, sizes[i]);
        CU_ASSERT_EQUAL(response.mic.len, i % 3 ? 16 : 0);
        strbuf_free(&text);
        free(token);
    }
}

/* As RFC 4178 has it, to the octet. */
static void test_written(void)
{
    static const char expected[] =
        "\xa1\x19\x30\x17\xa0\x03\x0a\x01\x03\xa1\x0c" OID_NTLM "\xa2\x02\x04\x00";
    struct strbuf text = STRBUF_INIT;

    spnego_write(&text, SPNEGO_REQUEST_MIC, true, (struct bytes){ NULL, 0 },
                 (struct bytes){ NULL, 0 });
    CU_ASSERT_EQUAL_FATAL(text.len, 23);
    CU_ASSERT_EQUAL((unsigned char)text.data[1], 0x15);
    CU_ASSERT_EQUAL(memcmp(text.data + 4, expected + 4, 19), 0);
    strbuf_free(&text);
}

UNIT_MAIN({ "first tokens", test_init }, { "broken tokens", test_broken },
          { "later tokens", test_response }, { "what is written", test_written })
