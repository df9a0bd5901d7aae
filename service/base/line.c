/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/line.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void line_begin(struct line *line, const char *fmt, ...)
{
    va_list args;
    int len;

    va_start(args, fmt);
    len = vsnprintf(line->text, LINE_MOST, fmt, args);
    va_end(args);
    line->len = len < 0 ? 0 : len < LINE_MOST ? (size_t)len : LINE_MOST - 1;
}

static void line_add(struct line *line, const char *text, size_t len)
{
    if (len > LINE_MOST - line->len)
        len = LINE_MOST - line->len;
    memcpy(line->text + line->len, text, len);
    line->len += len;
}

/* Stands in a value as it is. */
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != 0x7f && c != '"' && c != '\\';
}

static void line_value(struct line *line, const char *value)
{
    char hex[8];
    size_t plain;

    line_add(line, "\"", 1);
    for (;;) {
        for (plain = 0; is_plain((unsigned char)value[plain]); plain++) { }
        line_add(line, value, plain);
        value += plain;
        if (!*value)
            break;
        if (*value == '"' || *value == '\\')
            line_add(line, (char[]){ '\\', *value }, 2);
        else
            line_add(line, hex,
                     (size_t)snprintf(hex, sizeof(hex), "\\x%02x", (unsigned char)*value));
        value++;
    }
    line_add(line, "\"", 1);
}

void line_pairs(struct line *line, va_list args)
{
    const char *key;

    while ((key = va_arg(args, const char *))) {
        const char *value = va_arg(args, const char *);
        if (!value)
            continue;
        line_add(line, " ", 1);
        line_add(line, key, strlen(key));
        line_add(line, "=", 1);
        line_value(line, value);
    }
}

void line_write(struct line *line, int fd)
{
    int saved = errno;

    line->text[line->len++] = '\n';
    if (write(fd, line->text, line->len) < 0) {
        /* nobody reads it; there is nowhere to say so */
    }
    errno = saved;
}
