/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "classes/hyperv/thumbnail.h"

/* Octets as text, three at a time. */
struct writer {
    char *at;
    uint32_t bits;
    unsigned octets; /* in bits: 0 to 2 */
};

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void write_octet(struct writer *writer, unsigned octet)
{
    writer->bits = writer->bits << 8 | octet;
    if (++writer->octets < 3)
        return;
    for (int shift = 18; shift >= 0; shift -= 6)
        *writer->at++ = digits[writer->bits >> shift & 63];
    writer->bits = writer->octets = 0;
}

static void write_end(struct writer *writer)
{
    unsigned octets = writer->octets;

    for (unsigned i = octets; octets && i < 3; i++)
        write_octet(writer, 0);
    for (unsigned i = octets; octets && i < 3; i++)
        writer->at[-(int)(i - octets) - 1] = '=';
    *writer->at = '\0';
}

const char *thumbnail_text(const struct picture *picture, unsigned width, unsigned height,
                           struct arena *arena)
{
    size_t octets = (size_t)width * height * 2;
    char *text = arena_alloc(arena, (octets + 2) / 3 * 4 + 1);
    struct writer writer = { .at = text };

    for (unsigned y = 0; text && y < height; y++)
        for (unsigned x = 0; x < width; x++) {
            size_t row = (size_t)y * picture->height / height;
            size_t column = (size_t)x * picture->width / width;
            const uint8_t *point = picture->points + (row * picture->width + column) * 3;
            unsigned pixel = (point[0] & 0xF8u) << 8 | (point[1] & 0xFCu) << 3 | point[2] >> 3;
            write_octet(&writer, pixel & 0xFF);
            write_octet(&writer, pixel >> 8);
        }
    if (text)
        write_end(&writer);
    return text;
}
