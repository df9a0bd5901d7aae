/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fragments of an instance (DSP0226 section 7.7, MS-WSMV 3.1.4.1.18), which XPath names. A Get takes any
 * expression, a Put the forms that name one property: Name, Name[2], each with or without /text(),
 * after ./ or /Class/ or nothing.
 */
#ifndef CIMSNAPD_WSMAN_FRAGMENT_H
#define CIMSNAPD_WSMAN_FRAGMENT_H

#include "wsman/representation.h"

/* Writes the XmlFragment, and the header that says so. */
int fragment_get(struct op *op, const struct cim_instance *instance);
/* Reads the XmlFragment in the body: the changes it makes. */
int fragment_read(struct op *op, const struct cim_instance *instance, struct changes *out);

#endif
