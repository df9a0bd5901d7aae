/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/wql.h"

#include "base/utf8.h"

#include <ctype.h>
#include <string.h>

/* Reads one character and folds case; an octet that is no UTF-8 counts as one. *p is not at its
 * end. */
static uint32_t read_character(const char **p)
{
    uint32_t code = 0;
    size_t octets = utf8_next(*p, strnlen(*p, 4), &code);

    if (!octets) {
        code = (unsigned char)**p;
        octets = 1;
    }
    *p += octets;
    return code < 128 ? (uint32_t)tolower((int)code) : code;
}

/* The closing bracket of the set at p ("["), or NULL. A bracket that comes first is a member. */
static const char *set_end(const char *p)
{
    p += p[1] == '^' ? 2 : 1;
    return *p ? strchr(p + 1, ']') : NULL;
}

static bool in_set(uint32_t code, const char *p, const char *end)
{
    const bool negated = p[1] == '^';

    for (p += negated ? 2 : 1; p < end;) {
        uint32_t low = read_character(&p), high = low;

        if (*p == '-' && p + 1 < end) {
            p++;
            high = read_character(&p);
        }
        if (low <= code && code <= high)
            return !negated;
    }
    return negated;
}

/* Takes one character of text by one element of the pattern: the pattern after it, or NULL (and
 * *text as it was) when they do not fit. */
static const char *match_one(const char *pattern, const char **text)
{
    const char *rest = *text;
    uint32_t code = read_character(&rest);
    const char *end = *pattern == '[' ? set_end(pattern) : NULL;
    bool matched = false;

    if (end) {
        matched = in_set(code, pattern, end);
        pattern = end + 1;
    } else if (*pattern) {
        matched = *pattern == '_';
        matched |= read_character(&pattern) == code;
    }
    if (!matched)
        return NULL;
    *text = rest;
    return pattern;
}

bool wql_like(const char *text, const char *pattern)
{
    /* After the last %: on a mismatch it takes one character more. Earlier ones need not be looked
     * at again. */
    const char *retry_pattern = NULL, *retry_text = NULL;

    while (*text) {
        const char *rest;

        if (*pattern == '%') {
            retry_pattern = ++pattern;
            retry_text = text;
            continue;
        }
        rest = match_one(pattern, &text);
        if (rest) {
            pattern = rest;
        } else if (retry_pattern) {
            read_character(&retry_text);
            text = retry_text;
            pattern = retry_pattern;
        } else {
            return false;
        }
    }
    while (*pattern == '%')
        pattern++;
    return !*pattern;
}
