/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libvirt's errors as ours. Its own text names host paths and goes to the log only.
 */
#ifndef CIMSNAPD_LV_ERROR_H
#define CIMSNAPD_LV_ERROR_H

#include "base/error.h"

#include <stdbool.h>

/* Sets err from this thread's last libvirt error. doing: what was tried, to follow "could not", as
 * "list the machines". Returns -1. */
int lv_error_set(struct error *err, const char *doing);
/* What a text of libvirt's or its tools' says of the cause, if it is one that users know better than we: to be appended
 * to a sentence, as ": there is no space left"; else "". *code is set with it, and left alone else. */
const char *lv_error_cause(const char *said, enum error_code *code);
/* The same for what the guest agent was to do: ERR_AGENT, unless libvirt itself is away. */
int lv_error_agent(struct error *err, const char *doing);
/* True when the last error does not say that the guest agent has answered. */
bool lv_error_is_silence(void);
/* The number of this thread's last libvirt error, 0 if there is none. */
int lv_error_number(void);
/* True when the last error says that the URI is at fault, and not that nobody answers there. */
bool lv_error_is_hopeless(void);
/* Stops libvirt from writing errors to standard error. Any number of calls. */
void lv_error_silence(void);

#endif
