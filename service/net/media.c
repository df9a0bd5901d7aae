/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/media.h"

static const char *const types[] = { "application/soap+xml", "text/xml", "application/xml" };
static const char *const charsets[] = { "utf-8", "utf-16" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *known(struct token token, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (token_is(token, list[i]))
            return list[i];
    return NULL;
}

static void skip(struct token *rest, size_t n)
{
    rest->text += n;
    rest->len -= n;
}

/* A value in quotes, without them; -1 when it does not end. A backslash stays in: no value that is
 * known here needs one. */
static int take_quoted(struct token *rest, struct token *value)
{
    size_t n = 1;

    while (n < rest->len && rest->text[n] != '"')
        n += rest->text[n] == '\\' ? 2 : 1;
    if (n >= rest->len)
        return -1;
    *value = (struct token){ rest->text + 1, n - 1 };
    skip(rest, n + 1);
    return 0;
}

/* name=value or name="value". */
static int take_parameter(struct token *rest, struct token *name, struct token *value)
{
    *name = (struct token){ rest->text, token_name_length(*rest) };
    skip(rest, name->len);
    if (name->len == 0 || rest->len == 0 || rest->text[0] != '=')
        return -1;
    skip(rest, 1);
    if (rest->len && rest->text[0] == '"')
        return take_quoted(rest, value);
    *value = (struct token){ rest->text, token_name_length(*rest) };
    skip(rest, value->len);
    return value->len ? 0 : -1;
}

enum media media_parse(struct token value, const char **charset)
{
    struct token rest, name, parameter;
    bool supported, named = false;

    rest = value;
    skip(&rest, token_span(value, ";"));
    supported = known(token_trim((struct token){ value.text, value.len - rest.len }), types,
                      COUNT(types)) != NULL;
    while (rest.len) {
        skip(&rest, 1);
        rest = token_trim(rest);
        if (rest.len == 0)
            break;
        if (take_parameter(&rest, &name, &parameter) < 0)
            return MEDIA_MALFORMED;
        rest = token_trim(rest);
        if (rest.len && rest.text[0] != ';')
            return MEDIA_MALFORMED;
        if (!token_is(name, "charset"))
            continue;
        if (named)
            return MEDIA_MALFORMED;
        named = true;
        *charset = known(parameter, charsets, COUNT(charsets));
        supported = supported && *charset;
    }
    return supported ? MEDIA_OK : MEDIA_UNSUPPORTED;
}
