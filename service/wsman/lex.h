/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The pieces of XML that the guard reads: characters, entities, names, attribute values, what must
 * be skipped. Each leaves l->p behind what it read, or returns -1 with l->err, whose message names
 * the octet.
 */
#ifndef CIMSNAPD_WSMAN_LEX_H
#define CIMSNAPD_WSMAN_LEX_H

#include "base/error.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Text within the request. */
struct span {
    const char *text;
    size_t len;
};

struct lex {
    const char *start, *p, *end;
    struct error *err;
    struct strbuf *tidy; /* the text up to `copied`, with what was replaced; empty before that */
    const char *copied;
};

static inline bool span_is(struct span s, const char *text)
{
    return s.len == strlen(text) && memcmp(s.text, text, s.len) == 0;
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.text, b.text, a.len) == 0);
}

static inline bool lex_at(const struct lex *l, const char *text)
{
    size_t len = strlen(text);

    return (size_t)(l->end - l->p) >= len && memcmp(l->p, text, len) == 0;
}

static inline bool lex_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline void lex_skip_space(struct lex *l)
{
    while (l->p < l->end && lex_is_space(*l->p))
        l->p++;
}

/* Sets l->err: what is wrong, and at which octet. -1. */
int lex_refuse(struct lex *l, enum error_code code, const char *what);
int lex_malformed(struct lex *l, const char *what);

/* From `from` on up to l->p the request shall read `text` (len octets): what means the same to XML, and to
 * gSOAP too. */
void lex_replace(struct lex *l, const char *from, const char *text, size_t len);

/* Skips what is plain text wherever it stands: ASCII but for what may mean something. */
void lex_skip_plain(struct lex *l);
/* One character of text, checked. */
int lex_char(struct lex *l);
/* At '&': one of the five entities of XML, or a reference to a legal character. */
int lex_entity(struct lex *l);
/* A qualified name: a name, or two with a colon between; at most NAME_MOST octets. */
int lex_name(struct lex *l, struct span *out);
/* At an attribute's opening quote. */
int lex_attribute_value(struct lex *l, struct span *value);
/* Everything up to `stop`, as plain characters; there it must end with `close`. */
int lex_until(struct lex *l, const char *stop, const char *close);

#endif
