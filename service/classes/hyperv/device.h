/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The parts of machines and snapshots, from which the classes of setting data and of logical devices are
 * made: one object for all of them, told apart by its kind.
 */
#ifndef CIMSNAPD_CLASSES_DEVICE_H
#define CIMSNAPD_CLASSES_DEVICE_H

#include "classes/hyperv/hyperv.h"

/* In the order in which those of one machine are listed: what others are plugged into first, and what is of
 * a subclass after what is of its class, as some clients stop at the first instance of another class. */
enum hv_kind {
    HV_PROCESSOR,
    HV_MEMORY,
    HV_IDE_CONTROLLER,
    HV_SCSI_CONTROLLER, /* whatever is neither IDE nor for diskettes */
    HV_DISKETTE_CONTROLLER,
    HV_DISK_DRIVE,
    HV_DVD_DRIVE,
    HV_DISKETTE_DRIVE,
    HV_KEYBOARD,
    HV_MOUSE,
    HV_DISK_IMAGE, /* what is in the drives */
    HV_DVD_IMAGE,
    HV_DISKETTE_IMAGE,
    HV_SYNTHETIC_PORT,
    HV_EMULATED_PORT,
    HV_CONNECTION, /* of a port to a switch */
    HV_SERIAL_PORT,
    HV_DISPLAY,
    HV_KINDS
};

/* A part; with hardware NULL a definition of what such a part may be. */
struct hv_device {
    enum hv_kind kind;
    unsigned logical; /* of logical devices: the row of hv_logicals */
    const struct hardware *hardware;
    size_t index;           /* among the controllers, drives, nics or serials of hardware */
    const char *definition; /* as "Default" */
    struct guid owner;      /* machine or snapshot */
    const struct vm *vm;    /* of logical devices: the machine */
    const char *host;
    struct cim_call *call; /* to ask for networks with */
};

struct hv_kind_facts {
    const struct cim_class *settings; /* class of its setting data */
    const char *id;                   /* GUID that begins the path of those parts which are always there */
    const char *type, *subtype;       /* ResourceType, ResourceSubType */
    const char *name, *description;   /* ElementName; {0} stands for a number from 0, {1} from 1 */
    const char *units;                /* AllocationUnits */
};
extern const struct hv_kind_facts hv_kinds[HV_KINDS];

/* The hardware of a machine, or with snapshot not NULL of a snapshot, asked for once in a call. NULL: with
 * call->err, or without when there is none any more. */
const struct hardware *hv_hardware(struct cim_call *call, const struct guid *vm,
                                   const struct guid *snapshot);
/* Emits every setting data of a machine or snapshot; class NULL: of all classes, else of it or what it shows. */
int hv_emit_device_settings(struct cim_call *call, const struct hv_settings *owner,
                            const struct cim_class *class, struct cim_sink *sink);
/* Lists every setting data of a class: definitions, then machine by machine with its snapshots. */
int hv_list_device_settings(struct cim_call *call, const struct cim_class *class,
                            struct cim_sink *sink);
/* Emits at least the setting data of that InstanceID. */
int hv_get_device_settings(struct cim_call *call, const struct cim_class *class, const char *key,
                           struct cim_sink *sink);

/* How many places hardware has for parts of a kind, and whether one of them is such a part. */
size_t hv_device_slots(const struct hardware *hardware, enum hv_kind kind);
bool hv_device_fits(const struct hardware *hardware, enum hv_kind kind, size_t index);
/* The name with its {0} or {1} filled in: the number of the part, from 0 or from 1. */
void hv_device_name(const struct hv_device *device, const char *name, struct arena *arena,
                    struct cim_value *out);
/* "4764334D-...", what tells a part from the others of its owner. */
const char *hv_device_path(const struct hv_device *device, struct arena *arena);
/* "Microsoft:OWNER\PATH", or "Microsoft:Definition\ID\Default". */
const char *hv_device_id(const struct hv_device *device, struct arena *arena);
/* The part that this one is plugged into; false for none. */
bool hv_device_parent(const struct hv_device *device, struct hv_device *parent);
/* The drive that device is, or is in; the nic that it is, or connects. NULL when it is none. */
const struct hw_drive *hv_drive_of(const struct hv_device *device);
const struct hw_nic *hv_nic_of(const struct hv_device *device);
/* The number of a part among those of its kind. */
size_t hv_device_number(const struct hv_device *device);
/* Where the drive is on its controller. */
unsigned hv_device_unit(const struct hv_device *device);
/* The path to a part's setting data in a namespace, as strings in other instances have it; NULL where it has none. */
const char *hv_device_settings_path(const struct hv_device *device, const char *ns, struct arena *arena);
/* The class of a part's setting data: cim_class.which of those that show several. */
const struct cim_class *hv_device_which(const void *object);

/* The functions of a class of setting data, and the rows of its table that name them. */
#define HV_SETTINGS_FUNCTIONS(class)                                                                  \
    static int class##_list(struct cim_call *call, struct cim_sink *sink)                             \
    {                                                                                                 \
        return hv_list_device_settings(call, &(class), sink);                                         \
    }                                                                                                 \
    static int class##_get(struct cim_call *call, const char *key, struct cim_sink *sink)             \
    {                                                                                                 \
        return hv_get_device_settings(call, &(class), key, sink);                                     \
    }
#define HV_SETTINGS_ROWS(class) .list = class##_list, .get_key = "InstanceID", .get = class##_get

/* What all setting data of allocations have: CIM_ResourceAllocationSettingData. */
extern const struct cim_rows hv_allocation_rows;

/* ResourceType and its like, AllocationUnits: of the kind of a part. */
hv_getter hv_get_resource_type, hv_get_other_resource_type, hv_get_resource_subtype, hv_get_resource_units;

enum { HV_DEFINITIONS = 4 };
extern const char *const hv_definitions[HV_DEFINITIONS];
/* The definitions of what such a part may be; its pool, and what can be allocated from it. */
int hv_emit_definitions(struct cim_call *call, enum hv_kind kind, struct cim_sink *sink);
int hv_emit_pool(struct cim_call *call, enum hv_kind kind, struct cim_sink *sink);
int hv_emit_allocation_capabilities(struct cim_call *call, enum hv_kind kind, struct cim_sink *sink);
extern const struct cim_class msvm_resource_pool;
extern const struct cim_class msvm_allocation_capabilities;
extern const struct cim_class msvm_settings_define_capabilities;

extern const struct cim_class msvm_processor_setting_data;
extern const struct cim_class msvm_memory_setting_data;
extern const struct cim_class msvm_resource_allocation_setting_data;
extern const struct cim_class msvm_serial_port_setting_data;
extern const struct cim_class msvm_storage_allocation_setting_data;
extern const struct cim_class msvm_synthetic_ethernet_port_setting_data;
extern const struct cim_class msvm_emulated_ethernet_port_setting_data;
extern const struct cim_class msvm_ethernet_port_allocation_setting_data;
extern const struct cim_class msvm_synthetic_display_controller_setting_data;
/* The id of the switch that a nic is connected to. False when it is connected to none, or that cannot be told. */
bool hv_switch_of(struct cim_call *call, const struct hw_nic *nic, struct guid *id);

extern const struct cim_class msvm_virtual_ethernet_switch;
extern const struct cim_class msvm_virtual_system_setting_data_component;

#endif
