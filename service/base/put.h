/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Small texts in arrays of the caller's: what printf does with ten times the work. Threads: any.
 */
#ifndef CIMSNAPD_BASE_PUT_H
#define CIMSNAPD_BASE_PUT_H

#include <stddef.h>

enum { PUT_NUMBER = 21 /* octets of any unsigned long, and a NUL */ };

/* Cut where it does not fit; size is not 0. */
void put_text(char *out, size_t size, const char *text);
/* In decimal; out. */
char *put_number(char out[PUT_NUMBER], unsigned long number);

#endif
