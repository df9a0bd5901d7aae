/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arguments of a method call: from the elements of its _INPUT by its parameter table.
 */
#ifndef CIMSNAPD_WSMAN_INVOKE_H
#define CIMSNAPD_WSMAN_INVOKE_H

#include "wsman/op.h"

/* One argument for each parameter of the method, in its order. Errors: ERR_PARAMETER_NAME (unknown, missing
 * or doubled), ERR_PARAMETER_TYPE (text where a number is due and the like: a fault), and
 * ERR_INVALID_PARAMETER and its kin for references and instances that make no sense (a return code). */
struct cim_argument *arguments_read(struct op *op, const struct cim_method *method);

#endif
