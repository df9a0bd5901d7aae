/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/hardware.h"

#include "core/model.h"

#include <stdlib.h>
#include <string.h>

void hw_drive_clear(struct hw_drive *drive)
{
    free(drive->target);
    free(drive->source);
    free(drive->format);
    memset(drive, 0, sizeof(*drive));
}

void hw_nic_clear(struct hw_nic *nic)
{
    free(nic->network);
    free(nic->model);
    memset(nic, 0, sizeof(*nic));
}

void hardware_clear(struct hardware *hardware)
{
    char *const texts[] = { hardware->arch,        hardware->machine,
                            hardware->nvram,       hardware->bios_id,      hardware->bios_serial,
                            hardware->board_serial, hardware->chassis_serial, hardware->chassis_tag,
                            hardware->home.config, hardware->home.config_file, hardware->home.snapshots,
                            hardware->home.saves, hardware->home.logs };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free(texts[i]);
    for (size_t i = 0; i < hardware->drive_count; i++)
        hw_drive_clear(&hardware->drives[i]);
    for (size_t i = 0; i < hardware->nic_count; i++)
        hw_nic_clear(&hardware->nics[i]);
    for (size_t i = 0; i < hardware->serial_count; i++)
        free(hardware->serials[i].path);
    free(hardware->controllers);
    free(hardware->drives);
    free(hardware->nics);
    free(hardware->serials);
    memset(hardware, 0, sizeof(*hardware));
}

size_t hardware_controller_of(const struct hardware *hardware, const struct hw_drive *drive)
{
    size_t i = 0;

    while (i < hardware->controller_count && (hardware->controllers[i].bus != drive->bus ||
                                              hardware->controllers[i].index != drive->controller))
        i++;
    return i;
}

int hardware_add_controller(struct hardware *hardware, enum hw_bus bus, unsigned index)
{
    const struct hw_drive there = { .bus = bus, .controller = index };
    struct hw_controller *items;

    if (hardware_controller_of(hardware, &there) < hardware->controller_count)
        return 0;
    items = model_grow(hardware->controllers, hardware->controller_count, sizeof(*items));
    if (!items)
        return -1;
    hardware->controllers = items;
    items[hardware->controller_count++] = (struct hw_controller){ bus, index };
    return 0;
}

int hardware_add_drive(struct hardware *hardware, struct hw_drive *drive)
{
    struct hw_drive *items = model_grow(hardware->drives, hardware->drive_count, sizeof(*items));

    if (!items)
        return -1;
    hardware->drives = items;
    if (hardware_add_controller(hardware, drive->bus, drive->controller))
        return -1;
    items[hardware->drive_count++] = *drive;
    memset(drive, 0, sizeof(*drive));
    return 0;
}

int hardware_add_nic(struct hardware *hardware, struct hw_nic *nic)
{
    struct hw_nic *items = model_grow(hardware->nics, hardware->nic_count, sizeof(*items));

    if (!items)
        return -1;
    hardware->nics = items;
    items[hardware->nic_count++] = *nic;
    memset(nic, 0, sizeof(*nic));
    return 0;
}

int hardware_add_serial(struct hardware *hardware, struct hw_serial *serial)
{
    struct hw_serial *items =
        model_grow(hardware->serials, hardware->serial_count, sizeof(*items));

    if (!items)
        return -1;
    hardware->serials = items;
    items[hardware->serial_count++] = *serial;
    memset(serial, 0, sizeof(*serial));
    return 0;
}
