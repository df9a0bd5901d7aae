/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every CIM class of the service. Order counts where several match: concrete before association.
 */
#include "classes/hyperv/hyperv.h"

const struct cim_class *const cim_class_registry[] = {
    &msvm_computer_system,
    &msvm_virtual_system_setting_data,
    &msvm_virtual_system_snapshot_service,
    &msvm_concrete_job,
    &msvm_affected_job_element,
    &msvm_snapshot_of_virtual_system,
    NULL,
};
