/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Base64, canonical only: what decodes must encode to the same text again.
 */
#ifndef CIMSNAPD_AUTH_BASE64_H
#define CIMSNAPD_AUTH_BASE64_H

#include <stddef.h>

/* Into out, which has room for 3 octets of each 4 and one more. How many, or -1. */
long base64_decode(unsigned char *out, const char *text, size_t len);
/* The same into memory of its own, at most BASE64_MOST octets of text; NULL for what is not base64,
 * or without memory. */
enum { BASE64_MOST = 1024 * 1024 };
unsigned char *base64_octets(const char *text, size_t len, size_t *octets);
/* Text for the caller to free; NULL without memory. */
char *base64_text(const unsigned char *octets, size_t len);

#endif
