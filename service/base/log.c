/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MAX_ = 4000 };

static _Atomic int threshold = LOG_INFO;
static const char *const names[] = { "error", "warning", "info", "debug" };
static const char *const journal_levels[] = { "<3>", "<4>", "<6>", "<7>" };
static bool journal;

struct line {
    char text[LINE_MAX_ + 2];
    size_t len;
};

void log_init(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat st;

    journal = stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
              fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void log_set_level(enum log_level level)
{
    threshold = (int)level;
}

int log_level_parse(const char *name)
{
    for (int i = 0; i < 4; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return -1;
}

static void line_add(struct line *line, const char *text, size_t len)
{
    if (len > LINE_MAX_ - line->len)
        len = LINE_MAX_ - line->len;
    memcpy(line->text + line->len, text, len);
    line->len += len;
}

static void line_value(struct line *line, const char *value)
{
    char hex[8];

    line_add(line, "\"", 1);
    for (; *value; value++) {
        unsigned char c = (unsigned char)*value;
        if (c < 0x20 || c == 0x7f)
            line_add(line, hex, (size_t)snprintf(hex, sizeof(hex), "\\x%02x", c));
        else if (c == '"' || c == '\\')
            line_add(line, (char[]){ '\\', (char)c }, 2);
        else
            line_add(line, value, 1);
    }
    line_add(line, "\"", 1);
}

void log_event(enum log_level level, const char *event, ...)
{
    struct line line; /* not cleared: 4 KB */
    int saved = errno;
    const char *key;
    va_list args;

    if ((int)level > threshold)
        return;
    line.len = (size_t)snprintf(line.text, LINE_MAX_, "%slevel=%s event=%s",
                                journal ? journal_levels[level] : "", names[level], event);
    va_start(args, event);
    while ((key = va_arg(args, const char *))) {
        const char *value = va_arg(args, const char *);
        if (!value)
            continue;
        line_add(&line, " ", 1);
        line_add(&line, key, strlen(key));
        line_add(&line, "=", 1);
        line_value(&line, value);
    }
    va_end(args);
    line.text[line.len++] = '\n';
    if (write(STDERR_FILENO, line.text, line.len) < 0) {
        /* nobody reads the log; there is nowhere to say so */
    }
    errno = saved;
}
