/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/wide.h"

#include "base/utf8.h"

#include <locale.h>
#include <pthread.h>
#include <wctype.h>

enum { NAME_OCTETS = 512, SURROGATE = 0xd800, LOW_SURROGATE = 0xdc00, BEYOND = 0x10000 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t unicode; /* const after once; lives as long as the process */

static void make_locale(void)
{
    unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* Without the locale (it is built into glibc) ASCII alone has an upper case. */
static uint32_t upper(uint32_t code)
{
    wint_t up;

    pthread_once(&once, make_locale);
    if (!unicode)
        return code >= 'a' && code <= 'z' ? code - 'a' + 'A' : code;
    up = towupper_l((wint_t)code, unicode);
    return up < BEYOND ? (uint32_t)up : code;
}

long wide_encode(unsigned char *out, size_t room, const char *text, enum wide_case fold)
{
    size_t left = strlen(text), len = 0;

    while (left) {
        uint32_t code;
        size_t n = utf8_next(text, left, &code), units = code < BEYOND ? 1 : 2;
        if (n == 0 || room - len < 2 * units)
            return -1;
        text += n;
        left -= n;
        if (units == 1) {
            bytes_put_u16(out + len, fold == WIDE_UPPER ? upper(code) : code);
        } else {
            bytes_put_u16(out + len, SURROGATE + ((code - BEYOND) >> 10));
            bytes_put_u16(out + len + 2, LOW_SURROGATE + ((code - BEYOND) & 0x3ff));
        }
        len += 2 * units;
    }
    return (long)len;
}

/* One code point from at least one unit; its octets, or 0 when it is ill-formed. */
static size_t next(struct bytes text, uint32_t *code)
{
    unsigned unit = bytes_u16(text.data), low;

    *code = unit;
    if (unit < SURROGATE || unit > 0xdfff)
        return 2;
    if (unit >= LOW_SURROGATE || text.len < 4)
        return 0;
    low = bytes_u16(text.data + 2);
    if (low < LOW_SURROGATE || low > 0xdfff)
        return 0;
    *code = BEYOND + ((unit - SURROGATE) << 10) + (low - LOW_SURROGATE);
    return 4;
}

static size_t put_utf8(unsigned char out[4], uint32_t code)
{
    if (code < 0x80) {
        out[0] = (unsigned char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (unsigned char)(0xc0 | code >> 6);
        out[1] = (unsigned char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < BEYOND) {
        out[0] = (unsigned char)(0xe0 | code >> 12);
        out[1] = (unsigned char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (unsigned char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (unsigned char)(0xf0 | code >> 18);
    out[1] = (unsigned char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (unsigned char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (unsigned char)(0x80 | (code & 0x3f));
    return 4;
}

int wide_decode(char *out, size_t size, struct bytes text)
{
    size_t len = 0;

    if (text.len % 2)
        return -1;
    while (text.len) {
        unsigned char utf8[4];
        uint32_t code;
        size_t taken = next(text, &code), n;
        if (taken == 0 || code == 0)
            return -1;
        n = put_utf8(utf8, code);
        if (n >= size - len)
            return -1;
        memcpy(out + len, utf8, n);
        len += n;
        text.data += taken;
        text.len -= taken;
    }
    out[len] = '\0';
    return 0;
}

int wide_compare_names(const char *a, const char *b)
{
    unsigned char left[NAME_OCTETS], right[NAME_OCTETS];
    long n = wide_encode(left, sizeof(left), a, WIDE_UPPER);
    long m = wide_encode(right, sizeof(right), b, WIDE_UPPER);
    int order;

    if (n < 0 || m < 0)
        return n < 0 ? -1 : 1;
    order = memcmp(left, right, (size_t)(n < m ? n : m));
    return order ? order : (n > m) - (n < m);
}
