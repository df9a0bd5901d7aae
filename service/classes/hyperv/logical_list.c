/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "classes/hyperv/logical.h"

#include <string.h>

const struct hv_logical hv_logicals[HV_LOGICALS] = {
    { &msvm_processor, HV_PROCESSOR, "Processor", "Microsoft Virtual Processor" },
    { &msvm_memory, HV_MEMORY, "Memory", "Microsoft Virtual Machine Memory" },
    { &msvm_ide_controller, HV_IDE_CONTROLLER, "IDE Controller {0}", "Microsoft Emulated IDE Controller" },
    { &msvm_scsi_protocol_controller, HV_SCSI_CONTROLLER, "SCSI Controller",
      "Microsoft Synthetic SCSI Controller" },
    { &msvm_diskette_controller, HV_DISKETTE_CONTROLLER, "Diskette Controller",
      "Microsoft Diskette Controller" },
    { &msvm_disk_drive, HV_DISK_DRIVE, "Hard Drive", "Microsoft Synthetic Disk Drive" },
    { &msvm_dvd_drive, HV_DVD_DRIVE, "DVD Drive", "Microsoft Synthetic DVD Drive" },
    { &msvm_diskette_drive, HV_DISKETTE_DRIVE, "Diskette Drive", "Microsoft Synthetic Diskette Drive" },
    { &msvm_logical_disk, HV_DISK_IMAGE, "Hard Disk Image", "Microsoft Virtual Hard Disk" },
    { &msvm_logical_disk, HV_DVD_IMAGE, "ISO Disk Image", "Microsoft Virtual CD/DVD Disk" },
    { &msvm_synthetic_ethernet_port, HV_SYNTHETIC_PORT, "Network Adapter", "Microsoft Synthetic Ethernet Port" },
    { &msvm_emulated_ethernet_port, HV_EMULATED_PORT, "Legacy Network Adapter",
      "Microsoft Emulated Ethernet Port" },
    { &msvm_serial_port, HV_SERIAL_PORT, "COM {1}", "Microsoft Virtual Serial Port" },
    { &msvm_synthetic_display_controller, HV_DISPLAY, "Display Controller",
      "Microsoft Synthetic Display Controller" },
    { &msvm_video_head, HV_DISPLAY, "Video Head", "Microsoft Synthetic Video Head" },
};

bool hv_logical_runs(const struct hv_device *device)
{
    return device->vm->state == VM_RUNNING || device->vm->state == VM_PAUSED;
}

const char *hv_logical_id(const struct hv_device *device, struct arena *arena)
{
    const char *owner = hv_settings_id(&device->owner, arena);

    if (device->kind == HV_PROCESSOR)
        return arena_printf(arena, "%s\\%s\\%zu", owner, hv_kinds[HV_PROCESSOR].id, device->index);
    if (hv_logicals[device->logical].class == &msvm_video_head)
        return arena_printf(arena, "%s\\%s\\0", owner, hv_device_path(device, arena));
    return arena_printf(arena, "%s\\%s", owner, hv_device_path(device, arena));
}

static int emit(struct cim_call *call, const struct hv_device *device, struct cim_sink *sink)
{
    struct hv_device *object = arena_alloc(call->arena, sizeof(*object));
    struct cim_instance instance = { hv_logicals[device->logical].class, object };

    if (!object)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    *object = *device;
    return sink->emit(sink, &instance);
}

static int emit_row(struct cim_call *call, struct hv_device *device, struct cim_sink *sink)
{
    size_t count = hv_device_slots(device->hardware, device->kind);

    if (device->kind == HV_PROCESSOR)
        count = device->hardware->vcpus;
    for (device->index = 0; device->index < count; device->index++)
        if (hv_device_fits(device->hardware, device->kind, device->index) &&
            emit(call, device, sink) != 0)
            return -1;
    return 0;
}

int hv_emit_logical(struct cim_call *call, const struct vm *vm, const struct cim_class *class,
                    struct cim_sink *sink)
{
    struct hv_device device = { .hardware = hv_hardware(call, &vm->id, NULL), .owner = vm->id, .vm = vm,
                                .host = core_host_name(call->core) };

    if (!device.hardware)
        return call->err->code ? -1 : 0;
    for (device.logical = 0; device.logical < HV_LOGICALS; device.logical++) {
        const struct hv_logical *row = &hv_logicals[device.logical];
        device.kind = row->kind;
        if ((!class || row->class == class) && emit_row(call, &device, sink) != 0)
            return -1;
    }
    return 0;
}

/* What a listing goes through the machines with. */
struct listing {
    struct cim_sink sink;
    const struct cim_class *class;
    struct cim_sink *next;
};

static int pass_on(struct cim_sink *sink, const struct cim_instance *instance)
{
    struct cim_sink *next = ((struct listing *)sink)->next;

    return next->emit(next, instance);
}

static int emit_vm(struct cim_call *call, const struct vm *vm, struct cim_sink *sink)
{
    return hv_emit_logical(call, vm, ((const struct listing *)sink)->class, sink);
}

int hv_list_logical(struct cim_call *call, const struct cim_class *class, struct cim_sink *sink)
{
    struct listing listing = { { pass_on }, class, sink };

    return hv_each_vm(call, emit_vm, &listing.sink);
}

int hv_get_logical(struct cim_call *call, const struct cim_class *class, const char *key,
                   struct cim_sink *sink)
{
    const char *end = strchr(key, '\\');
    const char *begin = end ? arena_strndup(call->arena, key, (size_t)(end - key)) : NULL;
    const struct vm *vm = NULL;
    struct guid id;

    if (begin && hv_id_parse(begin, &id) == 0)
        vm = hv_vm(call, &id);
    if (vm)
        return hv_emit_logical(call, vm, class, sink);
    return call->err->code ? -1 : 0;
}
