/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/auditlog.h"

#include "base/clock.h"
#include "base/line.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER; /* guards file; held over a write */
static const char *file_path = "";                         /* const after auditlog_open() */
static int file = -1;                                      /* -1: the log */

int auditlog_open(const char *path, struct error *err)
{
    file_path = path;
    return auditlog_reopen(err);
}

int auditlog_reopen(struct error *err)
{
    int fresh, old;

    if (!file_path[0])
        return 0;
    fresh = open(file_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fresh < 0)
        return error_set(err, ERR_FAILED, "%s: %s", file_path, strerror(errno));
    pthread_rwlock_wrlock(&lock);
    old = file;
    file = fresh;
    pthread_rwlock_unlock(&lock);
    if (old >= 0)
        close(old);
    return 0;
}

void auditlog_close(void)
{
    if (file >= 0)
        close(file);
    file = -1;
    file_path = "";
}

static void begin(struct line *line, const char *event)
{
    int64_t now_us = clock_now_us();
    time_t seconds = (time_t)(now_us / 1000000);
    char text[32] = "";
    struct tm tm;

    if (gmtime_r(&seconds, &tm))
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
    line_begin(line, "time=%s.%06dZ audit=%s", text, (int)(now_us % 1000000), event);
}

void auditlog_event(const char *event, ...)
{
    struct line line;
    va_list args;

    va_start(args, event);
    pthread_rwlock_rdlock(&lock);
    if (file < 0) {
        log_audit(event, args);
    } else {
        begin(&line, event);
        line_pairs(&line, args);
        line_write(&line, file);
    }
    pthread_rwlock_unlock(&lock);
    va_end(args);
}

void auditlog_print_man(FILE *out)
{
    static const struct {
        const char *name, *keys, *help;
    } events[] = {
#define EVENT(name, keys, help) { #name, keys, help },
#include "base/auditlog.def"
#undef EVENT
    };

    fputs(".SH AUDIT\nOne line for each decision about a caller and each attempt to change "
          "something: in audit.file with the time\nin front, else among the lines of the log with "
          "event=audit. No secrets; values are escaped as in the log.\n",
          out);
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        fprintf(out, ".TP\n.B audit=%s\n%s\nKeys: %s.\n", events[i].name, events[i].help,
                events[i].keys);
}
