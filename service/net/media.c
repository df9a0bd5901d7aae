/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/media.h"

#include <stddef.h>

static const char *const types[] = { "application/soap+xml", "text/xml", "application/xml" };
static const char *const sealed_types[] = { "multipart/encrypted", "multipart/x-multi-encrypted" };
static const char *const charsets[] = { "utf-8", "utf-16" };
static const char *const protocols[] = { "application/HTTP-SPNEGO-session-encrypted",
                                         "application/HTTP-Kerberos-session-encrypted" };

enum {
    BOUNDARY_MOST = 70, /* RFC 2046, 5.1.1 */
    LENGTH_DIGITS = 10,
};

/* What the parameters have said. */
struct parameters {
    struct media_type *out;
    bool charset, protocol, boundary, length; /* are there */
    bool unsupported;
    size_t octets;
};

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

static bool read_charset(struct parameters *p, struct token value)
{
    p->out->charset = known(value, charsets, COUNT(charsets));
    p->unsupported = p->unsupported || !p->out->charset;
    return true;
}

static bool read_protocol(struct parameters *p, struct token value)
{
    p->out->protocol = known(value, protocols, COUNT(protocols));
    p->unsupported = p->unsupported || !p->out->protocol;
    return true;
}

static bool read_boundary(struct parameters *p, struct token value)
{
    p->out->boundary = value;
    return value.len > 0 && value.len <= BOUNDARY_MOST;
}

static bool read_length(struct parameters *p, struct token value)
{
    if (value.len == 0 || value.len > LENGTH_DIGITS)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        if (value.text[i] < '0' || value.text[i] > '9')
            return false;
        p->octets = p->octets * 10 + (size_t)(value.text[i] - '0');
    }
    return true;
}

/* Each may be there once; others are nobody's business. */
static const struct parameter {
    const char *name;
    size_t seen;
    bool (*read)(struct parameters *p, struct token value);
} known_parameters[] = {
    { "charset", offsetof(struct parameters, charset), read_charset },
    { "protocol", offsetof(struct parameters, protocol), read_protocol },
    { "boundary", offsetof(struct parameters, boundary), read_boundary },
    { "Length", offsetof(struct parameters, length), read_length },
};

static bool read_parameter(struct parameters *p, struct token name, struct token value)
{
    for (size_t i = 0; i < COUNT(known_parameters); i++) {
        bool *seen = (bool *)(void *)((char *)p + known_parameters[i].seen);
        if (!token_is(name, known_parameters[i].name))
            continue;
        if (*seen)
            return false;
        *seen = true;
        return known_parameters[i].read(p, value);
    }
    return true;
}

/* What follows the type. */
static bool read_parameters(struct parameters *p, struct token rest)
{
    struct token name, value;

    while (rest.len) {
        skip(&rest, 1);
        rest = token_trim(rest);
        if (rest.len == 0)
            break;
        if (take_parameter(&rest, &name, &value) < 0)
            return false;
        rest = token_trim(rest);
        if ((rest.len && rest.text[0] != ';') || !read_parameter(p, name, value))
            return false;
    }
    return true;
}

static enum media judge(struct parameters *p, struct token value)
{
    struct token rest = value, type;
    bool sealed;

    skip(&rest, token_span(value, ";"));
    type = token_trim((struct token){ value.text, value.len - rest.len });
    p->out->charset = "";
    p->out->type = known(type, types, COUNT(types));
    sealed = !p->out->type;
    if (sealed)
        p->out->type = known(type, sealed_types, COUNT(sealed_types));
    if (!read_parameters(p, rest))
        return MEDIA_MALFORMED;
    if (!p->out->type || p->unsupported)
        return MEDIA_UNSUPPORTED;
    if (!sealed)
        return MEDIA_OK;
    return p->protocol && p->boundary ? MEDIA_SEALED : MEDIA_MALFORMED;
}

enum media media_parse(struct token value, struct media_type *out)
{
    struct parameters p = { .out = out };

    *out = (struct media_type){ .charset = NULL };
    return judge(&p, value);
}

enum media media_parse_original(struct token value, struct media_type *out, size_t *length)
{
    struct parameters p = { .out = out };
    enum media media;

    *out = (struct media_type){ .charset = NULL };
    media = judge(&p, value);
    *length = p.octets;
    return media == MEDIA_OK && !p.length ? MEDIA_MALFORMED : media;
}
