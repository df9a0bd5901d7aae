/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every CIM class of the service. Order counts where several match: concrete before association.
 */
#include "classes/cimv2/cimv2.h"
#include "classes/hyperv/device.h"
#include "classes/hyperv/hyperv.h"
#include "classes/hyperv/logical.h"

const struct cim_class *const cim_class_registry[] = {
    &msvm_computer_system,
    &msvm_virtual_system_setting_data,
    &msvm_virtual_system_snapshot_service,
    &msvm_concrete_job,
    &msvm_processor_setting_data,
    &msvm_memory_setting_data,
    &msvm_resource_allocation_setting_data,
    &msvm_storage_allocation_setting_data,
    &msvm_synthetic_ethernet_port_setting_data,
    &msvm_emulated_ethernet_port_setting_data,
    &msvm_ethernet_port_allocation_setting_data,
    &msvm_serial_port_setting_data,
    &msvm_synthetic_display_controller_setting_data,
    &msvm_virtual_ethernet_switch,
    &msvm_processor,
    &msvm_memory,
    &msvm_ide_controller,
    &msvm_scsi_protocol_controller,
    &msvm_diskette_controller,
    &msvm_disk_drive,
    &msvm_dvd_drive,
    &msvm_diskette_drive,
    &msvm_logical_disk,
    &msvm_synthetic_ethernet_port,
    &msvm_emulated_ethernet_port,
    &msvm_serial_port,
    &msvm_synthetic_display_controller,
    &msvm_s3_display_controller,
    &msvm_video_head,
    &msvm_virtual_system_capabilities,
    &msvm_virtual_system_management_capabilities,
    &msvm_settings_define_state, /* before what associates snapshots: clients take the first setting data */
    &msvm_affected_job_element,
    &msvm_snapshot_of_virtual_system,
    &msvm_element_setting_data,
    &msvm_virtual_system_setting_data_component,
    &msvm_system_device,
    &msvm_hosted_service,
    &msvm_service_affects_element,
    &msvm_element_capabilities,
    &msvm_registered_profile,
    &msvm_element_conforms_to_profile,
    &msvm_registered_profile_interop,
    &msvm_video_head_on_controller,
    &win32_computer_system,
    &win32_computer_system_product,
    &win32_operating_system,
    &win32_processor,
    &win32_computer_system_processor,
    &msvm_most_current_snapshot_in_branch,
    &msvm_last_applied_snapshot,
    &msvm_parent_child_setting_data,
    NULL,
};
