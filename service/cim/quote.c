/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/quote.h"

/* Octets before the character that p stands for: 1 where an escape or a doubled quote begins. */
static size_t escape_at(const char *p, char quote)
{
    if (p[0] == '\\')
        return p[1] == '\\' || quote_is(p[1]);
    return p[0] == quote && p[1] == quote;
}

const char *quote_end(const char *text)
{
    const char quote = *text;
    const char *p = text + 1;

    while (*p) {
        size_t escape = escape_at(p, quote);

        if (*p == quote && !escape)
            return p + 1;
        p += escape + 1;
    }
    return NULL;
}

const char *quote_read(const char *text, const char *end, struct arena *arena)
{
    char *value = arena_alloc(arena, (size_t)(end - text));
    char *out = value;

    if (!value)
        return NULL;
    for (const char *p = text + 1; p < end - 1; p++) {
        p += escape_at(p, *text);
        *out++ = *p;
    }
    return value;
}

void quote_write(struct strbuf *out, const char *text)
{
    strbuf_puts(out, "\"");
    for (const char *p = text; *p; p++) {
        if (*p == '\\' || *p == '"')
            strbuf_puts(out, "\\");
        strbuf_add(out, p, 1);
    }
    strbuf_puts(out, "\"");
}
