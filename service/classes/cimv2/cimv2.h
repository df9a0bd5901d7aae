/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Classes of root/cimv2: the little of Windows' own that Hyper-V's clients ask for first.
 */
#ifndef CIMSNAPD_CLASSES_CIMV2_H
#define CIMSNAPD_CLASSES_CIMV2_H

#include "classes/rows.h"

#define CIM_NS_CIMV2 "root/cimv2"

extern const struct cim_class win32_computer_system;
extern const struct cim_class win32_computer_system_product;
extern const struct cim_class win32_operating_system;
extern const struct cim_class win32_processor;
extern const struct cim_class win32_computer_system_processor;

#endif
