/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/rc4.h"

static void swap(unsigned char *a, unsigned char *b)
{
    unsigned char c = *a;

    *a = *b;
    *b = c;
}

void rc4_init(struct rc4 *rc4, const unsigned char *key, size_t len)
{
    unsigned char j = 0;

    for (unsigned i = 0; i < 256; i++)
        rc4->s[i] = (unsigned char)i;
    for (unsigned i = 0; i < 256; i++) {
        j = (unsigned char)(j + rc4->s[i] + key[i % len]);
        swap(&rc4->s[i], &rc4->s[j]);
    }
    rc4->i = rc4->j = 0;
}

void rc4_apply(struct rc4 *rc4, unsigned char *data, size_t len)
{
    for (size_t n = 0; n < len; n++) {
        rc4->j = (unsigned char)(rc4->j + rc4->s[++rc4->i]);
        swap(&rc4->s[rc4->i], &rc4->s[rc4->j]);
        data[n] ^= rc4->s[(unsigned char)(rc4->s[rc4->i] + rc4->s[rc4->j])];
    }
}
