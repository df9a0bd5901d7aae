/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The audit: one line for each security decision and each attempt to change something. In a file of
 * its own, "time=... audit=EVENT key="value" ...", or as lines of the log, with "event=audit" where
 * the time stands. Secrets never come here; values are escaped as in the log. A pair that says
 * nothing is left out. The events are the rows of auditlog.def; keys mean what they mean in the
 * log. Threads: any, after auditlog_open() and until auditlog_close().
 */
#ifndef CIMSNAPD_BASE_AUDITLOG_H
#define CIMSNAPD_BASE_AUDITLOG_H

#include "base/error.h"

#include <stdio.h>

/* path "": the log. The path is borrowed until auditlog_close(). */
int auditlog_open(const char *path, struct error *err);
/* Opens the file anew, as after it was moved away. On error the old one stays. */
int auditlog_reopen(struct error *err);
void auditlog_close(void);

/* Pairs as for log_event(). */
void auditlog_event(const char *event, ...) __attribute__((sentinel));

/* The section of the man page. */
void auditlog_print_man(FILE *out);

#endif
