/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Names as UTF-16LE, as NTLM has them (MS-NLMP 2.2), and as the rest of the service has them. Upper
 * case is unit by unit, as on Windows: what lies beyond the basic plane stays as it is.
 * Threads: any.
 */
#ifndef CIMSNAPD_AUTH_WIDE_H
#define CIMSNAPD_AUTH_WIDE_H

#include "auth/bytes.h"

enum wide_case { WIDE_AS_IS, WIDE_UPPER };

/* Well-formed UTF-8 into at most room octets; how many those are, or -1 when it does not fit or is
 * ill-formed. */
long wide_encode(unsigned char *out, size_t room, const char *text, enum wide_case fold);
/* Into NUL-terminated UTF-8; -1 when it does not fit, is ill-formed or holds a NUL. */
int wide_decode(char *out, size_t size, struct bytes text);
/* Orders two names (UTF-8) by their upper case: 0 when they differ in case at most. What is no
 * name, as it is too long or ill-formed, comes first, and equals no other. */
int wide_compare_names(const char *a, const char *b);

#endif
