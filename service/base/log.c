/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include "base/line.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static _Atomic int threshold = LOG_INFO;
static const char *const names[] = { "error", "warning", "info", "debug" };
static const char *const journal_levels[] = { "<3>", "<4>", "<6>", "<7>" };
static bool journal;

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

void log_event(enum log_level level, const char *event, ...)
{
    struct line line;
    va_list args;

    if ((int)level > threshold)
        return;
    line_begin(&line, "%slevel=%s event=%s", journal ? journal_levels[level] : "", names[level],
               event);
    va_start(args, event);
    line_pairs(&line, args);
    va_end(args);
    line_write(&line, STDERR_FILENO);
}

void log_audit(const char *event, va_list args)
{
    struct line line;

    line_begin(&line, "%slevel=%s event=audit audit=%s", journal ? journal_levels[LOG_INFO] : "",
               names[LOG_INFO], event);
    line_pairs(&line, args);
    line_write(&line, STDERR_FILENO);
}
