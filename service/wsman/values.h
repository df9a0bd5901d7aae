/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Values of CIM types in requests (DSP0230), for arguments of methods and for instances: read by type
 * into the form in which class tables hold them.
 */
#ifndef CIMSNAPD_WSMAN_VALUES_H
#define CIMSNAPD_WSMAN_VALUES_H

#include "cim/class.h"
#include "wsman/any.h"

/* The value in node, which is not nil: numbers checked and bounded, without blanks around them; "true" or
 * "false"; times as cim/datetime.h writes them, whether they come in cim:Datetime, cim:Interval or
 * bare; text as it is. NULL when it is not of that type, or without memory (arena_ok() tells). */
const char *values_read(enum cim_type type, const struct any *node, struct arena *arena);

/* True when two values of a property are the same; arrays in order. */
bool values_equal(const struct cim_property *property, const struct cim_value *a,
                  const struct cim_value *b, struct arena *arena);

#endif
