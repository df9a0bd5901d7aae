/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Quoted text, as WMI paths and WQL write it: between ' or ", a quote or backslash inside escaped
 * by a backslash, or a quote by doubling it. A backslash before anything else stands for itself.
 */
#ifndef CIMSNAPD_CIM_QUOTE_H
#define CIMSNAPD_CIM_QUOTE_H

#include "base/arena.h"
#include "base/strbuf.h"

#include <stdbool.h>

static inline bool quote_is(char c)
{
    return c == '\'' || c == '"';
}

/* text begins with a quote: where the quoted text ends (after its closing quote), or NULL. */
const char *quote_end(const char *text);
/* What is between text and end = quote_end(text), unescaped; NULL without memory. */
const char *quote_read(const char *text, const char *end, struct arena *arena);
/* Adds text between double quotes, escaped by backslashes. */
void quote_write(struct strbuf *out, const char *text);

#endif
