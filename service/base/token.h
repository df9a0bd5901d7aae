/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Pieces of header text (RFC 9110, 5.6): borrowed, not NUL-terminated, without control characters.
 */
#ifndef CIMSNAPD_BASE_TOKEN_H
#define CIMSNAPD_BASE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

struct token {
    const char *text;
    size_t len;
};

/* Equal but for the case of ASCII letters. */
bool token_is(struct token token, const char *text);
/* Octets before the first that is in stop; all when none is. */
size_t token_span(struct token token, const char *stop);
/* Octets at the start that may be in a field name or method (tchar). */
size_t token_name_length(struct token token);
/* Without the blanks and tabs around it. */
struct token token_trim(struct token token);
/* Takes the next member off a comma-separated list; false at its end. Empty members are skipped. */
bool token_list_next(struct token *list, struct token *member);

#endif
