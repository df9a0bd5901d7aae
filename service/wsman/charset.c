/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

/* How UTF-16 may begin. */
static const struct {
    char octets[2];
    size_t mark; /* octets that are no text */
    const char *encoding;
} starts[] = {
    { { '\xFF', '\xFE' }, 2, "UTF-16LE" },
    { { '\xFE', '\xFF' }, 2, "UTF-16BE" },
    { { '<', '\0' }, 0, "UTF-16LE" },
    { { '\0', '<' }, 0, "UTF-16BE" },
};

enum { STARTS = sizeof(starts) / sizeof(starts[0]) };

static int find_start(const char *body, size_t len)
{
    for (int i = 0; i < STARTS; i++)
        if (len >= 2 && memcmp(body, starts[i].octets, 2) == 0)
            return i;
    return -1;
}

bool charset_is_utf16(const char *charset, const char *body, size_t len)
{
    int start = find_start(body, len);

    return strcmp(charset, "utf-16") == 0 ||
           (charset[0] == '\0' && start >= 0 && starts[start].mark);
}

static int ill_formed(struct error *err)
{
    return error_set(err, ERR_ENCODING, "The request is not well-formed UTF-16.");
}

/* Appends text to out in another encoding. */
static int convert(struct strbuf *out, const char *to, const char *from, const char *text,
                   size_t len, struct error *err)
{
    iconv_t converter = iconv_open(to, from);
    char piece[4096], *in = (char *)text; /* iconv() does not write there */
    int result = 0;

    if (converter == (iconv_t)-1)
        return error_set(err, ERR_NO_MEMORY, NULL);
    while (len && result == 0) {
        char *end = piece;
        size_t room = sizeof(piece);
        if (iconv(converter, &in, &len, &end, &room) == (size_t)-1 && errno != E2BIG)
            result = ill_formed(err);
        strbuf_add(out, piece, (size_t)(end - piece));
    }
    iconv_close(converter);
    if (result == 0 && !strbuf_ok(out))
        return error_set(err, ERR_NO_MEMORY, NULL);
    return result;
}

int charset_decode(struct strbuf *out, const char *body, size_t len, struct error *err)
{
    int start = find_start(body, len);

    if (start < 0)
        return ill_formed(err);
    return convert(out, "UTF-8", starts[start].encoding, body + starts[start].mark,
                   len - starts[start].mark, err);
}

/* An octet that begins a character is a unit of two octets; from U+10000 on it is two. */
size_t charset_encoded_length(const struct strbuf *text)
{
    size_t units = 1; /* the mark */

    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = (unsigned char)text->data[i];
        units += ((c & 0xC0) != 0x80) + (c >= 0xF0);
    }
    return units * 2;
}

int charset_encode(struct strbuf *text, struct error *err)
{
    struct strbuf out = STRBUF_INIT;

    strbuf_add(&out, starts[0].octets, 2);
    if (convert(&out, "UTF-16LE", "UTF-8", strbuf_str(text), text->len, err) < 0) {
        strbuf_free(&out);
        return -1;
    }
    strbuf_free(text);
    *text = out;
    return 0;
}
