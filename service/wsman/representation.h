/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Instances that clients send (DSP0230): checked against the class table, and held against what is
 * there. All errors are ERR_REPRESENTATION_* and name the property.
 */
#ifndef CIMSNAPD_WSMAN_REPRESENTATION_H
#define CIMSNAPD_WSMAN_REPRESENTATION_H

#include "wsman/op.h"

struct changes {
    struct cim_change *items;
    size_t count;
};

/* The body as a new representation of instance: what differs. Properties that are not there stay as
 * they are (Windows leaves out null arrays); one that cannot be written may be there with its value. */
int representation_read(struct op *op, const struct cim_instance *instance, struct changes *out);
/* The same for elements `first` and its siblings, which are properties. */
int representation_read_properties(struct op *op, const struct cim_instance *instance,
                                   const struct any *first, struct changes *out);
/* The body as a new instance: every property that is there and not nil. */
int representation_read_new(struct op *op, const struct cim_class *class, struct changes *out);
/* One property of an instance given a value: appended to out when it differs. */
int representation_change(struct op *op, const struct cim_instance *instance,
                          const struct cim_property *property, const struct cim_value *value,
                          struct changes *out);

#endif
