/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * UTF-8, strictly: no overlong forms, no surrogates, nothing past U+10FFFF.
 */
#ifndef CIMSNAPD_BASE_UTF8_H
#define CIMSNAPD_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads one code point at text (len octets left, at least 1): its octets (1..4), 0 when ill-formed. */
size_t utf8_next(const char *text, size_t len, uint32_t *code);
/* Code points in text, or -1 when it is ill-formed. */
long utf8_length(const char *text);
/* Writes one code point: its octets (1..4). */
size_t utf8_put(uint32_t code, char out[4]);
/* True when XML 1.0 may hold this character (production [2] Char). */
bool utf8_is_xml_char(uint32_t code);
/* True when a name in XML 1.0 (fifth edition, [4] and [4a]) may have it, or begin with it; ':' is none. */
bool utf8_is_xml_name(uint32_t code, bool first);

#endif
