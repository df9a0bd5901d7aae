/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "classes/hyperv/device.h"

#include "cim/reference.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Hyper-V's own numbers of the parts that it has in every machine, where they are known. */
const struct hv_kind_facts hv_kinds[HV_KINDS] = {
    [HV_PROCESSOR] = { &msvm_processor_setting_data, "B637F346-6A0E-4DEC-AF52-BD70CB80A21D", "3",
                       "Microsoft:Hyper-V:Processor", "Processor",
                       "Settings for Microsoft Virtual Processor.", "percent / 1000" },
    [HV_MEMORY] = { &msvm_memory_setting_data, "4764334D-E001-4176-82EE-5594EC9B530E", "4",
                    "Microsoft:Hyper-V:Memory", "Memory",
                    "Settings for Microsoft Virtual Machine Memory.", "byte * 2^20" },
    [HV_IDE_CONTROLLER] = { &msvm_resource_allocation_setting_data,
                            "83F8638B-8DCA-4152-9EDA-2CA8B33039B4", "5",
                            "Microsoft:Hyper-V:Emulated IDE Controller", "IDE Controller {0}",
                            "Settings for the Microsoft Emulated IDE Controller.", "count" },
    [HV_SCSI_CONTROLLER] = { &msvm_resource_allocation_setting_data,
                             "118C3BE5-0D31-4804-85F0-5C6074ABEA8F", "6",
                             "Microsoft:Hyper-V:Synthetic SCSI Controller", "SCSI Controller",
                             "Settings for the Microsoft Synthetic SCSI Controller.", "count" },
    [HV_DISKETTE_CONTROLLER] = { &msvm_resource_allocation_setting_data,
                                 "8F0D2762-0B00-4E04-AF4F-19010527CB93", "1",
                                 "Microsoft:Hyper-V:Diskette Controller", "Diskette Controller",
                                 "Settings for the Microsoft Diskette Controller.", "count" },
    [HV_DISK_DRIVE] = { &msvm_resource_allocation_setting_data,
                        "70BB60D2-A9D3-46AA-B654-3DE53004B4F8", "17",
                        "Microsoft:Hyper-V:Synthetic Disk Drive", "Hard Drive",
                        "Settings for the Microsoft Synthetic Disk Drive.", "count" },
    [HV_DVD_DRIVE] = { &msvm_resource_allocation_setting_data,
                       "353B3BE8-310C-4CF4-839E-4E1B14616136", "16",
                       "Microsoft:Hyper-V:Synthetic DVD Drive", "DVD Drive",
                       "Settings for the Microsoft Synthetic DVD Drive.", "count" },
    [HV_DISKETTE_DRIVE] = { &msvm_resource_allocation_setting_data,
                            "2A47EC5E-05D9-4B8A-8A84-6F5CA5F1CD4F", "14",
                            "Microsoft:Hyper-V:Synthetic Diskette Drive", "Diskette Drive",
                            "Settings for the Microsoft Synthetic Diskette Drive.", "count" },
    [HV_KEYBOARD] = { &msvm_resource_allocation_setting_data,
                      "BAA7F3C6-D4F6-4CD8-9A0E-7C1A1B6EE6C9", "13",
                      "Microsoft:Hyper-V:Synthetic Keyboard", "Keyboard",
                      "Settings for the Microsoft Synthetic Keyboard.", "count" },
    [HV_MOUSE] = { &msvm_resource_allocation_setting_data, "58F75A6D-D949-4320-99E1-A2A2576D581C",
                   "13", "Microsoft:Hyper-V:Synthetic Mouse", "Mouse",
                   "Settings for the Microsoft Synthetic Mouse.", "count" },
    [HV_DISK_IMAGE] = { &msvm_storage_allocation_setting_data,
                        "B9C2DD2C-D1DA-4B73-8C1C-4CDCE8C3A2B2", "31",
                        "Microsoft:Hyper-V:Virtual Hard Disk", "Hard Disk Image",
                        "Settings for the Microsoft Hard Disk Image.", "count" },
    [HV_DVD_IMAGE] = { &msvm_storage_allocation_setting_data,
                       "48E5B2E0-1E02-4C0A-93A5-1D3D0A0CF4C3", "31",
                       "Microsoft:Hyper-V:Virtual CD/DVD Disk", "ISO Disk Image",
                       "Settings for the Microsoft ISO Disk Image.", "count" },
    [HV_DISKETTE_IMAGE] = { &msvm_storage_allocation_setting_data,
                            "F1DB6F85-51B4-44B3-9E3A-6E4B2A5F8C41", "31",
                            "Microsoft:Hyper-V:Virtual Floppy Disk", "Floppy Disk Image",
                            "Settings for the Microsoft Floppy Disk Image.", "count" },
    [HV_SYNTHETIC_PORT] = { &msvm_synthetic_ethernet_port_setting_data,
                            "6A45335D-4C3A-44B7-B61F-C9808BBDF8ED", "10",
                            "Microsoft:Hyper-V:Synthetic Ethernet Port", "Network Adapter",
                            "Settings for the Microsoft Synthetic Ethernet Port.", "count" },
    [HV_EMULATED_PORT] = { &msvm_emulated_ethernet_port_setting_data,
                           "5C8E4E8C-2F1F-4AE3-9F6E-2C63C0B0A2E1", "10",
                           "Microsoft:Hyper-V:Emulated Ethernet Port", "Legacy Network Adapter",
                           "Settings for the Microsoft Emulated Ethernet Port.", "count" },
    [HV_CONNECTION] = { &msvm_ethernet_port_allocation_setting_data,
                        "72027ECE-E44A-446E-AF2B-8D8C4B8A2279", "33",
                        "Microsoft:Hyper-V:Ethernet Connection", "Dynamic Ethernet Switch Port",
                        "Ethernet Switch Port Settings", "count" },
    [HV_SERIAL_PORT] = { &msvm_serial_port_setting_data, "8E3A359F-559A-4B6A-98A9-1690A6100ED7",
                         "21", "Microsoft:Hyper-V:Serial Port", "COM {1}",
                         "Settings for the Microsoft Virtual Serial Port.", "count" },
    [HV_DISPLAY] = { &msvm_synthetic_display_controller_setting_data,
                     "F3CFF69B-1FA3-4B7A-8B2B-6B5C4B6F8E2A", "24",
                     "Microsoft:Hyper-V:Synthetic Display Controller", "Display",
                     "Settings for the Microsoft Synthetic Display Controller.", "count" },
};

/* ---- which parts a machine has ---- */

/* Clients number Hyper-V's SCSI controllers from 0 to 3 and have no room for more: the rest stands for its
 * drives on the fourth. */
enum { SCSI_MOST = 4, SCSI_UNITS = 64 };

static enum hv_kind controller_kind(const struct hw_controller *controller)
{
    return controller->bus == HW_IDE      ? HV_IDE_CONTROLLER
           : controller->bus == HW_FLOPPY ? HV_DISKETTE_CONTROLLER
                                          : HV_SCSI_CONTROLLER;
}

/* How many controllers of its kind stand before this one. */
static size_t controller_number(const struct hardware *hardware, size_t index)
{
    size_t number = 0;

    for (size_t i = 0; i < index; i++)
        number += controller_kind(&hardware->controllers[i]) ==
                  controller_kind(&hardware->controllers[index]);
    return number;
}

bool hv_device_fits(const struct hardware *hardware, enum hv_kind kind, size_t i)
{
    static const enum hv_kind drives[] = { HV_DISK_DRIVE, HV_DVD_DRIVE, HV_DISKETTE_DRIVE };
    const struct hw_drive *drive = hardware->drives ? &hardware->drives[i] : NULL;

    switch (kind) {
    case HV_IDE_CONTROLLER:
    case HV_SCSI_CONTROLLER:
    case HV_DISKETTE_CONTROLLER:
        return controller_kind(&hardware->controllers[i]) == kind &&
               (kind != HV_SCSI_CONTROLLER || controller_number(hardware, i) < SCSI_MOST);
    case HV_DISK_DRIVE:
    case HV_DVD_DRIVE:
    case HV_DISKETTE_DRIVE:
        return drives[drive->media] == kind;
    case HV_DISK_IMAGE:
    case HV_DVD_IMAGE:
    case HV_DISKETTE_IMAGE:
        return drives[drive->media] == HV_DISK_DRIVE + (kind - HV_DISK_IMAGE) && drive->source;
    case HV_SYNTHETIC_PORT:
    case HV_EMULATED_PORT:
        return hardware->nics[i].legacy == (kind == HV_EMULATED_PORT);
    case HV_DISPLAY:
        return hardware->display;
    default:
        return true;
    }
}

size_t hv_device_slots(const struct hardware *hardware, enum hv_kind kind)
{
    switch (kind) {
    case HV_IDE_CONTROLLER:
    case HV_SCSI_CONTROLLER:
    case HV_DISKETTE_CONTROLLER:
        return hardware->controller_count;
    case HV_DISK_DRIVE:
    case HV_DVD_DRIVE:
    case HV_DISKETTE_DRIVE:
    case HV_DISK_IMAGE:
    case HV_DVD_IMAGE:
    case HV_DISKETTE_IMAGE:
        return hardware->drive_count;
    case HV_SYNTHETIC_PORT:
    case HV_EMULATED_PORT:
    case HV_CONNECTION:
        return hardware->nic_count;
    case HV_SERIAL_PORT:
        return hardware->serial_count;
    default:
        return 1;
    }
}

/* ---- emitting ---- */

static int emit(struct cim_call *call, const struct hv_device *device, struct cim_sink *sink)
{
    struct hv_device *object = arena_alloc(call->arena, sizeof(*object));
    struct cim_instance instance = { hv_kinds[device->kind].settings, object };

    if (!object)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    *object = *device;
    object->host = core_host_name(call->core);
    object->call = call;
    return sink->emit(sink, &instance);
}

int hv_emit_device_settings(struct cim_call *call, const struct hv_settings *owner,
                            const struct cim_class *class, struct cim_sink *sink)
{
    const struct guid *vm = owner->snapshot ? &owner->snapshot->vm : &owner->vm->id;
    const struct guid *snapshot = owner->snapshot ? &owner->snapshot->id : NULL;
    struct hv_device device = { .hardware = hv_hardware(call, vm, snapshot),
                                .owner = snapshot ? *snapshot : *vm };

    if (!device.hardware)
        return call->err->code ? -1 : 0;
    for (device.kind = 0; device.kind < HV_KINDS && device.hardware->vcpus; device.kind++) {
        if (class && !cim_class_shows(class, hv_kinds[device.kind].settings))
            continue;
        for (device.index = 0; device.index < hv_device_slots(device.hardware, device.kind); device.index++)
            if (hv_device_fits(device.hardware, device.kind, device.index) && emit(call, &device, sink) != 0)
                return -1;
    }
    return 0;
}

const char *const hv_definitions[HV_DEFINITIONS] = { "Default", "Minimum", "Maximum", "Increment" };

int hv_emit_definitions(struct cim_call *call, enum hv_kind kind, struct cim_sink *sink)
{
    for (size_t i = 0; i < HV_DEFINITIONS; i++)
        if (emit(call, &(struct hv_device){ .kind = kind, .definition = hv_definitions[i] }, sink) != 0)
            return -1;
    return 0;
}

static int emit_definitions(struct cim_call *call, const struct cim_class *class,
                            struct cim_sink *sink)
{
    for (enum hv_kind kind = 0; kind < HV_KINDS; kind++)
        if (cim_class_shows(class, hv_kinds[kind].settings) && hv_emit_definitions(call, kind, sink) != 0)
            return -1;
    return 0;
}

/* What a listing goes through the machines with. */
struct listing {
    struct cim_sink sink; /* for hv_each_vm(): nothing is emitted into it */
    struct hv_owned owned;
    const struct cim_class *class;
    struct cim_sink *next;
};

static int emit_owned(const struct hv_owned *owned, struct cim_call *call,
                      const struct hv_settings *owner)
{
    const struct listing *listing =
        (const struct listing *)((const char *)owned - offsetof(struct listing, owned));

    return hv_emit_device_settings(call, owner, listing->class, listing->next);
}

static int emit_vm(struct cim_call *call, const struct vm *vm, struct cim_sink *sink)
{
    return hv_each_owned(call, vm, &((const struct listing *)sink)->owned);
}

int hv_list_device_settings(struct cim_call *call, const struct cim_class *class,
                            struct cim_sink *sink)
{
    struct listing listing = { .owned = { emit_owned }, .class = class, .next = sink };

    if (emit_definitions(call, class, sink) != 0)
        return -1;
    return hv_each_vm(call, emit_vm, &listing.sink);
}

int hv_get_device_settings(struct cim_call *call, const struct cim_class *class, const char *key,
                           struct cim_sink *sink)
{
    struct hv_settings owner = { 0 };
    const char *end = strchr(key, '\\');
    const char *begin = end ? arena_strndup(call->arena, key, (size_t)(end - key)) : NULL, *organization_end;
    struct guid id;

    organization_end = begin ? strchr(begin, ':') : NULL;
    if (organization_end && strcasecmp(organization_end, ":Definition") == 0)
        return emit_definitions(call, class, sink);
    if (!begin || hv_id_parse(begin, &id) != 0)
        return 0;
    owner.vm = hv_vm(call, &id);
    if (!owner.vm && !call->err->code)
        owner.snapshot = hv_snapshot(call, &id);
    if (call->err->code)
        return -1;
    return owner.vm || owner.snapshot ? hv_emit_device_settings(call, &owner, class, sink) : 0;
}

/* ---- paths ---- */

const struct hw_drive *hv_drive_of(const struct hv_device *device)
{
    bool is = device->kind >= HV_DISK_DRIVE && device->kind <= HV_DISKETTE_DRIVE;
    bool in = device->kind >= HV_DISK_IMAGE && device->kind <= HV_DISKETTE_IMAGE;

    return device->hardware && (is || in) ? &device->hardware->drives[device->index] : NULL;
}

const struct hw_nic *hv_nic_of(const struct hv_device *device)
{
    return device->hardware && device->kind >= HV_SYNTHETIC_PORT && device->kind <= HV_CONNECTION
               ? &device->hardware->nics[device->index]
               : NULL;
}

size_t hv_device_number(const struct hv_device *device)
{
    if (device->kind >= HV_IDE_CONTROLLER && device->kind <= HV_DISKETTE_CONTROLLER &&
        device->hardware)
        return device->kind == HV_IDE_CONTROLLER
                   ? device->hardware->controllers[device->index].index
                   : controller_number(device->hardware, device->index);
    if (device->kind == HV_SERIAL_PORT && device->hardware)
        return device->hardware->serials[device->index].port;
    return 0;
}

/* The place of the controller that stands for the one of a drive, and how far behind its own. */
static size_t drive_controller(const struct hardware *hardware, const struct hw_drive *drive,
                               unsigned *folded)
{
    size_t index = hardware_controller_of(hardware, drive);

    *folded = 0;
    while (drive->bus != HW_IDE && drive->bus != HW_FLOPPY && index > 0 &&
           !hv_device_fits(hardware, HV_SCSI_CONTROLLER, index)) {
        *folded += controller_kind(&hardware->controllers[index]) == HV_SCSI_CONTROLLER;
        index--;
    }
    return index;
}

unsigned hv_device_unit(const struct hv_device *device)
{
    const struct hw_drive *drive = hv_drive_of(device);
    unsigned folded;

    if (!drive)
        return 0;
    drive_controller(device->hardware, drive, &folded);
    return drive->unit + folded * SCSI_UNITS;
}

bool hv_device_parent(const struct hv_device *device, struct hv_device *parent)
{
    const struct hw_drive *drive = hv_drive_of(device);
    unsigned folded;

    *parent = *device;
    if (device->hardware && device->kind == HV_CONNECTION) {
        parent->kind = device->hardware->nics[device->index].legacy ? HV_EMULATED_PORT
                                                                      : HV_SYNTHETIC_PORT;
        return true;
    }
    if (!drive)
        return false;
    if (device->kind >= HV_DISK_IMAGE) {
        parent->kind = (enum hv_kind)(HV_DISK_DRIVE + (device->kind - HV_DISK_IMAGE));
        return true;
    }
    parent->index = drive_controller(device->hardware, drive, &folded);
    parent->kind = controller_kind(&device->hardware->controllers[parent->index]);
    return true;
}

/* The same for the same name, as long as there are machines. */
static const char *derive(const char *name, struct arena *arena)
{
    static const struct guid space = { { 0x9b, 0x0c, 0x21, 0x7e, 0x4d, 0x33, 0x4a, 0x6e, 0x8e, 0x51,
                                         0x2f, 0x90, 0x77, 0x1c, 0xc8, 0x05 } };
    struct guid id;

    if (!name)
        return NULL;
    id = guid_derive(&space, name);
    return arena_strdup(arena, GUID_STR(&id));
}

static const char *drive_path(const struct hv_device *device, struct arena *arena)
{
    struct hv_device at;
    struct hv_device drive = *device;

    if (device->kind >= HV_DISK_IMAGE)
        hv_device_parent(device, &drive);
    hv_device_parent(&drive, &at);
    return arena_printf(arena, "%s\\%u\\%s", hv_device_path(&at, arena), hv_device_unit(device),
                        device->kind >= HV_DISK_IMAGE ? "L" : "D");
}

static const char *nic_path(const struct hv_device *device, struct arena *arena)
{
    const struct hw_nic *nic = hv_nic_of(device);
    const char *id = nic->mac[0] ? derive(arena_printf(arena, "nic %s", nic->mac), arena)
                                 : derive(arena_printf(arena, "nic %zu", device->index), arena);

    return device->kind == HV_CONNECTION ? arena_printf(arena, "%s\\C", id) : id;
}

const char *hv_device_path(const struct hv_device *device, struct arena *arena)
{
    const struct hw_controller *controller;

    if (hv_drive_of(device))
        return drive_path(device, arena);
    if (hv_nic_of(device))
        return nic_path(device, arena);
    switch (device->kind) {
    case HV_SCSI_CONTROLLER:
        controller = &device->hardware->controllers[device->index];
        return arena_printf(arena, "%s\\0", derive(arena_printf(arena, "bus %u %u", controller->bus,
                                                                controller->index), arena));
    case HV_PROCESSOR:
    case HV_IDE_CONTROLLER:
    case HV_DISKETTE_CONTROLLER:
    case HV_SERIAL_PORT:
        return arena_printf(arena, "%s\\%zu", hv_kinds[device->kind].id, hv_device_number(device));
    default:
        return hv_kinds[device->kind].id;
    }
}

const char *hv_device_id(const struct hv_device *device, struct arena *arena)
{
    if (!device->hardware)
        return arena_printf(arena, "Microsoft:Definition\\%s\\%s", hv_kinds[device->kind].id,
                            device->definition);
    return arena_printf(arena, "%s\\%s", hv_settings_id(&device->owner, arena),
                        hv_device_path(device, arena));
}

const char *hv_device_settings_path(const struct hv_device *device, const char *ns, struct arena *arena)
{
    const struct cim_instance plain = { hv_kinds[device->kind].settings, device };
    const struct cim_instance seen = { cim_class_view(plain.class, ns), device };
    const struct cim_ref *ref = seen.class ? cim_ref_of(&seen, arena) : NULL;

    return ref ? cim_ref_path(ref, device->host, arena) : NULL;
}

const struct cim_class *hv_device_which(const void *object)
{
    return hv_kinds[((const struct hv_device *)object)->kind].settings;
}

void hv_device_name(const struct hv_device *device, const char *name, struct arena *arena,
                    struct cim_value *out)
{
    const char *mark = strchr(name, '{');

    if (mark)
        out->text = arena_printf(arena, "%.*s%zu", (int)(mark - name), name,
                                 hv_device_number(device) + (mark[1] == '1'));
    else
        out->text = name;
}
