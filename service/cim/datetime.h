/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Times as DSP0230 writes them. Text is made in an arena; NULL without memory.
 */
#ifndef CIMSNAPD_CIM_DATETIME_H
#define CIMSNAPD_CIM_DATETIME_H

#include "base/arena.h"

#include <stdint.h>

/* Microseconds since 1970 UTC -> "2013-03-09T02:57:32Z"; a fraction of 1 to 6 digits, trailing zeros
 * cut; NULL for 0 (unknown). */
const char *cim_datetime(int64_t us, struct arena *arena);
/* Microseconds -> "P0DT0H0M7.25S". */
const char *cim_interval(int64_t us, struct arena *arena);
/* Reads xs:dateTime with Z or offset, and the 25 characters of CIM (yyyymmddHHMMSS.mmmmmm+UUU):
 * 0, or -1 when text is neither. */
int cim_datetime_parse(const char *text, int64_t *us);
/* Reads xs:duration without years and months (P1DT2H3M4.5S, negative refused): 0 or -1. */
int cim_duration_parse(const char *text, int64_t *us);
/* The same, and the 25 characters of a CIM interval (ddddddddHHMMSS.mmmmmm:000). */
int cim_interval_parse(const char *text, int64_t *us);

#endif
