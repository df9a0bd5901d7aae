/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Class tables as MOF (DSP0004), for people and for tools that read schemas.
 */
#ifndef CIMSNAPD_CIM_MOF_H
#define CIMSNAPD_CIM_MOF_H

#include "base/strbuf.h"
#include "cim/class.h"

/* The MOF name of a type, as "uint16"; "" for references. */
const char *mof_type(enum cim_type type);
/* One class: its properties and methods, with the qualifiers Key, Write, In, Out and Association. */
void mof_write(struct strbuf *out, const struct cim_class *class);

#endif
