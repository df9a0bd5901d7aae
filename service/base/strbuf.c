/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/strbuf.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *allocated(const struct strbuf *b)
{
    return b->data ? b->data - b->front : NULL;
}

bool strbuf_reserve(struct strbuf *b, size_t more)
{
    size_t cap = b->cap ? b->cap : 256;
    char *data;

    if (b->failed)
        return false;
    if (more > (size_t)-1 / 4 - b->len - b->front) {
        b->failed = true;
        return false;
    }
    if (b->len + more + 1 <= b->cap)
        return true;
    while (cap < b->len + more + 1)
        cap *= 2;
    data = realloc(allocated(b), b->front + cap);
    if (!data) {
        b->failed = true;
        return false;
    }
    b->data = data + b->front;
    b->cap = cap;
    return true;
}

void strbuf_add_grown(struct strbuf *b, const char *data, size_t len)
{
    if (strbuf_reserve(b, len))
        strbuf_add(b, data, len);
}

void strbuf_printf(struct strbuf *b, const char *fmt, ...)
{
    va_list args, again;
    int n;

    if (!strbuf_reserve(b, 0))
        return;
    va_start(args, fmt);
    va_copy(again, args);
    n = vsnprintf(b->data + b->len, b->cap - b->len, fmt, args);
    if (n < 0) {
        b->failed = true;
    } else if ((size_t)n < b->cap - b->len) {
        b->len += (size_t)n;
    } else if (strbuf_reserve(b, (size_t)n)) {
        vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
    va_end(args);
}

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* What an octet below 0x80 becomes; NULL when it stays. */
static const char *xml_entity(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\r':
        return "&#13;";
    case '\n':
        return "&#10;";
    case '\t':
        return "&#9;";
    default:
        return c < 0x20 ? REPLACEMENT : NULL;
    }
}

/* Octets that always stay, up to the first that may not, or a NUL. */
static size_t xml_plain(const char *text, size_t len)
{
    static const bool special[256] = {
        [0 ... 0x1f] = true, ['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, [0x80 ... 0xff] = true,
    };
    size_t i = 0;

    while (i < len && !special[(unsigned char)text[i]])
        i++;
    return i;
}

void strbuf_xml_n(struct strbuf *b, const char *text, size_t len)
{
    size_t start = 0, i = 0;

    while ((i += xml_plain(text + i, len - i)) < len) {
        uint32_t code = (unsigned char)text[i];
        size_t n = code < 0x80 ? 1 : utf8_next(text + i, len - i, &code);
        const char *instead = NULL;
        if (code < 0x80)
            instead = xml_entity((unsigned char)code);
        else if (n == 0 || !utf8_is_xml_char(code))
            instead = REPLACEMENT;
        if (instead) {
            strbuf_add(b, text + start, i - start);
            strbuf_puts(b, instead);
            start = i + (n ? n : 1);
        }
        i += n ? n : 1;
    }
    strbuf_add(b, text + start, len - start);
}

void strbuf_xml(struct strbuf *b, const char *text)
{
    size_t plain = xml_plain(text, (size_t)-1);

    strbuf_add(b, text, plain);
    if (text[plain])
        strbuf_xml_n(b, text + plain, strlen(text + plain));
}

bool strbuf_precede(struct strbuf *b, const char *text, size_t len)
{
    if (!b->data || b->front < len)
        return false;
    b->data -= len;
    b->front -= len;
    b->len += len;
    b->cap += len;
    memcpy(b->data, text, len);
    return true;
}

void strbuf_insert(struct strbuf *b, size_t at, const char *text)
{
    size_t len = strlen(text);

    if (!strbuf_reserve(b, len))
        return;
    memmove(b->data + at + len, b->data + at, b->len - at);
    memcpy(b->data + at, text, len);
    b->len += len;
    b->data[b->len] = '\0';
}

void strbuf_truncate(struct strbuf *b, size_t len)
{
    if (!b->data || len >= b->len)
        return;
    b->len = len;
    b->data[len] = '\0';
}

bool strbuf_ok(const struct strbuf *b)
{
    return !b->failed;
}

const char *strbuf_str(const struct strbuf *b)
{
    return b->data ? b->data : "";
}

char *strbuf_steal(struct strbuf *b)
{
    char *data;

    strbuf_add(b, "", 0);
    if (b->failed) {
        strbuf_free(b);
        return NULL;
    }
    data = memmove(allocated(b), b->data, b->len + 1);
    *b = (struct strbuf)STRBUF_INIT;
    return data;
}

void strbuf_free(struct strbuf *b)
{
    free(allocated(b));
    *b = (struct strbuf)STRBUF_INIT;
}
