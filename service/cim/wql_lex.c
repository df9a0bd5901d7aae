/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/wql.h"

#include "cim/quote.h"

#include <ctype.h>
#include <string.h>

/* Longest first. */
static const char *const symbols[] = { "<>", "<=", ">=", "!=", "=", "<", ">", "(", ")", ",", "*", "." };

/* Moves on; octets that continue a UTF-8 character do not count. */
static void advance(struct wql_lexer *lexer, size_t octets)
{
    for (; octets > 0; octets--, lexer->p++)
        lexer->at += ((unsigned char)*lexer->p & 0xC0) != 0x80;
}

static size_t word_length(const char *p)
{
    size_t len = 0;

    if (!isalpha((unsigned char)*p) && *p != '_')
        return 0;
    while (isalnum((unsigned char)p[len]) || p[len] == '_')
        len++;
    return len;
}

static size_t number_length(const char *p)
{
    const size_t sign = *p == '+' || *p == '-';
    size_t len = sign + strspn(p + sign, "0123456789");

    if (len == sign)
        return 0;
    if (p[len] == '.')
        len += 1 + strspn(p + len + 1, "0123456789");
    return len;
}

static size_t symbol_length(const char *p)
{
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
        if (!strncmp(p, symbols[i], strlen(symbols[i])))
            return strlen(symbols[i]);
    return 0;
}

static size_t string_length(const char *p)
{
    const char *end = quote_is(*p) ? quote_end(p) : NULL;

    return end ? (size_t)(end - p) : 0;
}

/* A brace inside quotes, as around a GUID, does not end the path. */
static size_t path_length(const char *p)
{
    const char *end = p + 1;

    if (*p != '{')
        return 0;
    while (end && *end && *end != '}')
        end = quote_is(*end) ? quote_end(end) : end + 1;
    return end && *end ? (size_t)(end - p) + 1 : 0;
}

static const struct {
    enum wql_token_type type;
    size_t (*length)(const char *p); /* of a token of this type at p; 0 for none */
} tokens[] = {
    { WQL_WORD, word_length }, { WQL_NUMBER, number_length }, { WQL_STRING, string_length },
    { WQL_PATH, path_length }, { WQL_SYMBOL, symbol_length },
};

static int lex_fail(struct wql_lexer *lexer)
{
    const char *what = "unexpected character";

    if (quote_is(*lexer->p))
        what = "the quote is never closed";
    else if (*lexer->p == '{')
        what = "the brace is never closed";
    return error_set(lexer->err, ERR_BAD_FILTER, "at character %zu: %s", lexer->at, what);
}

int wql_next(struct wql_lexer *lexer, struct wql_token *out)
{
    size_t length = 0;

    advance(lexer, strspn(lexer->p, " \t\r\n"));
    *out = (struct wql_token){ WQL_END, "", lexer->at };
    if (!*lexer->p)
        return 0;
    for (size_t i = 0; !length && i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        length = tokens[i].length(lexer->p);
        out->type = tokens[i].type;
    }
    if (!length)
        return lex_fail(lexer);
    if (out->type == WQL_STRING)
        out->text = quote_read(lexer->p, lexer->p + length, lexer->arena);
    else if (out->type == WQL_PATH)
        out->text = arena_strndup(lexer->arena, lexer->p + 1, length - 2);
    else
        out->text = arena_strndup(lexer->arena, lexer->p, length);
    if (!out->text)
        return error_set(lexer->err, ERR_NO_MEMORY, NULL);
    advance(lexer, length);
    return 0;
}
