/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * GUIDs, by libuuid. Text out is upper case without braces, as Hyper-V writes it; text in may be
 * in any case, with or without braces.
 */
#ifndef CIMSNAPD_BASE_GUID_H
#define CIMSNAPD_BASE_GUID_H

#include <stdbool.h>

enum { GUID_TEXT = 37 }; /* octets of text with its NUL */

struct guid {
    unsigned char bytes[16];
};

struct guid guid_random(void);
/* Greater than any of them made before, as long as the clock is not turned back between two starts (RFC 9562
 * version 7): what is listed by GUID is listed by age. */
struct guid guid_timed(void);
/* A stable GUID for `name` within `space` (RFC 4122 version 5). */
struct guid guid_derive(const struct guid *space, const char *name);
int guid_parse(struct guid *out, const char *text); /* 0, or -1 when text is no GUID */
/* Writes GUID_TEXT octets and returns out. */
char *guid_format(const struct guid *g, char out[GUID_TEXT]);
bool guid_equal(const struct guid *a, const struct guid *b);
int guid_order(const struct guid *a, const struct guid *b); /* as memcmp() */
bool guid_is_null(const struct guid *g);

/* The text of a GUID for the length of one expression: printf("%s", GUID_STR(&g)). */
#define GUID_STR(g) guid_format((g), (char[GUID_TEXT]){ 0 })

#endif
