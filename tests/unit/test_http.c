/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/http.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

static const struct http_limits limits = { 2048, 100 };

#define HEAD(more) "POST /wsman HTTP/1.1\r\nHost: h\r\n" more "\r\n"
#define FULL(more) HEAD("Content-Length: 2\r\n" more) "hi"

/* The whole text at once, from memory of its very size, so that a sanitizer sees one octet too far.
 */
static enum http_outcome read_all(struct http_request *r, const char *text, size_t len)
{
    char *data = malloc(len ? len : 1);
    enum http_outcome outcome = HTTP_MORE;

    memset(r, 0, sizeof(*r));
    if (data) {
        memcpy(data, text, len);
        outcome = http_read(r, data, len, &limits);
    }
    free(data);
    return outcome;
}

static bool span_is(struct http_span span, const char *data, const char *text)
{
    return span.len == strlen(text) && memcmp(data + span.at, text, span.len) == 0;
}

static void test_whole(void)
{
    static const char text[] =
        FULL("Authorization: Basic YTpi\r\nuser-agent:\t libvirt/9 \r\nContent-Type: "
             "application/soap+xml;charset=UTF-8\r\nX-Other: \xe9\r\n") "POST";
    struct http_request r;

    CU_ASSERT_EQUAL(read_all(&r, text, sizeof(text) - 1), HTTP_COMPLETE);
    CU_ASSERT_EQUAL(r.path, HTTP_PATH_WSMAN);
    CU_ASSERT_EQUAL(r.body_len, 2);
    CU_ASSERT_EQUAL(r.head_len + r.body_len, sizeof(text) - 1 - 4);
    CU_ASSERT_TRUE(r.keep_alive);
    CU_ASSERT_FALSE(r.expect_continue);
    CU_ASSERT_FALSE(r.identify);
    CU_ASSERT_STRING_EQUAL(r.charset, "utf-8");
    CU_ASSERT_TRUE(span_is(r.authorization, text, "Basic YTpi"));
    CU_ASSERT_TRUE(span_is(r.user_agent, text, "libvirt/9"));
}

/* Cut at every place, and octet by octet: always the same end. */
static void test_pieces(void)
{
    static const char text[] = FULL("Expect: 100-Continue\r\n");
    struct http_request r;

    for (size_t cut = 0; cut < sizeof(text) - 1; cut++) {
        CU_ASSERT_EQUAL(read_all(&r, text, cut), HTTP_MORE);
        CU_ASSERT_EQUAL(r.head_read, cut >= sizeof(text) - 1 - 2);
        CU_ASSERT_EQUAL(http_read(&r, text, sizeof(text) - 1, &limits), HTTP_COMPLETE);
    }
    memset(&r, 0, sizeof(r));
    for (size_t len = 1; len < sizeof(text) - 1; len++)
        CU_ASSERT_EQUAL(http_read(&r, text, len, &limits), HTTP_MORE);
    CU_ASSERT_TRUE(r.expect_continue);
    CU_ASSERT_EQUAL(http_read(&r, text, sizeof(text) - 1, &limits), HTTP_COMPLETE);
}

static void test_wsdl(void)
{
    static const char *const classes[] = { "", "=", "=Msvm_X" };

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        struct http_request r = { 0 };
        char text[128];
        int len = snprintf(text, sizeof(text), "GET /wsman?wsdl%s HTTP/1.1\r\nHost: h:1\r\n\r\n", classes[i]);
        CU_ASSERT_EQUAL(http_read(&r, text, (size_t)len, &limits), HTTP_COMPLETE);
        CU_ASSERT_EQUAL(r.path, HTTP_PATH_WSDL);
        CU_ASSERT_EQUAL(r.head_len, (size_t)len);
        CU_ASSERT_EQUAL(r.class.len, i == 2 ? 6 : 0);
        CU_ASSERT_NSTRING_EQUAL(text + r.class.at, "Msvm_X", r.class.len);
        CU_ASSERT_NSTRING_EQUAL(text + r.host.at, "h:1", r.host.len);
    }
}

struct refusal {
    int status;
    const char *text;
};

static const struct refusal refusals[] = {
    /* request line */
    { 400, "\r\n" },
    { 400, "POST\r\n" },
    { 400, "POST /wsman\r\n" },
    { 400, "POST  /wsman HTTP/1.1\r\n" },
    { 400, "POST /wsman  HTTP/1.1\r\n" },
    { 400, "POST /wsman HTTP/1.1 \r\n" },
    { 400, "POST /wsman HTTP/1.x\r\n" },
    { 400, "POST /wsman http/1.1\r\n" },
    { 400, "POST\t/wsman HTTP/1.1\r\n" },
    { 400, " POST /wsman HTTP/1.1\r\n" },
    { 400, "P(ST /wsman HTTP/1.1\r\n" },
    { 400, "POST https://h/wsman HTTP/1.1\r\n" },
    { 400, "POST * HTTP/1.1\r\n" },
    { 505, "POST /wsman HTTP/2.0\r\n" },
    { 505, "PRI * HTTP/2.0\r\n" },
    { 505, "POST /wsman HTTP/0.9\r\n" },
    { 405, "GET /wsman HTTP/1.1\r\n" },
    { 405, "post /wsman HTTP/1.1\r\n" },
    { 405, "POSTS /wsman HTTP/1.1\r\n" },
    { 405, "GET /wsman-anon/identify HTTP/1.1\r\n" },
    { 405, "POST /wsman?wsdl HTTP/1.1\r\n" },
    { 405, "HEAD /wsman?wsdl HTTP/1.1\r\n" },
    { 404, "GET /wsman?wsdlx HTTP/1.1\r\n" },
    { 404, "GET /wsman?wsdl&x HTTP/1.1\r\n" },
    { 400, "GET /wsman?wsdl HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n" },
    { 501, "GET /wsman?wsdl HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" },
    { 404, "POST / HTTP/1.1\r\n" },
    { 404, "POST /wsmanx HTTP/1.1\r\n" },
    { 404, "POST /wsman?x HTTP/1.1\r\n" },
    { 404, "POST //wsman HTTP/1.1\r\n" },
    { 404, "POST /WSMAN HTTP/1.1\r\n" },
    { 404, "POST /wsman/../etc HTTP/1.1\r\n" },
    { 404, "POST /wsman-anon HTTP/1.1\r\n" },
    /* line ends and control characters */
    { 400, "POST /wsman HTTP/1.1\n" },
    { 400, "POST /wsman HTTP/1.1\rHost" },
    { 400, "POST /wsman HTTP/1.1\r\nHost: h\n" },
    { 400, "POST /wsman HTTP/1.1\r\nHost: h\r\r\n" },
    { 400, "POST /wsman HTTP/1.1\r\nHost: h\r\n\n" },
    { 400, "POST /wsman HTTP/1.1\r\nX: a\001b\r\n" },
    { 400, "POST /wsman HTTP/1.1\r\nX: a\177b\r\n" },
    /* header syntax */
    { 400, "POST /wsman HTTP/1.1\r\n Host: h\r\n" },
    { 400, HEAD("X: 1\r\n 2\r\n") },
    { 400, HEAD("Host : h\r\n") },
    { 400, HEAD("X Y: h\r\n") },
    { 400, HEAD("nocolon\r\n") },
    { 400, HEAD(": value\r\n") },
    /* doubled and missing */
    { 400, HEAD("Host: h\r\n") },
    { 400, "POST /wsman HTTP/1.1\r\nContent-Length: 2\r\n\r\n" },
    { 400, "POST /wsman HTTP/1.1\r\nHost:\r\nContent-Length: 2\r\n\r\n" },
    { 400, "POST /wsman HTTP/1.1\r\nHost: a, b\r\n" },
    { 400, "POST /wsman HTTP/1.1\r\nHost: a/b\r\n" },
    { 400, HEAD("Content-Length: 2\r\nContent-Length: 2\r\n") },
    { 400, HEAD("Authorization: Basic a\r\nauthorization: Basic a\r\n") },
    { 400, HEAD("Content-Type: text/xml\r\nContent-Type: text/xml\r\n") },
    /* lengths */
    { 411, HEAD("") },
    { 400, HEAD("Content-Length:\r\n") },
    { 400, HEAD("Content-Length: +2\r\n") },
    { 400, HEAD("Content-Length: -2\r\n") },
    { 400, HEAD("Content-Length: 2, 2\r\n") },
    { 400, HEAD("Content-Length: 0x2\r\n") },
    { 400, HEAD("Content-Length: 2 2\r\n") },
    { 413, HEAD("Content-Length: 101\r\n") },
    { 413, HEAD("Content-Length: 18446744073709551618\r\n") },
    { 413, HEAD("Content-Length: 99999999999999999999999999999999999\r\n") },
    { 400, HEAD("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n") },
    { 400, HEAD("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n") },
    { 501, HEAD("Transfer-Encoding: chunked\r\n") },
    { 501, HEAD("Transfer-Encoding: identity\r\n") },
    /* kinds */
    { 415, HEAD("Content-Type: text/html\r\n") },
    { 415, HEAD("Content-Type: application/soap+xmls\r\n") },
    { 415, HEAD("Content-Type:\r\n") },
    { 415, HEAD("Content-Type: text/xml; charset=iso-8859-1\r\n") },
    { 415, HEAD("Content-Type: text/xml; charset=\"utf-7\"\r\n") },
    { 415, HEAD("Content-Type: multipart/mixed;boundary=\"Encrypted Boundary\"\r\n") },
    { 415, HEAD("Content-Type: multipart/encrypted;boundary=\"a\";protocol=\"application/"
                "HTTP-CredSSP-session-encrypted\"\r\n") },
    { 400, HEAD("Content-Type: multipart/encrypted;boundary=\"Encrypted Boundary\"\r\n") },
    { 400, HEAD("Content-Type: multipart/encrypted;boundary=\"\";protocol=\"application/"
                "HTTP-SPNEGO-session-encrypted\"\r\n") },
    { 400, HEAD("Content-Type: multipart/encrypted;protocol=\"application/"
                "HTTP-SPNEGO-session-encrypted\"\r\n") },
    { 400, HEAD("Content-Type: text/xml; charset=utf-8; charset=utf-16\r\n") },
    { 400, HEAD("Content-Type: text/xml; charset\r\n") },
    { 400, HEAD("Content-Type: text/xml; charset=\r\n") },
    { 400, HEAD("Content-Type: text/xml; charset=\"utf-8\r\n") },
    { 400, HEAD("Content-Type: text/xml; charset=\"utf-8\\\r\n") },
    { 400, HEAD("Content-Type: text/xml; a=b c=d\r\n") },
    { 415, HEAD("Content-Encoding: gzip\r\n") },
    { 417, HEAD("Expect: 200-ok\r\n") },
};

static void test_refusals(void)
{
    struct http_request r;

    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        const struct refusal *c = &refusals[i];
        enum http_outcome outcome = read_all(&r, c->text, strlen(c->text));
        if (outcome != HTTP_REFUSED || r.status != c->status)
            printf("%zu: %d %s\n%s", i, r.status, r.reason ? r.reason : "", c->text);
        CU_ASSERT_EQUAL(outcome, HTTP_REFUSED);
        CU_ASSERT_EQUAL(r.status, c->status);
        CU_ASSERT_PTR_NOT_NULL(r.reason);
        CU_ASSERT_EQUAL(http_read(&r, c->text, strlen(c->text), &limits), HTTP_REFUSED);
    }
    CU_ASSERT_EQUAL(read_all(&r, "PO\0T /", 6), HTTP_REFUSED);
    CU_ASSERT_EQUAL(r.status, 400);
}

static void test_limits(void)
{
    struct http_request r;
    char text[4096];
    size_t head = strlen(HEAD("Content-Length: 0\r\nX: \r\n"));

    /* The head may be as large as the limit, and no octet larger. */
    for (size_t more = 0; more < 2; more++) {
        char filler[2049] = "";
        memset(filler, 'a', limits.head - head + more);
        snprintf(text, sizeof(text), HEAD("Content-Length: 0\r\nX: %s\r\n"), filler);
        CU_ASSERT_EQUAL(read_all(&r, text, strlen(text)), more ? HTTP_REFUSED : HTTP_COMPLETE);
        CU_ASSERT_EQUAL(r.status, more ? 431 : 0);
    }
    memset(text, 'a', sizeof(text));
    CU_ASSERT_EQUAL(read_all(&r, text, sizeof(text)), HTTP_REFUSED);
    CU_ASSERT_EQUAL(r.status, 414);
    memcpy(text, "POST /", 6);
    memcpy(text + 1500, " HTTP/1.1\r\n", 11);
    CU_ASSERT_EQUAL(read_all(&r, text, 1511), HTTP_REFUSED);
    CU_ASSERT_EQUAL(r.status, 414);
    CU_ASSERT_EQUAL(
        read_all(&r, HEAD("Content-Length: 100\r\n"), strlen(HEAD("Content-Length: 100\r\n"))),
        HTTP_MORE);
    CU_ASSERT_TRUE(r.head_read);
}

static void test_many_headers(void)
{
    struct http_request r;
    char text[2048] = "POST /wsman HTTP/1.1\r\n";

    for (int i = 0; i < 101; i++)
        memcpy(text + strlen(text), "a:b\r\n", 6);
    CU_ASSERT_EQUAL(read_all(&r, text, strlen(text)), HTTP_REFUSED);
    CU_ASSERT_EQUAL(r.status, 431);
}

static void test_flags(void)
{
    static const struct {
        const char *text;
        bool keep_alive, expect, identify;
        const char *charset;
    } cases[] = {
        { FULL(""), true, false, false, "" },
        { FULL("Connection: close\r\n"), false, false, false, "" },
        { FULL("Connection: a ,, Close\r\n"), false, false, false, "" },
        { FULL("Connection: closed, keep-alive\r\n"), true, false, false, "" },
        { FULL("Connection: TE\r\nConnection: close\r\n"), false, false, false, "" },
        { "POST /wsman/ HTTP/1.0\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n", false,
          false, false, "" },
        { FULL("Expect: 100-continue\r\n"), true, true, false, "" },
        { FULL("wsmanidentify: Unauthenticated\r\n"), true, false, true, "" },
        { FULL("wsmanidentify: no\r\n"), true, false, false, "" },
        { FULL("Content-Type: TEXT/XML ; Charset=\"UTF-16\"; a=\"x;\\\"y\" \r\n"), true, false,
          false, "utf-16" },
        { FULL("Content-Type: application/xml;\r\n"), true, false, false, "" },
        { FULL("Content-Encoding: identity\r\n"), true, false, false, "" },
    };
    static const char identify[] =
        "POST /wsman-anon/identify HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n";
    struct http_request r;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CU_ASSERT_EQUAL(read_all(&r, cases[i].text, strlen(cases[i].text)), HTTP_COMPLETE);
        CU_ASSERT_EQUAL(r.keep_alive, cases[i].keep_alive);
        CU_ASSERT_EQUAL(r.expect_continue, cases[i].expect);
        CU_ASSERT_EQUAL(r.identify, cases[i].identify);
        CU_ASSERT_STRING_EQUAL(r.charset, cases[i].charset);
    }
    CU_ASSERT_EQUAL(read_all(&r, identify, strlen(identify)), HTTP_COMPLETE);
    CU_ASSERT_EQUAL(r.path, HTTP_PATH_IDENTIFY);
}

/* Damaged requests: whatever becomes of one, it is the same in one piece and octet by octet. */
static void test_damaged(void)
{
    static const char good[] = FULL("Authorization: Basic YTpi\r\nContent-Type: text/xml; "
                                    "charset=\"utf-8\"\r\nConnection: close\r\n");
    static const char spice[] = "\r\n\t :;,=\"\\/\0\x7f\x80"
                                "Aa0.";
    unsigned random = 1, refused = 0;

    for (int round = 0; round < 20000; round++) {
        struct http_request one, many = { 0 };
        enum http_outcome outcome, again = HTTP_MORE;
        char text[sizeof(good)];

        memcpy(text, good, sizeof(good));
        for (int i = 0; i <= round % 3; i++) {
            random = random * 1664525u + 1013904223u;
            text[(random >> 8) % (sizeof(good) - 1)] = spice[(random >> 24) % sizeof(spice)];
        }
        outcome = read_all(&one, text, sizeof(text) - 1);
        for (size_t len = 1; len < sizeof(text) && again == HTTP_MORE; len++)
            again = http_read(&many, text, len, &limits);
        CU_ASSERT_EQUAL(outcome, again);
        CU_ASSERT_EQUAL(one.status, many.status);
        refused += outcome == HTTP_REFUSED;
    }
    CU_ASSERT_TRUE(refused > 5000 && refused < 20000);
}

UNIT_MAIN({ "a whole request and what follows it", test_whole },
          { "a request in pieces", test_pieces }, { "GET of the WSDL", test_wsdl },
          { "what is refused, and how", test_refusals },
          { "limits to the octet", test_limits }, { "too many headers", test_many_headers },
          { "flags, types and paths", test_flags }, { "damaged requests", test_damaged })
