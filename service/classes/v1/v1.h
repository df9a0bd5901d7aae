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
extern const struct cim_class v1_processor_setting_data;
extern const struct cim_class v1_memory_setting_data;
extern const struct cim_class v1_resource_allocation_setting_data;
extern const struct cim_class v1_synthetic_ethernet_port_setting_data;
extern const struct cim_class v1_emulated_ethernet_port_setting_data;
extern const struct cim_class v1_virtual_system_global_setting_data;
extern const struct cim_class v1_summary_information;
extern const struct cim_class v1_affected_job_element;
extern const struct cim_class v1_owning_job_element;
extern const struct cim_class v1_settings_define_state;
extern const struct cim_class v1_element_setting_data;
extern const struct cim_class v1_previous_setting_data;
extern const struct cim_class v1_virtual_system_setting_data_component;
extern const struct cim_class v1_hosted_service;
extern const struct cim_class v1_service_affects_element;

/* The values of V1's EnabledState: 32768 and 32769 where V2 has the DMTF's 9 (paused) and 6 (saved). */
const char *v1_enabled_state(const char *v2);

/* Emits Msvm_VirtualSystemGlobalSettingData of a machine. */
int v1_emit_global(struct cim_call *call, const struct vm *vm, struct cim_sink *sink);

#endif
