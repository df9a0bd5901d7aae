/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/utf8.h"

#include <string.h>

size_t utf8_next(const char *text, size_t len, uint32_t *code)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char c = (unsigned char)text[0];
    size_t n = c < 0x80 ? 1 : c >= 0xF0 && c < 0xF8 ? 4 : c >= 0xE0 ? 3 : 2;
    uint32_t value;

    if (n == 1) {
        *code = c;
        return 1;
    }
    if (c < 0xC2 || c > 0xF4 || n > len)
        return 0;
    value = c & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        unsigned char more = (unsigned char)text[i];
        if ((more & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (more & 0x3F);
    }
    if (value < least[n] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *code = value;
    return n;
}

long utf8_length(const char *text)
{
    size_t left = strlen(text);
    long count = 0;

    while (left) {
        uint32_t code;
        size_t n = utf8_next(text, left, &code);
        if (!n)
            return -1;
        text += n;
        left -= n;
        count++;
    }
    return count;
}

size_t utf8_put(uint32_t code, char out[4])
{
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };

    for (size_t i = n; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)(lead[n] | code);
    return n;
}

bool utf8_is_xml_char(uint32_t code)
{
    if (code < 0x20)
        return code == '\t' || code == '\n' || code == '\r';
    return code <= 0xD7FF || (code >= 0xE000 && code <= 0xFFFD) || code >= 0x10000;
}

struct range {
    uint32_t first, last;
};

static bool is_among(uint32_t code, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

bool utf8_is_xml_name(uint32_t code, bool first)
{
    /* 1: may begin a name, 2: may only go on in one */
    static const unsigned char ascii[0x80] = {
        ['a' ... 'z'] = 1, ['A' ... 'Z'] = 1, ['_'] = 1, ['0' ... '9'] = 2, ['-'] = 2, ['.'] = 2,
    };
    static const struct range start[] = {
        { 0xC0, 0xD6 },     { 0xD8, 0xF6 },     { 0xF8, 0x2FF },    { 0x370, 0x37D },
        { 0x37F, 0x1FFF },  { 0x200C, 0x200D }, { 0x2070, 0x218F }, { 0x2C00, 0x2FEF },
        { 0x3001, 0xD7FF }, { 0xF900, 0xFDCF }, { 0xFDF0, 0xFFFD }, { 0x10000, 0xEFFFF },
    };
    static const struct range more[] = { { 0xB7, 0xB7 }, { 0x300, 0x36F }, { 0x203F, 0x2040 } };

    if (code < 0x80)
        return ascii[code] == 1 || (!first && ascii[code] == 2);
    return is_among(code, start, sizeof(start) / sizeof(start[0])) ||
           (!first && is_among(code, more, sizeof(more) / sizeof(more[0])));
}
