/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/token.h"

#include <string.h>
#include <strings.h>

bool token_is(struct token token, const char *text)
{
    return token.len == strlen(text) && strncasecmp(token.text, text, token.len) == 0;
}

size_t token_span(struct token token, const char *stop)
{
    size_t n = 0;

    while (n < token.len && (token.text[n] == '\0' || !strchr(stop, token.text[n])))
        n++;
    return n;
}

static bool is_tchar(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

size_t token_name_length(struct token token)
{
    size_t n = 0;

    while (n < token.len && is_tchar(token.text[n]))
        n++;
    return n;
}

struct token token_trim(struct token token)
{
    while (token.len && (token.text[0] == ' ' || token.text[0] == '\t')) {
        token.text++;
        token.len--;
    }
    while (token.len && (token.text[token.len - 1] == ' ' || token.text[token.len - 1] == '\t'))
        token.len--;
    return token;
}

bool token_list_next(struct token *list, struct token *member)
{
    while (list->len) {
        size_t n = token_span(*list, ",");
        size_t taken = n < list->len ? n + 1 : n;

        *member = token_trim((struct token){ list->text, n });
        list->text += taken;
        list->len -= taken;
        if (member->len)
            return true;
    }
    return false;
}
