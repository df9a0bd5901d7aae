/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/reply.h"

#include "base/put.h"
#include "net/server.h"

#include <string.h>
#include <time.h>

struct row {
    int status;
    const char *phrase;
    const char *header; /* a whole line, or "" */
    const char *text;
};

static const struct row rows[] = {
    { 200, "OK", "", "" },
    { 400, "Bad Request", "", "The request is not valid HTTP/1.1." },
    { 401, "Unauthorized", "", "This service needs valid credentials." },
    { 403, "Forbidden", "", "On this port only encrypted messages are accepted." },
    { 404, "Not Found", "", "The service is at /wsman; /wsman?wsdl=CLASS is the WSDL of a class of it." },
    { 405, "Method Not Allowed", "Allow: POST, GET\r\n", "Messages come by POST to /wsman, the WSDL by GET of /wsman?wsdl." },
    { 408, "Request Timeout", "", "The request did not arrive in time." },
    { 411, "Length Required", "", "A Content-Length is needed." },
    { 413, "Content Too Large", "", "The request body is larger than this service accepts." },
    { 414, "URI Too Long", "", "The request line is longer than this service accepts." },
    { 415, "Unsupported Media Type", "",
      "Only application/soap+xml in UTF-8 or UTF-16 is supported." },
    { 417, "Expectation Failed", "", "Only Expect: 100-continue is supported." },
    { 431, "Request Header Fields Too Large", "",
      "The request head is larger than this service accepts." },
    { 500, "Internal Server Error", "", "The service met an internal error." },
    { 501, "Not Implemented", "", "Transfer-Encoding is not supported." },
    { 503, "Service Unavailable", "Retry-After: 1\r\n", "The service is busy; try again." },
    { 505, "HTTP Version Not Supported", "", "Only HTTP/1.1 is supported." },
};

/* A status without a row is the service's own mistake. */
static const struct row *row_of(int status)
{
    const struct row *internal = NULL;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].status == status)
            return &rows[i];
        if (rows[i].status == 500)
            internal = &rows[i];
    }
    return internal;
}

/* Now, as HTTP writes it; written once a second in each thread. */
static const char *date_now(void)
{
    static _Thread_local char date[40];
    static _Thread_local time_t written;
    time_t now = time(NULL);
    struct tm tm;

    if (now != written || !date[0]) {
        gmtime_r(&now, &tm);
        strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
        written = now;
    }
    return date;
}

static void put_head(struct strbuf *out, const struct reply_head *head, size_t length)
{
    const struct row *row = row_of(head->status);
    char status[PUT_NUMBER];
    const char *const parts[] = {
        "HTTP/1.1 ", put_number(status, (unsigned long)row->status), " ", row->phrase, "\r\nServer: cimsnapd\r\nDate: ", date_now(), "\r\n", row->header,
        head->challenges ? strbuf_str(head->challenges) : "",
        head->keep_alive ? "" : "Connection: close\r\n",
        head->type ? "Content-Type: " : "", head->type ? head->type : "", head->type ? "\r\n" : "",
    };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        strbuf_puts(out, parts[i]);
    if (head->challenges && !strbuf_ok(head->challenges))
        out->failed = true;
    strbuf_printf(out, "Content-Length: %zu\r\n\r\n", length);
}

void reply_body(struct strbuf *out, const struct reply_head *head, struct strbuf *body)
{
    struct strbuf text = STRBUF_INIT;

    strbuf_reserve(&text, NET_HEAD_ROOM);
    put_head(&text, head, body->len);
    if (strbuf_ok(&text) && strbuf_precede(body, text.data, text.len)) {
        *out = *body;
        *body = (struct strbuf)STRBUF_INIT;
    } else {
        *out = text;
        text = (struct strbuf)STRBUF_INIT;
        strbuf_add(out, strbuf_str(body), body->len);
    }
    strbuf_free(&text);
}

const char *reply_envelope_type(bool utf16)
{
    return utf16 ? "application/soap+xml;charset=UTF-16" : "application/soap+xml;charset=UTF-8";
}

void reply_text(struct strbuf *out, const struct reply_head *head)
{
    struct reply_head mine = *head;
    struct strbuf text = STRBUF_INIT;

    mine.type = "text/plain;charset=UTF-8";
    strbuf_printf(&text, "%s\n", row_of(head->status)->text);
    if (!strbuf_ok(&text))
        out->failed = true;
    reply_body(out, &mine, &text);
    strbuf_free(&text);
}

void reply_continue(struct strbuf *out)
{
    strbuf_puts(out, "HTTP/1.1 100 Continue\r\n\r\n");
}
