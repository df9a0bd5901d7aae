/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Short forms for the rows of class tables. Rows stand sorted by name without regard to case.
 */
#ifndef CIMSNAPD_CLASSES_ROWS_H
#define CIMSNAPD_CLASSES_ROWS_H

#include "cim/class.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define NIL(name, type)            { name, CIM_##type, 0, NULL, NULL }
#define NIL_ARRAY(name, type)      { name, CIM_##type, CIM_ARRAY, NULL, NULL }
#define FIXED(name, type, value)   { name, CIM_##type, 0, value, NULL }
#define FIXED_ARRAY(name, type, v) { name, CIM_##type, CIM_ARRAY, v, NULL }
#define FIXED_KEY(name, value)     { name, CIM_STRING, CIM_KEY, value, NULL }
#define GET(name, type, getter)    { name, CIM_##type, 0, NULL, getter }
#define GET_ARRAY(name, type, get) { name, CIM_##type, CIM_ARRAY, NULL, get }
#define KEY(name, getter)          { name, CIM_STRING, CIM_KEY, NULL, getter }
#define REF_KEY(name)              { name, CIM_REFERENCE, CIM_KEY, NULL, NULL }

#endif
