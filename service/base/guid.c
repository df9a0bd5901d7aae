/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/guid.h"

#include "base/clock.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <uuid/uuid.h>

/* RFC 4122 version 4. libuuid's own asks the kernel, and seeds a generator it then mixes in, each
 * time: a tenth of a short request. */
struct guid guid_random(void)
{
    static _Thread_local struct guid stock[16]; /* 256 octets come whole or not at all */
    static _Thread_local size_t left;
    struct guid g;

    if (left == 0 && getrandom(stock, sizeof(stock), 0) == (ssize_t)sizeof(stock))
        left = sizeof(stock) / sizeof(stock[0]);
    if (left == 0) {
        uuid_generate_random(g.bytes);
        return g;
    }
    g = stock[--left];
    g.bytes[6] = (unsigned char)((g.bytes[6] & 0x0f) | 0x40);
    g.bytes[8] = (unsigned char)((g.bytes[8] & 0x3f) | 0x80);
    return g;
}

/* The next of the numbers that are milliseconds since 1970 in their upper 48 bits, a count in their lower 12. */
static uint64_t next_tick(void)
{
    static _Atomic uint64_t last;
    uint64_t now = (uint64_t)clock_now_us() / 1000 << 12, seen = last, next;

    do
        next = now > seen ? now : seen + 1;
    while (!atomic_compare_exchange_weak(&last, &seen, next));
    return next;
}

struct guid guid_timed(void)
{
    struct guid g = guid_random();
    uint64_t tick = next_tick();

    for (int i = 0; i < 6; i++)
        g.bytes[i] = (unsigned char)(tick >> (52 - 8 * i));
    g.bytes[6] = (unsigned char)(0x70 | (tick >> 8 & 0x0f));
    g.bytes[7] = (unsigned char)tick;
    return g;
}

struct guid guid_derive(const struct guid *space, const char *name)
{
    struct guid g;

    uuid_generate_sha1(g.bytes, space->bytes, name, strlen(name));
    return g;
}

/* The value of a hexadecimal digit, or -1. */
static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Where the octets are in the text; what is between them is a '-'. */
static const unsigned char places[] = { 0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34 };
static const unsigned char dashes[] = { 8, 13, 18, 23 };

/* libuuid's own takes a thousand instructions; a request has some four of them. */
int guid_parse(struct guid *out, const char *text)
{
    size_t len = strlen(text);
    struct guid made;

    if (len == GUID_TEXT + 1 && text[0] == '{' && text[len - 1] == '}') {
        text++;
        len -= 2;
    }
    if (len != GUID_TEXT - 1)
        return -1;
    for (size_t i = 0; i < sizeof(dashes); i++)
        if (text[dashes[i]] != '-')
            return -1;
    for (size_t i = 0; i < sizeof(places); i++) {
        int high = digit_value(text[places[i]]), low = digit_value(text[places[i] + 1]);
        if (high < 0 || low < 0)
            return -1;
        made.bytes[i] = (unsigned char)(high << 4 | low);
    }
    *out = made;
    return 0;
}

/* Its own for the same reason: each instance has some five. */
char *guid_format(const struct guid *g, char out[GUID_TEXT])
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < sizeof(dashes); i++)
        out[dashes[i]] = '-';
    for (size_t i = 0; i < sizeof(places); i++) {
        out[places[i]] = digits[g->bytes[i] >> 4];
        out[places[i] + 1] = digits[g->bytes[i] & 15];
    }
    out[GUID_TEXT - 1] = '\0';
    return out;
}

bool guid_equal(const struct guid *a, const struct guid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

int guid_order(const struct guid *a, const struct guid *b)
{
    return memcmp(a, b, sizeof(*a));
}

bool guid_is_null(const struct guid *g)
{
    return uuid_is_null(g->bytes) != 0;
}
