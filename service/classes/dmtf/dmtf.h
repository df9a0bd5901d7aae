/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The DMTF's own model (CIM Schema 2.42; DSP1042, DSP1057, DSP1103), namespace root/interop. Its tables show
 * what the class files of root/virtualization/v2 find (cim_class.origin) under the DMTF's names; what
 * Hyper-V has not, capabilities and profiles, is here alone.
 */
#ifndef CIMSNAPD_CLASSES_DMTF_H
#define CIMSNAPD_CLASSES_DMTF_H

#include "classes/hyperv/hyperv.h"

/* The organization that comes first in our InstanceIDs (CIM_ManagedElement.InstanceID: no colon in it, and
 * not CIM, which is for instances that the DMTF defines). */
#define DMTF_ORGANIZATION "cimsnapd"

/* Bases */
extern const struct cim_class dmtf_managed_element;
extern const struct cim_class dmtf_managed_system_element;
extern const struct cim_class dmtf_logical_element;
extern const struct cim_class dmtf_enabled_logical_element;
extern const struct cim_class dmtf_system;
extern const struct cim_class dmtf_service;
extern const struct cim_class dmtf_job;
extern const struct cim_class dmtf_setting_data;
extern const struct cim_class dmtf_base_capabilities;
extern const struct cim_class dmtf_registered_specification;
extern const struct cim_class dmtf_dependency;
extern const struct cim_class dmtf_hosted_dependency;
extern const struct cim_class dmtf_component;

extern const struct cim_class dmtf_computer_system;
extern const struct cim_class dmtf_virtual_system_setting_data;
extern const struct cim_class dmtf_resource_allocation_setting_data;
extern const struct cim_class dmtf_processor_allocation_setting_data;
extern const struct cim_class dmtf_storage_allocation_setting_data;
extern const struct cim_class dmtf_ethernet_port_allocation_setting_data;
extern const struct cim_class dmtf_resource_pool;
extern const struct cim_class dmtf_allocation_capabilities;
extern const struct cim_class dmtf_snapshot_service;
extern const struct cim_class dmtf_concrete_job;
extern const struct cim_class dmtf_error;
extern const struct cim_class dmtf_method_result;
extern const struct cim_class dmtf_inst_method_call;
extern const struct cim_class dmtf_service_capabilities;
extern const struct cim_class dmtf_vm_capabilities;
extern const struct cim_class dmtf_system_capabilities;
extern const struct cim_class dmtf_registered_profile;

extern const struct cim_class dmtf_affected_job_element;
extern const struct cim_class dmtf_owning_job_element;
extern const struct cim_class dmtf_associated_job_method_result;
extern const struct cim_class dmtf_settings_define_state;
extern const struct cim_class dmtf_virtual_system_setting_data_component;
extern const struct cim_class dmtf_settings_define_capabilities;
extern const struct cim_class dmtf_hosted_resource_pool;
extern const struct cim_class dmtf_snapshot_of_virtual_system;
extern const struct cim_class dmtf_element_setting_data;
extern const struct cim_class dmtf_most_current_snapshot_in_branch;
extern const struct cim_class dmtf_last_applied_snapshot;
extern const struct cim_class dmtf_parent_child_setting_data;
extern const struct cim_class dmtf_hosted_service;
extern const struct cim_class dmtf_service_affects_element;
extern const struct cim_class dmtf_element_capabilities;
extern const struct cim_class dmtf_element_conforms_to_profile;
extern const struct cim_class dmtf_referenced_profile;

/* A path as the URI that the schema asks for (CIM_VirtualSystemSettingData: RFC 2079), a relative one as a relative
 * reference. NULL without memory. */
const char *dmtf_uri(const char *path, struct arena *arena);
/* ResourceSubType of a part's kind. */
hv_getter dmtf_get_subtype;
/* "cimsnapd:GUID". */
void dmtf_instance_id(struct cim_value *out, struct arena *arena, const struct guid *id);

/* Jobs of snapshots are the service's. The others are begun by methods of the machine itself, as far as the DMTF's
 * classes here go. */
bool dmtf_is_service_job(const struct job *job);
/* The parameters of the call that began a job, and those it answers with at its end (result: and what it returns), as an
 * embedded instance of that class. NULL for a kind of job that this version does not know, and without memory. */
const char *dmtf_job_in(const struct job *job, const char *class, struct arena *arena);
const char *dmtf_job_out(const struct job *job, const char *class, bool result, struct arena *arena);

/* Emit what these classes have; into a sink that takes them as they are. */
int dmtf_emit_service_capabilities(struct cim_call *call, struct cim_sink *sink);
/* Nothing when the machine has gone meanwhile. */
int dmtf_emit_vm_capabilities(struct cim_call *call, const struct vm *vm, struct cim_sink *sink);

#endif
