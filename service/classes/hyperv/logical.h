/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The parts of machines as logical devices: which classes there are, and how they are found.
 */
#ifndef CIMSNAPD_CLASSES_LOGICAL_H
#define CIMSNAPD_CLASSES_LOGICAL_H

#include "classes/hyperv/device.h"

struct hv_logical {
    const struct cim_class *class;
    enum hv_kind kind; /* of part */
    const char *name, *description;
};

/* Each kind of part that is a logical device has a row, some have two. */
enum { HV_LOGICALS = 15 };
extern const struct hv_logical hv_logicals[HV_LOGICALS];

/* "Microsoft:VM\PATH" */
const char *hv_logical_id(const struct hv_device *device, struct arena *arena);
bool hv_logical_runs(const struct hv_device *device);
int hv_list_logical(struct cim_call *call, const struct cim_class *class, struct cim_sink *sink);
int hv_get_logical(struct cim_call *call, const struct cim_class *class, const char *key,
                   struct cim_sink *sink);
/* Those of one machine; class NULL: of all classes. */
int hv_emit_logical(struct cim_call *call, const struct vm *vm, const struct cim_class *class,
                    struct cim_sink *sink);

/* What all of them have: CIM_LogicalDevice. */
extern const struct cim_rows hv_logical_rows;

#define HV_SUPER_DEVICE                                                                               \
    "CIM_LogicalDevice", "CIM_EnabledLogicalElement", "CIM_LogicalElement",                           \
        "CIM_ManagedSystemElement", "CIM_ManagedElement", NULL

/* A class of logical devices with rows of its own; its bases up to CIM_LogicalDevice follow. */
#define HV_LOGICAL_CLASS(symbol, text, rows, ...)                                                     \
    static int symbol##_list(struct cim_call *call, struct cim_sink *sink)                            \
    {                                                                                                 \
        return hv_list_logical(call, &(symbol), sink);                                                \
    }                                                                                                 \
    static int symbol##_get(struct cim_call *call, const char *key, struct cim_sink *sink)            \
    {                                                                                                 \
        return hv_get_logical(call, &(symbol), key, sink);                                            \
    }                                                                                                 \
    const struct cim_class symbol = {                                                                 \
        .ns = CIM_NS_V2,                                                                              \
        .name = text,                                                                                 \
        .super = (const char *const[]){ __VA_ARGS__, HV_SUPER_DEVICE },                               \
        .properties = rows,                                                                           \
        .property_count = COUNT(rows),                                                                \
        .shared = &hv_logical_rows,                                                                   \
        .list = symbol##_list,                                                                        \
        .get_key = "DeviceID",                                                                        \
        .get = symbol##_get,                                                                          \
    };

extern const struct cim_class msvm_processor;
extern const struct cim_class msvm_memory;
extern const struct cim_class msvm_ide_controller;
extern const struct cim_class msvm_scsi_protocol_controller;
extern const struct cim_class msvm_diskette_controller;
extern const struct cim_class msvm_disk_drive;
extern const struct cim_class msvm_dvd_drive;
extern const struct cim_class msvm_diskette_drive;
extern const struct cim_class msvm_logical_disk;
extern const struct cim_class msvm_synthetic_ethernet_port;
extern const struct cim_class msvm_emulated_ethernet_port;
extern const struct cim_class msvm_serial_port;
extern const struct cim_class msvm_synthetic_display_controller;
extern const struct cim_class msvm_s3_display_controller;
extern const struct cim_class msvm_video_head;
extern const struct cim_class msvm_video_head_on_controller;

#endif
