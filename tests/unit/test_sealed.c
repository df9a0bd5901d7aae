/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/sealed.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define TYPE                                                                                       \
    "multipart/encrypted;protocol=\"application/HTTP-SPNEGO-session-encrypted\";boundary="         \
    "\"Encrypted Boundary\""
#define HEAD(tab, length)                                                                          \
    "--Encrypted Boundary\r\n" tab                                                                 \
    "Content-Type: application/HTTP-SPNEGO-session-encrypted\r\n" tab                              \
    "OriginalContent: type=application/soap+xml;charset=UTF-8;Length=" length                      \
    "\r\n--Encrypted Boundary\r\n" tab "Content-Type: application/octet-stream\r\n"
#define SIGNATURE "\4\0\0\0sign"
#define END       "--Encrypted Boundary--\r\n"

/* How many parts there are, their octets in a row; -1 when it is refused. In memory of its very
 * size. */
static int read_all(const char *type, const char *body, size_t len, char *out, bool *tabs)
{
    unsigned char *copy = malloc(len + 1);
    struct sealed_reader reader;
    struct sealed_part part;
    struct media_type media;
    const char *reason;
    int count = 0;

    memcpy(copy + 1, body, len);
    CU_ASSERT_EQUAL(media_parse((struct token){ type, strlen(type) }, &media), MEDIA_SEALED);
    sealed_begin(&reader, &media, copy + 1, len);
    while (!(reason = sealed_next(&reader, &part)) && !reader.ended) {
        CU_ASSERT_EQUAL(part.signature.len, 4);
        CU_ASSERT_EQUAL(memcmp(part.signature.data, "sign", 4), 0);
        memcpy(out, part.data, part.len);
        out += part.len;
        count++;
    }
    *out = '\0';
    *tabs = reader.form.tabs;
    free(copy);
    return reason ? -1 : count;
}

#define READ(body) read_all(TYPE, body, sizeof(body) - 1, out, &tabs)

static void test_good(void)
{
    char out[200];
    bool tabs;

    CU_ASSERT_EQUAL(READ(HEAD("\t", "5") SIGNATURE "hello" END), 1);
    CU_ASSERT_STRING_EQUAL(out, "hello");
    CU_ASSERT_TRUE(tabs);
    CU_ASSERT_EQUAL(READ(HEAD("", "5") SIGNATURE "hello" END), 1);
    CU_ASSERT_FALSE(tabs);
    /* a boundary within the octets is octets */
    CU_ASSERT_EQUAL(READ(HEAD("", "24") SIGNATURE END END), 1);
    CU_ASSERT_STRING_EQUAL(out, END);
    /* several parts, one of them empty, and an end of line at the end */
    CU_ASSERT_EQUAL(READ(HEAD("\t", "3") SIGNATURE "abc" HEAD("\t", "0") SIGNATURE HEAD("\t", "2")
                             SIGNATURE "de" END),
                    3);
    CU_ASSERT_STRING_EQUAL(out, "abcde");
    CU_ASSERT_EQUAL(READ(HEAD("", "2") SIGNATURE "de--Encrypted Boundary--"), 1);
    CU_ASSERT_EQUAL(READ(END), 0);
}

static void test_bad(void)
{
    char out[200];
    bool tabs;

    CU_ASSERT_EQUAL(READ(""), -1);
    CU_ASSERT_EQUAL(READ("<s:Envelope/>"), -1);
    CU_ASSERT_EQUAL(READ(HEAD("", "5") SIGNATURE "hello"), -1);
    CU_ASSERT_EQUAL(READ(HEAD("", "6") SIGNATURE "hello" END), -1);
    CU_ASSERT_EQUAL(READ(HEAD("", "4") SIGNATURE "hello" END), -1);
    CU_ASSERT_EQUAL(READ(HEAD("", "99999999999") SIGNATURE "hello" END), -1);
    CU_ASSERT_EQUAL(READ(HEAD("", "4294967295") SIGNATURE "hello" END), -1);
    CU_ASSERT_EQUAL(READ(HEAD("", "-5") SIGNATURE "hello" END), -1);
    CU_ASSERT_EQUAL(READ(HEAD("", "") SIGNATURE "hello" END), -1);
    CU_ASSERT_EQUAL(READ(HEAD("", "5;Length=5") SIGNATURE "hello" END), -1);
    CU_ASSERT_EQUAL(READ(HEAD("", "5") "\xff\xff\xff\xff"
                                       "hello" END),
                    -1);
    CU_ASSERT_EQUAL(READ(HEAD("", "5") "\0\0\0\0"
                                       "hello" END),
                    -1);
    CU_ASSERT_EQUAL(READ(HEAD("", "5") "\4\0\0"), -1);
    CU_ASSERT_EQUAL(READ(HEAD("", "5") SIGNATURE "hello" END "more"), -1);
    CU_ASSERT_EQUAL(READ(HEAD("", "5") SIGNATURE "hello--Another Boundary--\r\n"), -1);
    CU_ASSERT_EQUAL(READ(HEAD("\t\t", "5") SIGNATURE "hello" END), -1);
    CU_ASSERT_EQUAL(READ("--Encrypted Boundary\r\n\r\n" SIGNATURE "hello" END), -1);
    /* parts of another kind, twice the same, none, without end */
    CU_ASSERT_EQUAL(
        READ("--Encrypted Boundary\r\n"
             "Content-Type: application/HTTP-Kerberos-session-encrypted\r\n"
             "OriginalContent: type=application/soap+xml;Length=5\r\n"
             "--Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n" SIGNATURE
             "hello" END),
        -1);
    CU_ASSERT_EQUAL(
        READ("--Encrypted Boundary\r\n"
             "OriginalContent: type=application/soap+xml;Length=5\r\n"
             "OriginalContent: type=application/soap+xml;Length=5\r\n"
             "--Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n" SIGNATURE
             "hello" END),
        -1);
    CU_ASSERT_EQUAL(
        READ("--Encrypted Boundary\r\n"
             "--Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n" SIGNATURE
             "hello" END),
        -1);
    CU_ASSERT_EQUAL(
        READ("--Encrypted Boundary\r\n"
             "OriginalContent: type=text/html;Length=5\r\n"
             "--Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n" SIGNATURE
             "hello" END),
        -1);
    CU_ASSERT_EQUAL(READ("--Encrypted Boundary\r\n"
                         "OriginalContent: type=application/soap+xml;Length=5\r\n" END),
                    -1);
}

/* Cut anywhere it is refused, and read within its bounds (a sanitizer looks on). */
static void test_cut(void)
{
    static const char body[] =
        HEAD("\t", "5") SIGNATURE "hello" HEAD("\t", "5") SIGNATURE "again" END;
    char out[200];
    bool tabs;

    CU_ASSERT_EQUAL(READ(body), 2);
    for (size_t len = 0; len < sizeof(body) - 3; len++)
        CU_ASSERT_EQUAL(read_all(TYPE, body, len, out, &tabs), -1);
}

static void test_write(void)
{
    struct sealed_form form = { "multipart/encrypted", "application/HTTP-SPNEGO-session-encrypted",
                                true };
    const struct bytes sign = { (const unsigned char *)"sign", 4 };
    const struct bytes data = { (const unsigned char *)"hello", 5 };
    struct strbuf type = STRBUF_INIT, body = STRBUF_INIT;
    static const char expected[] = HEAD("\t", "5") SIGNATURE "hello" END;
    char out[200];
    bool tabs;

    sealed_write_type(&type, &form);
    CU_ASSERT_STRING_EQUAL(strbuf_str(&type), TYPE);
    sealed_write(&body, &form, "application/soap+xml;charset=UTF-8", sign, data);
    CU_ASSERT_EQUAL(body.len, sizeof(expected) - 1);
    CU_ASSERT_EQUAL(memcmp(body.data, expected, sizeof(expected) - 1), 0);
    strbuf_free(&body);
    form.tabs = false;
    sealed_write(&body, &form, "application/soap+xml;charset=UTF-16", sign, data);
    CU_ASSERT_EQUAL(read_all(TYPE, body.data, body.len, out, &tabs), 1);
    CU_ASSERT_FALSE(tabs);
    strbuf_free(&body);
    strbuf_free(&type);
}

UNIT_MAIN({ "well-formed", test_good }, { "malformed", test_bad }, { "cut short", test_cut },
          { "written", test_write })
