/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/http.h"

#include "net/media.h"
#include "base/token.h"

#include <string.h>
#include <strings.h>

enum { HEADERS_MAX = 100, URI_MAX = 1024 };

/* Set in http_request.seen. */
enum seen {
    SEEN_HOST = 1 << 0,
    SEEN_LENGTH = 1 << 1,
    SEEN_TRANSFER = 1 << 2,
    SEEN_TYPE = 1 << 3,
    SEEN_AUTHORIZATION = 1 << 4,
    SEEN_EXPECT = 1 << 5,
    SEEN_IDENTIFY = 1 << 6,
    SEEN_AGENT = 1 << 7,
};

static int refuse(struct http_request *r, int status, const char *reason)
{
    r->status = status;
    r->reason = reason;
    return -1;
}

/* The header fields that mean something here. A row with a bit in `once` may be there once only. */

static int on_host(struct http_request *r, struct token value)
{
    /* Which name the client used makes no difference; that it is none at all does. */
    if (value.len == 0 || token_span(value, " \t,/\\@?#\"<>") != value.len)
        return refuse(r, 400, "bad Host");
    return 0;
}

static int on_length(struct http_request *r, struct token value)
{
    size_t length = 0;

    if (value.len == 0)
        return refuse(r, 400, "bad Content-Length");
    for (size_t i = 0; i < value.len; i++) {
        if (value.text[i] < '0' || value.text[i] > '9')
            return refuse(r, 400, "bad Content-Length");
        if (length > (size_t)-1 / 100)
            r->length_over = true;
        else
            length = length * 10 + (size_t)(value.text[i] - '0');
    }
    r->body_len = length;
    return 0;
}

static int on_transfer_encoding(struct http_request *r, struct token value)
{
    (void)r;
    (void)value;
    return 0; /* judged with the whole head: beside a Content-Length it is an attack */
}

static int on_content_type(struct http_request *r, struct token value)
{
    struct media_type media;

    switch (media_parse(value, &media)) {
    case MEDIA_OK:
        r->charset = media.charset;
        return 0;
    case MEDIA_SEALED:
        r->sealed = true;
        return 0;
    case MEDIA_MALFORMED:
        return refuse(r, 400, "malformed Content-Type");
    default:
        return refuse(r, 415, "Content-Type is not SOAP in UTF-8 or UTF-16");
    }
}

static int on_content_encoding(struct http_request *r, struct token value)
{
    return token_is(value, "identity") ? 0 : refuse(r, 415, "Content-Encoding is not supported");
}

static int on_expect(struct http_request *r, struct token value)
{
    if (!token_is(value, "100-continue"))
        return refuse(r, 417, "Expect is not 100-continue");
    r->expect_continue = true;
    return 0;
}

static int on_connection(struct http_request *r, struct token value)
{
    struct token option;

    while (token_list_next(&value, &option))
        if (token_is(option, "close"))
            r->keep_alive = false;
    return 0;
}

static int on_identify(struct http_request *r, struct token value)
{
    r->identify = token_is(value, "unauthenticated");
    return 0;
}

static int on_authorization(struct http_request *r, struct token value)
{
    (void)value;
    r->has_authorization = true;
    return 0;
}

static const struct header {
    const char *name;
    unsigned once;
    int (*read)(struct http_request *r, struct token value); /* or NULL */
    size_t keep;                                             /* the span to be kept, or 0 */
} headers[] = {
    { "Host", SEEN_HOST, on_host, offsetof(struct http_request, host) },
    { "Content-Length", SEEN_LENGTH, on_length, 0 },
    { "Transfer-Encoding", SEEN_TRANSFER, on_transfer_encoding, 0 },
    { "Content-Type", SEEN_TYPE, on_content_type, offsetof(struct http_request, content_type) },
    { "Content-Encoding", 0, on_content_encoding, 0 },
    { "Expect", SEEN_EXPECT, on_expect, 0 },
    { "Connection", 0, on_connection, 0 },
    { "WSMANIDENTIFY", SEEN_IDENTIFY, on_identify, 0 },
    { "Authorization", SEEN_AUTHORIZATION, on_authorization,
      offsetof(struct http_request, authorization) },
    { "User-Agent", SEEN_AGENT, NULL, offsetof(struct http_request, user_agent) },
};

static const struct header *header_find(struct token name)
{
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        if (token_is(name, headers[i].name))
            return &headers[i];
    return NULL;
}

static int read_header(struct http_request *r, const char *data, struct token line)
{
    const struct header *header;
    struct token name, value;

    if (line.text[0] == ' ' || line.text[0] == '\t')
        return refuse(r, 400, "folded header");
    if (r->lines > HEADERS_MAX)
        return refuse(r, 431, "too many headers");
    name = (struct token){ line.text, token_name_length(line) };
    if (name.len == 0 || name.len == line.len || line.text[name.len] != ':')
        return refuse(r, 400, "malformed header");
    value = token_trim((struct token){ line.text + name.len + 1, line.len - name.len - 1 });
    header = header_find(name);
    if (!header)
        return 0;
    if (r->seen & header->once)
        return refuse(r, 400, "a header is there twice");
    r->seen |= header->once;
    if (header->read && header->read(r, value) < 0)
        return -1;
    if (!header->keep)
        return 0;
    *(struct http_span *)(void *)((char *)r + header->keep) =
        (struct http_span){ (size_t)(value.text - data), value.len };
    return 0;
}

static int read_version(struct http_request *r, struct token version)
{
    if (version.len != 8 || memcmp(version.text, "HTTP/", 5) != 0 || version.text[6] != '.' ||
        version.text[5] < '0' || version.text[5] > '9' || version.text[7] < '0' ||
        version.text[7] > '9')
        return refuse(r, 400, "malformed request line");
    if (version.text[5] != '1')
        return refuse(r, 505, "not HTTP/1");
    r->http10 = version.text[7] == '0';
    r->keep_alive = !r->http10;
    return 0;
}

static int read_target(struct http_request *r, const char *data, struct token target)
{
    static const struct {
        const char *path;
        enum http_path value;
        bool more; /* what comes after it is the name of a class */
    } paths[] = {
        { "/wsman", HTTP_PATH_WSMAN, false },
        { "/wsman/", HTTP_PATH_WSMAN, false },
        { "/wsman-anon/identify", HTTP_PATH_IDENTIFY, false },
        { "/wsman?wsdl", HTTP_PATH_WSDL, false },
        { "/wsman?WSDL", HTTP_PATH_WSDL, false },
        { "/wsman?wsdl=", HTTP_PATH_WSDL, true },
    };

    if (target.len == 0 || target.text[0] != '/')
        return refuse(r, 400, "the request target is not a path");
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        size_t len = strlen(paths[i].path);
        if (target.len < len || (target.len > len && !paths[i].more) ||
            memcmp(target.text, paths[i].path, len) != 0)
            continue;
        r->path = paths[i].value;
        r->class = (struct http_span){ (size_t)(target.text - data) + len, target.len - len };
        if (r->get != (r->path == HTTP_PATH_WSDL))
            return refuse(r, 405, "not the method of this path");
        return 0;
    }
    return refuse(r, 404, "no such path");
}

static int read_method(struct http_request *r, struct token method)
{
    r->get = method.len == 3 && memcmp(method.text, "GET", 3) == 0;
    if (r->get || (method.len == 4 && memcmp(method.text, "POST", 4) == 0))
        return 0;
    return refuse(r, 405, "neither POST nor GET");
}

static int read_request_line(struct http_request *r, const char *data, struct token line)
{
    struct token method, target, version;

    if (line.len > URI_MAX)
        return refuse(r, 414, "request line too long");
    method = (struct token){ line.text, token_name_length(line) };
    if (method.len == 0 || method.len == line.len || line.text[method.len] != ' ')
        return refuse(r, 400, "malformed request line");
    target.text = method.text + method.len + 1;
    target.len = token_span((struct token){ target.text, line.len - method.len - 1 }, " \t");
    if (method.len + 1 + target.len == line.len || target.text[target.len] != ' ')
        return refuse(r, 400, "malformed request line");
    version.text = target.text + target.len + 1;
    version.len = line.len - method.len - target.len - 2;
    if (read_version(r, version) < 0 || read_method(r, method) < 0)
        return -1;
    return read_target(r, data, target);
}

/* What only the whole head tells. */
static int judge_head(struct http_request *r, const struct http_limits *limits)
{
    bool length = r->seen & SEEN_LENGTH, transfer = r->seen & SEEN_TRANSFER;

    if (!(r->seen & SEEN_HOST) && !r->http10)
        return refuse(r, 400, "Host is missing");
    if (length && transfer)
        return refuse(r, 400, "Content-Length beside Transfer-Encoding");
    if (transfer)
        return refuse(r, 501, "Transfer-Encoding is not supported");
    if (!length && !r->get)
        return refuse(r, 411, "Content-Length is missing");
    if (r->get && r->body_len)
        return refuse(r, 400, "a GET with a body");
    if (r->length_over || r->body_len > limits->body)
        return refuse(r, 413, "body over the limit");
    if (r->http10)
        r->expect_continue = false; /* RFC 9110, 10.1.1 */
    r->head_read = true;
    return 0;
}

static int read_line(struct http_request *r, const char *data, const struct http_limits *limits)
{
    struct token line = { data + r->line_at, r->scanned - r->line_at - 2 };

    r->line_at = r->scanned;
    if (r->lines++ == 0)
        return read_request_line(r, data, line);
    if (line.len > 0)
        return read_header(r, data, line);
    r->head_len = r->scanned;
    return judge_head(r, limits);
}

static bool after_cr(const struct http_request *r, const char *data)
{
    return r->scanned > r->line_at && data[r->scanned - 1] == '\r';
}

/* Looks at one octet; every line ends with CR LF and holds no other control character. */
static int scan(struct http_request *r, const char *data, const struct http_limits *limits)
{
    unsigned char c = (unsigned char)data[r->scanned];

    if (r->scanned >= limits->head)
        return refuse(r, r->lines ? 431 : 414, "request head over the limit");
    if (after_cr(r, data) != (c == '\n'))
        return refuse(r, 400, "a line does not end with CR LF");
    if ((c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f)
        return refuse(r, 400, "control character in the request head");
    r->scanned++;
    return c == '\n' ? read_line(r, data, limits) : 0;
}

/* Over what scan() has nothing to say about, which is most of a head. */
static void skip_plain(struct http_request *r, const char *data, size_t len, const struct http_limits *limits)
{
    static const bool plain[256] = { [' ' ... '~'] = true, [0x80 ... 0xff] = true };
    size_t end = len < limits->head ? len : limits->head;

    if (after_cr(r, data))
        return;
    while (r->scanned < end && plain[(unsigned char)data[r->scanned]])
        r->scanned++;
}

enum http_outcome http_read(struct http_request *request, const char *data, size_t len,
                            const struct http_limits *limits)
{
    if (!request->charset)
        request->charset = "";
    while (!request->head_read && !request->status && request->scanned < len) {
        skip_plain(request, data, len, limits);
        if (request->scanned < len)
            scan(request, data, limits);
    }
    if (request->status)
        return HTTP_REFUSED;
    if (!request->head_read || len - request->head_len < request->body_len)
        return HTTP_MORE;
    return HTTP_COMPLETE;
}
