/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One line of the log or the audit: words, then pairs key="value" with control characters escaped,
 * so that no input can forge a line. What is too long is cut. Written in one piece. Threads: a line
 * belongs to one.
 */
#ifndef CIMSNAPD_BASE_LINE_H
#define CIMSNAPD_BASE_LINE_H

#include <stdarg.h>
#include <stddef.h>

enum { LINE_MOST = 4000 };

struct line {
    char text[LINE_MOST + 2]; /* need not be cleared: 4 KB */
    size_t len;
};

void line_begin(struct line *line, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Pairs of strings, ended by NULL; a pair whose value is NULL is left out. */
void line_pairs(struct line *line, va_list args);
/* Ends it and writes it. errno is kept. */
void line_write(struct line *line, int fd);

#endif
