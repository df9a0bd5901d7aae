/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/lex.h"

#include "base/utf8.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    NAME_MOST = 255,     /* gSOAP cuts names at 1023 octets, wherever that is */
    REFERENCE_MOST = 8,  /* octets of a character reference that gSOAP reads right */
};

int lex_refuse(struct lex *l, enum error_code code, const char *what)
{
    return error_set(l->err, code, "%s (at octet %zu of the request).", what,
                     (size_t)(l->p - l->start) + 1);
}

int lex_malformed(struct lex *l, const char *what)
{
    return lex_refuse(l, ERR_SCHEMA, what);
}

void lex_replace(struct lex *l, const char *from, const char *text, size_t len)
{
    const char *begin = l->copied ? l->copied : l->start;

    strbuf_add(l->tidy, begin, (size_t)(from - begin));
    strbuf_add(l->tidy, text, len);
    l->copied = l->p;
}

/* The same character, but short. What means something in XML stays a reference. */
static void shorten_reference(struct lex *l, const char *from, uint32_t code)
{
    char text[8];
    size_t len;

    if (l->p - from <= REFERENCE_MOST)
        return;
    if (code < 0x80)
        len = (size_t)snprintf(text, sizeof(text), "&#%u;", (unsigned)code & 0x7F);
    else
        len = utf8_put(code, text);
    lex_replace(l, from, text, len);
}

void lex_skip_plain(struct lex *l)
{
    static const bool plain[256] = {
        ['\t' ... '\n'] = true, [' ' ... '!'] = true,   ['#' ... '%'] = true,
        ['(' ... ';'] = true,   ['=' ... '\\'] = true, ['^' ... '~'] = true,
    };

    while (l->p < l->end && plain[(unsigned char)*l->p])
        l->p++;
}

int lex_char(struct lex *l)
{
    uint32_t code;
    size_t n;

    if (*l->p == '\r') { /* XML 1.0, 2.11 */
        const char *from = l->p;
        l->p += lex_at(l, "\r\n") ? 2 : 1;
        lex_replace(l, from, "\n", 1);
        return 0;
    }
    n = utf8_next(l->p, (size_t)(l->end - l->p), &code);
    if (n == 0)
        return lex_refuse(l, ERR_ENCODING, "The request is not valid UTF-8");
    if (!utf8_is_xml_char(code))
        return lex_malformed(l, "The request holds a control character");
    l->p += n;
    return 0;
}

int lex_entity(struct lex *l)
{
    static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };
    char digits[12];
    const char *from = l->p, *semicolon = memchr(l->p, ';', (size_t)(l->end - l->p));
    size_t len = semicolon ? (size_t)(semicolon - l->p) : 0;
    unsigned long code;
    char *rest;
    bool hex;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (lex_at(l, known[i])) {
            l->p += strlen(known[i]);
            return 0;
        }
    }
    hex = lex_at(l, "&#x");
    if (!lex_at(l, "&#") || len < (hex ? 4u : 3u) || len - (hex ? 3 : 2) >= sizeof(digits))
        return lex_malformed(l, "The request uses an entity that XML does not define");
    len -= hex ? 3 : 2;
    memcpy(digits, l->p + (hex ? 3 : 2), len);
    digits[len] = '\0';
    /* not strlen(): a NUL may hide the rest */
    if (strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") != len)
        return lex_malformed(l, "The request holds a broken character reference");
    code = strtoul(digits, &rest, hex ? 16 : 10);
    if (*rest || code > 0x10FFFF || !utf8_is_xml_char((uint32_t)code))
        return lex_malformed(l, "The request refers to a character that XML does not allow");
    l->p = semicolon + 1;
    shorten_reference(l, from, (uint32_t)code);
    return 0;
}

/* Letters, digits and the like, which are most of all names. */
static void skip_plain_name(struct lex *l)
{
    static const bool plain[256] = {
        ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true,
        ['-' ... '.'] = true, ['_'] = true,
    };

    while (l->p < l->end && plain[(unsigned char)*l->p])
        l->p++;
}

int lex_name(struct lex *l, struct span *out)
{
    bool first = true, colon = false;
    uint32_t code = 0;

    out->text = l->p;
    while (l->p < l->end) {
        size_t n = 1;
        code = (unsigned char)*l->p;
        if (code >= 0x80)
            n = utf8_next(l->p, (size_t)(l->end - l->p), &code);
        if (n == 0)
            return lex_refuse(l, ERR_ENCODING, "The request is not valid UTF-8");
        if (code == ':' ? first || colon : !utf8_is_xml_name(code, first))
            break;
        first = code == ':';
        colon |= first;
        l->p += n;
        if (!first)
            skip_plain_name(l);
    }
    out->len = (size_t)(l->p - out->text);
    if (out->len > NAME_MOST)
        return lex_refuse(l, ERR_SERVICE_LIMIT, "A name is too long");
    if (first || (l->p < l->end && code == ':'))
        return lex_malformed(l, "The request is not well-formed XML: a name is missing or wrong");
    return 0;
}

int lex_attribute_value(struct lex *l, struct span *value)
{
    char quote;

    if (l->p == l->end || (*l->p != '"' && *l->p != '\''))
        return lex_malformed(
            l, "The request is not well-formed XML: an attribute has no quoted value");
    quote = *l->p++;
    value->text = l->p;
    for (;;) {
        lex_skip_plain(l);
        if (l->p == l->end || *l->p == quote)
            break;
        if (*l->p == '<')
            return lex_malformed(l, "The request is not well-formed XML: '<' in an attribute");
        if ((*l->p == '&' ? lex_entity(l) : lex_char(l)) != 0)
            return -1;
    }
    if (l->p == l->end)
        return lex_malformed(l, "The request ends within an attribute");
    value->len = (size_t)(l->p - value->text);
    l->p++;
    return 0;
}

int lex_until(struct lex *l, const char *stop, const char *close)
{
    while (l->p < l->end && !lex_at(l, stop))
        if (lex_char(l) != 0)
            return -1;
    if (!lex_at(l, close))
        return lex_malformed(
            l, "The request holds a comment or CDATA section that does not end, or not well");
    l->p += strlen(close);
    return 0;
}
