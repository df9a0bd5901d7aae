/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/sealed.h"

#include <limits.h>

#define BOUNDARY "Encrypted Boundary"

enum { SIGNATURE_MOST = 1024 };

static const char malformed[] = "the encrypted message is not well-formed";

void sealed_begin(struct sealed_reader *reader, const struct media_type *media, unsigned char *body,
                  size_t len)
{
    *reader = (struct sealed_reader){
        .boundary = media->boundary,
        .at = body,
        .left = len,
        .form = { media->type, media->protocol, false },
    };
}

static void skip(struct sealed_reader *reader, size_t n)
{
    reader->at += n;
    reader->left -= n;
}

static bool take(struct sealed_reader *reader, const char *text, size_t len)
{
    if (reader->left < len || memcmp(reader->at, text, len) != 0)
        return false;
    skip(reader, len);
    return true;
}

/* One line without its end. */
static bool take_line(struct sealed_reader *reader, struct token *out)
{
    const unsigned char *end = reader->left ? memchr(reader->at, '\n', reader->left) : NULL;
    size_t len = end ? (size_t)(end - reader->at) : 0;

    if (len == 0 || reader->at[len - 1] != '\r' || memchr(reader->at, '\0', len))
        return false;
    *out = (struct token){ (const char *)reader->at, len - 1 };
    skip(reader, len + 1);
    return true;
}

/* The boundary where a part begins, or where the last one ends. */
static bool take_boundary(struct sealed_reader *reader)
{
    struct token boundary = reader->boundary;

    if (!take(reader, "--", 2) || !take(reader, boundary.text, boundary.len))
        return false;
    if (take(reader, "--", 2)) {
        reader->ended = true;
        /* An end of line, or nothing, is all that may follow. */
        return reader->left == 0 || (take(reader, "\r\n", 2) && reader->left == 0);
    }
    return take(reader, "\r\n", 2);
}

/* Splits "Name: value", which may stand behind a tab. */
static bool take_head(struct sealed_reader *reader, struct token *name, struct token *value)
{
    struct token line;

    if (!take_line(reader, &line))
        return false;
    if (line.len && line.text[0] == '\t') {
        reader->form.tabs = true;
        line.text++;
        line.len--;
    }
    *name = (struct token){ line.text, token_name_length(line) };
    if (name->len == 0 || name->len == line.len || line.text[name->len] != ':')
        return false;
    *value = token_trim((struct token){ line.text + name->len + 1, line.len - name->len - 1 });
    return true;
}

static const char *read_original(struct sealed_part *out, struct token value)
{
    static const char before[] = "type=";
    const size_t len = sizeof(before) - 1;
    struct media_type media;

    if (value.len < len || !token_is((struct token){ value.text, len }, before))
        return malformed;
    switch (media_parse_original((struct token){ value.text + len, value.len - len }, &media,
                                 &out->len)) {
    case MEDIA_OK:
        out->charset = media.charset;
        return NULL;
    case MEDIA_MALFORMED:
        return malformed;
    default:
        return "the encrypted message is not SOAP in UTF-8 or UTF-16";
    }
}

/* The first part of a pair: lines up to the next boundary. */
static const char *read_description(struct sealed_reader *reader, struct sealed_part *out)
{
    const char *reason = malformed;
    struct token name, value;
    bool original = false;

    for (int lines = 0; lines < 8; lines++) {
        if (reader->left >= 2 && memcmp(reader->at, "--", 2) == 0)
            return original && take_boundary(reader) && !reader->ended ? reason : malformed;
        if (!take_head(reader, &name, &value))
            return malformed;
        if (token_is(name, "Content-Type") && !token_is(value, reader->form.protocol))
            return "the parts are encrypted in another way than the whole";
        if (!token_is(name, "OriginalContent"))
            continue;
        if (original)
            return malformed;
        original = true;
        reason = read_original(out, value);
        if (reason)
            return reason;
    }
    return malformed;
}

/* The second one: its type, and at once the octets. */
static const char *read_octets(struct sealed_reader *reader, struct sealed_part *out)
{
    struct token name, value;
    size_t len;

    if (!take_head(reader, &name, &value) || !token_is(name, "Content-Type") ||
        !token_is(value, "application/octet-stream") || reader->left < 4)
        return malformed;
    len = bytes_u32(reader->at);
    skip(reader, 4);
    if (len == 0 || len > SIGNATURE_MOST || len > reader->left || out->len > reader->left - len)
        return malformed;
    out->signature = (struct bytes){ reader->at, len };
    skip(reader, len);
    out->data = reader->at;
    skip(reader, out->len);
    return NULL;
}

/* The next pair's boundary is read at the end of this one, so that the last one is known. */
const char *sealed_next(struct sealed_reader *reader, struct sealed_part *out)
{
    const char *reason;
    struct sealed_reader ahead;

    memset(out, 0, sizeof(*out));
    if (!take_boundary(reader))
        return malformed;
    if (reader->ended)
        return NULL;
    reason = read_description(reader, out);
    if (!reason)
        reason = read_octets(reader, out);
    if (reason)
        return reason;
    ahead = *reader;
    return take_boundary(&ahead) ? NULL : malformed;
}

void sealed_write_type(struct strbuf *out, const struct sealed_form *form)
{
    strbuf_printf(out, "%s;protocol=\"%s\";boundary=\"" BOUNDARY "\"", form->type, form->protocol);
}

void sealed_write(struct strbuf *out, const struct sealed_form *form, const char *type,
                  struct bytes signature, struct bytes data)
{
    const char *tab = form->tabs ? "\t" : "";
    unsigned char length[4];

    bytes_put_u32(length, (uint32_t)signature.len);
    strbuf_printf(out,
                  "--" BOUNDARY "\r\n%sContent-Type: %s\r\n"
                  "%sOriginalContent: type=%s;Length=%zu\r\n"
                  "--" BOUNDARY "\r\n%sContent-Type: application/octet-stream\r\n",
                  tab, form->protocol, tab, type, data.len, tab);
    strbuf_add(out, (const char *)length, sizeof(length));
    strbuf_add(out, (const char *)signature.data, signature.len);
    strbuf_add(out, (const char *)data.data, data.len);
    strbuf_puts(out, "--" BOUNDARY "--\r\n");
}
