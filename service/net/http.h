/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A strict reader of HTTP/1.1 request heads (RFC 9112) on a memory buffer; no sockets here. It
 * takes only what WS-Management clients send: POST, one of three paths, a body with a
 * Content-Length; and GET for the WSDL. What is ambiguous is refused, never repaired. Work is linear in the octets read,
 * however they come in; nothing is allocated. Threads: one at a time.
 */
#ifndef CIMSNAPD_NET_HTTP_H
#define CIMSNAPD_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>

enum http_outcome {
    HTTP_MORE,     /* the request is not here as a whole yet */
    HTTP_COMPLETE, /* head_len + body_len octets are one request; what follows is the next one */
    HTTP_REFUSED   /* answer with `status` and close: where the next request begins is not known */
};

enum http_path {
    HTTP_PATH_WSMAN,    /* /wsman and /wsman/ */
    HTTP_PATH_IDENTIFY, /* /wsman-anon/identify: needs no credentials (DSP0226, 11) */
    HTTP_PATH_WSDL,     /* /wsman?wsdl or /wsman?wsdl=CLASS, by GET */
};

struct http_limits {
    size_t head, body; /* octets */
};

/* Octets of the buffer, by distance from its start, so that the buffer may move. */
struct http_span {
    size_t at, len;
};

/* Zero before the first octet of a request. */
struct http_request {
    bool head_read; /* only then the next ones hold */
    enum http_path path;
    size_t head_len, body_len;
    bool keep_alive;
    bool expect_continue;
    bool has_authorization; /* the header is there, empty or not */
    bool identify;          /* WSMANIDENTIFY: unauthenticated (DSP0226, R11.3) */
    const char *charset;    /* "utf-8", "utf-16", or "" when nothing was said; a literal */
    bool sealed;            /* the body is encrypted: see net/sealed.h */
    struct http_span host, authorization, user_agent, content_type; /* len 0: not there */
    struct http_span class; /* of HTTP_PATH_WSDL */

    int status;         /* when refused */
    const char *reason; /* when refused: a literal, for the log */

    /* The reader's own. */
    size_t scanned, line_at;
    unsigned lines, seen;
    bool http10, length_over, get;
};

/* data..data+len is everything of this request that came in until now: what was there at the last
 * call and what was appended. Once head_read is true, data is not looked at any more. */
enum http_outcome http_read(struct http_request *request, const char *data, size_t len,
                            const struct http_limits *limits);

#endif
