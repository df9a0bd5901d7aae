/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/der.h"

/* Length octets behind the tag: how many, or 0 when they are not right. */
static size_t read_length(struct bytes in, size_t *len)
{
    size_t count, value = 0;

    if (in.len < 2)
        return 0;
    if (in.data[1] < 0x80) {
        *len = in.data[1];
        return 1;
    }
    count = in.data[1] & 0x7f;
    if (count == 0 || count > 3 || in.len < 2 + count)
        return 0;
    for (size_t i = 0; i < count; i++)
        value = value << 8 | in.data[2 + i];
    *len = value;
    return 1 + count;
}

bool der_take(struct bytes *in, unsigned tag, struct bytes *contents, struct bytes *whole)
{
    size_t len, head = 1;

    if (in->len == 0 || in->data[0] != tag)
        return false;
    head += read_length(*in, &len);
    if (head == 1 || in->len - head < len)
        return false;
    *contents = (struct bytes){ in->data + head, len };
    if (whole)
        *whole = (struct bytes){ in->data, head + len };
    in->data += head + len;
    in->len -= head + len;
    return true;
}

bool der_take_optional(struct bytes *in, unsigned tag, struct bytes *contents)
{
    *contents = (struct bytes){ NULL, 0 };
    if (in->len == 0 || in->data[0] != tag)
        return true;
    return der_take(in, tag, contents, NULL);
}

void der_put(struct strbuf *out, unsigned tag, struct bytes contents)
{
    unsigned char head[5] = { (unsigned char)tag };
    size_t n = 1;

    if (contents.len >= 0x10000) {
        head[n++] = 0x83;
        head[n++] = (unsigned char)(contents.len >> 16);
        head[n++] = (unsigned char)(contents.len >> 8);
    } else if (contents.len >= 0x100) {
        head[n++] = 0x82;
        head[n++] = (unsigned char)(contents.len >> 8);
    } else if (contents.len >= 0x80) {
        head[n++] = 0x81;
    }
    head[n++] = (unsigned char)contents.len;
    strbuf_add(out, (const char *)head, n);
    strbuf_add(out, (const char *)contents.data, contents.len);
}
