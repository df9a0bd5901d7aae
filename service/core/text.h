/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Text that goes to clients. What comes from a hypervisor, or was cut in a fixed buffer, need not
 * be well-formed; what users send must be.
 */
#ifndef CIMSNAPD_CORE_TEXT_H
#define CIMSNAPD_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A copy of at most `most` code points, to be freed; octets that are no UTF-8 and characters that
 * are no plain text become U+FFFD. NULL without memory. */
char *text_clean(const char *text, size_t most);
/* True for one line of well-formed UTF-8 without control characters. */
bool text_is_line(const char *text);
/* True for well-formed UTF-8 that XML can carry; tabs and line ends are allowed. */
bool text_is_lines(const char *text);

#endif
