/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_meta.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    enum snapshot_kind kind;
    const char *line;
} heads[] = {
    { SNAPSHOT_FULL, "cimsnapd 1 kind=full" },
    { SNAPSHOT_DISK, "cimsnapd 1 kind=disk" },
    { SNAPSHOT_RECOVERY, "cimsnapd 1 kind=recovery" },
};

static void meta_escape(struct strbuf *out, const char *text)
{
    size_t left = strlen(text);

    while (left) {
        uint32_t code = 0;
        size_t n = utf8_next(text, left, &code);
        if (n && utf8_is_xml_char(code) && code >= 0x20 && code != 0x7F && code != '%') {
            strbuf_add(out, text, n);
        } else {
            n = n ? n : 1;
            for (size_t i = 0; i < n; i++)
                strbuf_printf(out, "%%%02X", (unsigned)(unsigned char)text[i]);
        }
        text += n;
        left -= n;
    }
}

void lv_meta_write(struct strbuf *out, const struct lv_meta *meta)
{
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        if (heads[i].kind == meta->kind)
            strbuf_puts(out, heads[i].line);
    strbuf_puts(out, "\nname=");
    meta_escape(out, meta->name);
    if (meta->notes) {
        strbuf_puts(out, "\nnotes=");
        meta_escape(out, meta->notes);
    }
    if (meta->left) {
        strbuf_puts(out, "\nleft=");
        meta_escape(out, meta->left);
    }
    strbuf_puts(out, "\n");
}

static int meta_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The text of len octets without its escapes: 1, 0 when it is not well-formed, -1 without memory.
 */
static int meta_unescape(char **out, const char *text, size_t len)
{
    char *to = malloc(len + 1);

    if (!to)
        return -1;
    *out = to;
    for (size_t i = 0; i < len; i++) {
        int high, low;
        if (text[i] != '%') {
            *to++ = text[i];
            continue;
        }
        high = len - i > 2 ? meta_digit(text[i + 1]) : -1;
        low = len - i > 2 ? meta_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0 || high + low == 0)
            return 0;
        *to++ = (char)(high * 16 + low);
        i += 2;
    }
    *to = '\0';
    return 1;
}

/* Reads "key=TEXT\n" at *at and steps over it; results as above. */
static int meta_line(const char **at, const char *key, char **out)
{
    size_t skip = strlen(key);
    const char *end = strchr(*at, '\n');
    const char *text = *at + skip;

    if (!end || strncmp(*at, key, skip) != 0)
        return 0;
    *at = end + 1;
    return meta_unescape(out, text, (size_t)(end - text));
}

static int meta_head(const char **at, enum snapshot_kind *kind)
{
    size_t len = strcspn(*at, "\n");

    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        if (strlen(heads[i].line) == len && memcmp(heads[i].line, *at, len) == 0 &&
            (*at)[len] == '\n') {
            *kind = heads[i].kind;
            *at += len + 1;
            return 1;
        }
    return 0;
}

int lv_meta_read(struct lv_meta *out, const char *description)
{
    const char *at = description;
    int result;

    memset(out, 0, sizeof(*out));
    result = meta_head(&at, &out->kind);
    if (result == 1)
        result = meta_line(&at, "name=", &out->name);
    if (result == 1 && strncmp(at, "notes=", 6) == 0)
        result = meta_line(&at, "notes=", &out->notes);
    if (result == 1 && *at)
        result = meta_line(&at, "left=", &out->left);
    if (result == 1 && *at)
        result = 0;
    if (result != 1)
        lv_meta_clear(out);
    return result;
}

void lv_meta_clear(struct lv_meta *meta)
{
    free(meta->name);
    free(meta->notes);
    free(meta->left);
    memset(meta, 0, sizeof(*meta));
}
