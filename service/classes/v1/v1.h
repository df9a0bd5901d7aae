/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Hyper-V's first model, root/virtualization (Windows Server 2008 to 2012): its tables show what V2's
 * class files find (cim_class.origin) under V1's names, with V1's values.
 */
#ifndef CIMSNAPD_CLASSES_V1_H
#define CIMSNAPD_CLASSES_V1_H

#include "classes/hyperv/hyperv.h"

extern const struct cim_class v1_computer_system;
extern const struct cim_class v1_virtual_system_setting_data;
extern const struct cim_class v1_virtual_system_management_service;
extern const struct cim_class v1_concrete_job;
extern const struct cim_class v1_affected_job_element;
extern const struct cim_class v1_owning_job_element;
extern const struct cim_class v1_element_setting_data;

#endif
