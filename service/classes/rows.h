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
/* What the class's origin says, under this or another name. */
#define SAME(name, type)           { name, CIM_##type, CIM_SAME, NULL, NULL }
#define SAME_ARRAY(name, type)     { name, CIM_##type, CIM_SAME | CIM_ARRAY, NULL, NULL }
#define SAME_KEY(name)             { name, CIM_STRING, CIM_SAME | CIM_KEY, NULL, NULL }
#define SAME_AS(name, type, other) { name, CIM_##type, CIM_SAME, other, NULL }
#define REF_KEY(name)              { name, CIM_REFERENCE, CIM_KEY, NULL, NULL }

/* An association that shows another (cim_class.origin): its ends stand in the order that the origin's walk has them;
 * from: as cim_association.first. */
#define VIEW(from, role_0, class_0, role_1, class_1)                                               \
    .association = &(const struct cim_association){                                                \
        .role = { role_0, role_1 },                                                                \
        .class = { class_0, class_1 },                                                             \
        .first = from,                                                                             \
    }

/* A method that the model has and this service has not. */
#define REFUSED(method)   { .name = method, .role = ROLE_OPERATOR, .refused = true }
#define REFUSED_B(method) { .name = method, .role = ROLE_OPERATOR, .refused = true, .family_b = true }

#endif
