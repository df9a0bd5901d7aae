/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the class files of root/virtualization/v2 share: the objects behind their instances.
 */
#ifndef CIMSNAPD_CLASSES_HYPERV_H
#define CIMSNAPD_CLASSES_HYPERV_H

#include "classes/rows.h"

extern const struct cim_class msvm_computer_system;
extern const struct cim_class msvm_virtual_system_setting_data;
extern const struct cim_class msvm_virtual_system_snapshot_service;
extern const struct cim_class msvm_concrete_job;
extern const struct cim_class msvm_error;
extern const struct cim_class msvm_keyboard;
extern const struct cim_class msvm_shutdown_component;
extern const struct cim_class msvm_summary_information;
extern const struct cim_class msvm_virtual_system_management_service;
extern const struct cim_class msvm_affected_job_element;
extern const struct cim_class msvm_owning_job_element;
extern const struct cim_class msvm_snapshot_of_virtual_system;
extern const struct cim_class msvm_settings_define_state;
extern const struct cim_class msvm_element_setting_data;
extern const struct cim_class msvm_system_device;
extern const struct cim_class msvm_hosted_service;
extern const struct cim_class msvm_service_affects_element;
extern const struct cim_class msvm_virtual_system_capabilities;
extern const struct cim_class msvm_virtual_system_management_capabilities;
extern const struct cim_class msvm_element_capabilities;
extern const struct cim_class msvm_registered_profile;
extern const struct cim_class msvm_registered_profile_interop;
extern const struct cim_class msvm_element_conforms_to_profile;
extern const struct cim_class msvm_referenced_profile;
extern const struct cim_class msvm_virtual_system_snapshot_setting_data;
extern const struct cim_class msvm_most_current_snapshot_in_branch;
extern const struct cim_class msvm_last_applied_snapshot;
extern const struct cim_class msvm_parent_child_setting_data;

/* Msvm_ComputerSystem: a machine, or with vm NULL the host. */
struct hv_system {
    const struct vm *vm;
    const char *host;
};

/* Msvm_VirtualSystemSettingData: of a snapshot, or with snapshot NULL of the machine as it is. */
struct hv_settings {
    const struct vm *vm;
    const struct snapshot *snapshot;
    struct cim_call *call;     /* to ask for its parts with */
    const char *host;
};

/* The setting data it derives from; NULL for a root. */
const struct guid *hv_parent(const struct hv_settings *settings);

/* What is to become of setting data, collected property by property (settings_change.c). */
struct hv_wish {
    unsigned which; /* SETTING_... */
    const char *title, *notes;
    struct vm_settings settings; /* but for the notes */
};

/* Adds a new value: 0, or -1 with ERR_INVALID_PARAMETER that names the property. */
int hv_wish_add(struct hv_wish *wish, const struct hv_settings *of, const struct cim_property *property,
                const struct cim_value *value, struct cim_call *call);
/* Makes it true by a job; nothing to do is no job, and a ticket that has completed. */
int hv_wish_make(struct cim_call *call, const struct hv_settings *of, const struct hv_wish *wish,
                 struct snapshot_ticket *ticket);
/* WS-Transfer Put: the same, and waits for the job. */
int hv_settings_put(struct cim_call *call, const struct cim_instance *self,
                    const struct cim_change *changes, size_t count);
/* The setting data that a reference names, in whichever model; ns is that of a reference that names none. NULL with
 * call->err. */
const struct hv_settings *hv_settings_of(struct cim_call *call, const char *ns, const struct cim_ref *ref);


/* Msvm_VirtualSystemSnapshotService and its kin: one of each a host. */
struct hv_service {
    const char *host;
};

/* Msvm_ComputerSystem's methods; the DMTF has one of them, whose parameters and function these are. */
enum { HV_SYSTEM_METHODS = 4, HV_STATE_PARAMETERS = 3 };
extern const struct cim_method hv_system_methods[HV_SYSTEM_METHODS];
extern const struct cim_parameter hv_state_parameters[HV_STATE_PARAMETERS];
int hv_request_state_change(struct cim_call *call, const struct cim_instance *self,
                            const struct cim_argument *in, struct cim_value *out, unsigned *ret);
/* What the DMTF's RequestStateChange, of jobs and of machines, returns for an error that has a return code. */
unsigned hv_transition_code(const struct error *err);

/* The object of a Msvm_ConcreteJob is a struct job. Its methods and its end are in job_control.c. */
enum { HV_JOB_METHODS = 3 };
/* The first three are Hyper-V's, the last three the DMTF's. */
extern const struct cim_method hv_job_methods[HV_JOB_METHODS + 1];
int hv_job_put(struct cim_call *call, const struct cim_instance *self, const struct cim_change *changes,
               size_t count);
int hv_job_remove(struct cim_call *call, const struct cim_instance *self);
/* The class of the service whose method began the job. */
const struct cim_class *hv_job_owner(const struct job *job);

/* What core knows, kept as long as the call's arena lives. Lists: NULL with call->err. Single ones: NULL
 * when the caller sees none, and then call->err tells whether that was an error. */
/* part: NULL for all. */
const struct vm_list *hv_vms(struct cim_call *call, const struct list_part *part);
/* Calls each(vm) for every machine in scope, until one returns other than 0: what every class whose
 * instances belong to machines lists by, so that its listing can be taken in pages. Once in a listing,
 * and before it only what belongs to no machine is emitted. */
typedef int hv_vm_fn(struct cim_call *call, const struct vm *vm, struct cim_sink *sink);
int hv_each_vm(struct cim_call *call, hv_vm_fn *each, struct cim_sink *sink);
/* The same for those whose ElementName is call->element_name, where it is set. */
int hv_each_named_vm(struct cim_call *call, hv_vm_fn *each, struct cim_sink *sink);
/* In a listing that is taken in pages (call->cursor): emits each snapshot of the machine as its setting data, of which
 * call->element_name may leave some out, after `first` was called for what comes before them. */
int hv_each_snapshot(struct cim_call *call, const struct vm *vm, hv_vm_fn *first,
                     struct cim_sink *sink);
/* For what there is much of to each setting data: each() emits what belongs to the machine as it is, then to one
 * snapshot after the other. */
struct hv_owned {
    int (*each)(const struct hv_owned *owned, struct cim_call *call, const struct hv_settings *owner);
};
int hv_each_owned(struct cim_call *call, const struct vm *vm, const struct hv_owned *owned);
const struct job_list *hv_jobs(struct cim_call *call);
/* Of one machine. */
const struct snapshot_list *hv_snapshots(struct cim_call *call, const struct guid *vm);
const struct snapshot_list *hv_snapshots_part(struct cim_call *call, const struct guid *vm,
                                              const struct list_part *part);
/* What users said of a machine, and its current snapshot. */
const struct vm_settings *hv_said(struct cim_call *call, const struct guid *vm);
const struct guid *hv_current(struct cim_call *call, const struct guid *vm);
/* The host and its networks. */
const struct host *hv_host(struct cim_call *call);
const struct network_list *hv_networks(struct cim_call *call);
const struct vm *hv_vm(struct cim_call *call, const struct guid *id);
const struct job *hv_job(struct cim_call *call, const struct guid *id);
/* The snapshot of a machine that is known. */
const struct snapshot *hv_snapshot_of(struct cim_call *call, const struct guid *vm,
                                      const struct guid *id);
const struct snapshot *hv_snapshot(struct cim_call *call, const struct guid *id);

/* Emit an instance into a sink; what it stands on must live as long as the call's arena. */
int hv_emit_system(struct cim_call *call, const struct vm *vm, struct cim_sink *sink);
/* A machine's own setting data. */
int hv_emit_active(struct cim_call *call, const struct vm *vm, struct cim_sink *sink);
int hv_emit_snapshot(struct cim_call *call, const struct snapshot *snapshot, struct cim_sink *sink);
int hv_emit_job(const struct job *job, struct cim_sink *sink);
/* An instance of `class`, whose object is a struct hv_service. */
int hv_emit_service(struct cim_call *call, const struct cim_class *class, struct cim_sink *sink);
/* Of a machine: EnabledState and OtherEnabledState (or NULL); of one, or with NULL of the host: the rest. */
const char *hv_enabled_state(const struct vm *vm);
const char *hv_other_enabled_state(const struct vm *vm);
void hv_operational_status(const struct vm *vm, struct arena *arena, struct cim_value *out);
void hv_status_descriptions(const struct vm *vm, struct arena *arena, struct cim_value *out);

/* References to what does not exist yet, or is not at hand. NULL without memory. */
const struct cim_ref *hv_ref(const char *class, const char *key, const char *value,
                             struct arena *arena);
/* "Microsoft:GUID", as an InstanceID of setting data. */
const char *hv_settings_id(const struct guid *id, struct arena *arena);
/* The GUID in an InstanceID of any model, which may have an organization and a colon before it: 0 or -1.
 * Whether the InstanceID is that of an instance found so is for who asked for it to see. */
int hv_id_parse(const char *text, struct guid *id);

/* Getters of Msvm_VirtualSystemSettingData that look at the parts of a machine or snapshot. */
typedef void hv_getter(const void *object, struct arena *arena, struct cim_value *out);
hv_getter hv_get_architecture, hv_get_bios_id, hv_get_bios_serial, hv_get_board_serial,
    hv_get_boot_order, hv_get_chassis_serial, hv_get_chassis_tag, hv_get_config_file, hv_get_config_root,
    hv_get_generation, hv_get_guest_state_file, hv_get_guest_state_root, hv_get_log_root, hv_get_numa,
    hv_get_recovery_action, hv_get_secure_boot, hv_get_snapshot_root, hv_get_suspend_root;

/* For methods that Hyper-V has and this service has not. */
int hv_not_supported(struct cim_call *call, const struct cim_instance *self,
                     const struct cim_argument *in, struct cim_value *out, unsigned *ret);

/* Value helpers for getters. */
void hv_text(struct cim_value *out, struct arena *arena, const char *text); /* copied; NULL stays NULL */
void hv_number(struct cim_value *out, struct arena *arena, unsigned long long number);
void hv_list(struct cim_value *out, struct arena *arena, const char *const *texts, size_t count);
void hv_guid(struct cim_value *out, struct arena *arena, const struct guid *id);

/* ---- methods of all three models; self tells which (methods.c) ---- */

/* The machine that a reference is of; parameter: its name, for the message. 0, or -1 with call->err. */
int hv_read_vm(struct cim_call *call, const struct cim_instance *self, const struct cim_ref *ref,
               const char *parameter, struct guid *vm);
/* The same for what core reads in any case: a machine that is named in full need not be there, as core says so. */
int hv_name_vm(struct cim_call *call, const struct cim_instance *self, const struct cim_ref *ref,
               const char *parameter, struct guid *vm);
/* The snapshot that a reference is of; NULL with call->err. */
const struct snapshot *hv_read_snapshot(struct cim_call *call, const struct cim_instance *self,
                                        const struct cim_ref *ref);
/* To the setting data of a snapshot, which need not be there yet. NULL without memory. */
const struct cim_ref *hv_snapshot_ref(struct cim_call *call, const struct cim_instance *self,
                                      const struct guid *id);
/* What ModifySystemSettings and V1's ModifyVirtualSystem do: compares the instance that was sent back with what is, and
 * begins the change. as: the table that the client has it from; vm: whose settings it must be, NULL for any's. *of: the
 * settings it is about. */
int hv_modify(struct cim_call *call, const struct cim_class *as, const struct cim_embedded *wanted,
              const struct guid *vm, const struct hv_settings **of, struct snapshot_ticket *ticket);
/* GetVirtualSystemThumbnailImage and GetSummaryInformation of both of Hyper-V's models. */
enum { HV_THUMBNAIL_PARAMETERS = 4, HV_SUMMARY_PARAMETERS = 3 };
extern const struct cim_parameter hv_thumbnail_parameters[HV_THUMBNAIL_PARAMETERS];
extern const struct cim_parameter hv_summary_parameters[HV_SUMMARY_PARAMETERS];
int hv_get_thumbnail(struct cim_call *call, const struct cim_instance *self, const struct cim_argument *in,
                     struct cim_value *out, unsigned *ret);
int hv_get_summaries(struct cim_call *call, const struct cim_instance *self, const struct cim_argument *in,
                     struct cim_value *out, unsigned *ret);
/* What a method that began a job answers: 0 with *job and *ret (4096, or 0 when the job has completed already);
 * -1 when it has failed already: the method then fails as the job did. */
int hv_ticket(struct cim_call *call, const struct cim_instance *self,
              const struct snapshot_ticket *ticket, struct cim_value *job, unsigned *ret);
/* The same for a method that has no job to tell of: waits for its end as long as the client waits for an answer.
 * 0, or -1: as the job failed, or ERR_STILL_RUNNING while it goes on. */
int hv_wait(struct cim_call *call, const struct snapshot_ticket *ticket);

/* The snapshot service's; the first of them are the DMTF's too. */
enum { HV_SNAPSHOT_METHODS_DMTF = 6, HV_SNAPSHOT_METHODS = 9 };
extern const struct cim_method hv_snapshot_methods[HV_SNAPSHOT_METHODS];

#endif
