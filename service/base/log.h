/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The log: one line an event on standard error, "level=info event=... key="value" ...".
 * Values are quoted and control characters escaped, so that no input can forge a line. Where
 * standard error goes to the journal (JOURNAL_STREAM), each line bears its level as the journal
 * reads it (sd-daemon(3)). Secrets never come here. Threads: any. errno is kept.
 */
#ifndef CIMSNAPD_BASE_LOG_H
#define CIMSNAPD_BASE_LOG_H

#include <stdarg.h>

enum log_level { LOG_ERROR_, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Finds out where standard error goes; before there are threads. */
void log_init(void);
void log_set_level(enum log_level level);
/* The level of that name, or -1. */
int log_level_parse(const char *name);

/* log_event(LOG_INFO, "start", "port", "5986", NULL): pairs of strings, ended by NULL. A pair whose
 * value is NULL is left out. */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));
/* An audit line (base/auditlog.h) among the others, whatever the level. */
void log_audit(const char *event, va_list args);

#endif
