/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Borrowed octets, and the little-endian numbers in them.
 */
#ifndef CIMSNAPD_AUTH_BYTES_H
#define CIMSNAPD_AUTH_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const unsigned char *data; /* may be NULL when len is 0 */
    size_t len;
};

/* The caller has seen to it that the octets are there. */
static inline unsigned bytes_u16(const unsigned char *at)
{
    return at[0] | (unsigned)at[1] << 8;
}

static inline uint32_t bytes_u32(const unsigned char *at)
{
    return bytes_u16(at) | (uint32_t)bytes_u16(at + 2) << 16;
}

static inline void bytes_put_u16(unsigned char *at, unsigned value)
{
    at[0] = (unsigned char)value;
    at[1] = (unsigned char)(value >> 8);
}

static inline void bytes_put_u32(unsigned char *at, uint32_t value)
{
    bytes_put_u16(at, value & 0xffff);
    bytes_put_u16(at + 2, value >> 16);
}

static inline bool bytes_begin(struct bytes bytes, const void *text, size_t len)
{
    return bytes.len >= len && memcmp(bytes.data, text, len) == 0;
}

#endif
