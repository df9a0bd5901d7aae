/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What Msvm_VirtualSystemSettingData says of the parts of a machine or snapshot. They are asked for when the
 * first of these is read: most who read setting data want none of them, and a query passes over many.
 */
#include "classes/hyperv/device.h"

#include <string.h>

/* NULL where there is none any more; what depends on it is unknown then. */
static const struct hardware *hardware_of(const void *object)
{
    const struct hv_settings *settings = object;

    if (!settings->call)
        return NULL;
    return settings->snapshot
               ? hv_hardware(settings->call, &settings->snapshot->vm, &settings->snapshot->id)
               : hv_hardware(settings->call, &settings->vm->id, NULL);
}

void hv_get_bios_id(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hardware *hardware = hardware_of(object);
    struct guid id;

    if (hardware && hardware->bios_id && guid_parse(&id, hardware->bios_id) == 0)
        out->text = arena_printf(arena, "{%s}", GUID_STR(&id));
}

void hv_get_bios_serial(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hardware *hardware = hardware_of(object);

    if (hardware)
        hv_text(out, arena, hardware->bios_serial);
}

void hv_get_board_serial(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hardware *hardware = hardware_of(object);

    if (hardware)
        hv_text(out, arena, hardware->board_serial);
}

void hv_get_chassis_serial(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hardware *hardware = hardware_of(object);

    if (hardware)
        hv_text(out, arena, hardware->chassis_serial);
}

void hv_get_chassis_tag(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hardware *hardware = hardware_of(object);

    if (hardware)
        hv_text(out, arena, hardware->chassis_tag);
}

void hv_get_architecture(const void *object, struct arena *arena, struct cim_value *out)
{
    static const struct {
        const char *ours, *theirs;
    } names[] = { { "x86_64", "x64" }, { "i686", "x86" }, { "aarch64", "ARM64" } };
    const struct hardware *hardware = hardware_of(object);

    if (!hardware || !hardware->arch)
        return;
    hv_text(out, arena, hardware->arch);
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(names[i].ours, hardware->arch) == 0)
            out->text = names[i].theirs;
}

void hv_get_boot_order(const void *object, struct arena *arena, struct cim_value *out)
{
    static const char *const codes[] = { [HW_BOOT_FLOPPY] = "0", [HW_BOOT_CD] = "1",
                                         [HW_BOOT_DISK] = "2", [HW_BOOT_NETWORK] = "3" };
    const struct hardware *hardware = hardware_of(object);
    const char *items[4];

    if (!hardware || !hardware->boot.count)
        return;
    for (size_t i = 0; i < hardware->boot.count; i++)
        items[i] = codes[hardware->boot.items[i]];
    hv_list(out, arena, items, hardware->boot.count);
}

void hv_get_guest_state_file(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hardware *hardware = hardware_of(object);

    if (hardware)
        hv_text(out, arena, hardware->nvram);
}

/* What becomes of it when the guest crashes. */
void hv_get_recovery_action(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hardware *hardware = hardware_of(object);

    (void)arena;
    if (hardware)
        out->text = hardware->restart_on_crash ? "3" : "2";
}

void hv_get_secure_boot(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hardware *hardware = hardware_of(object);

    (void)arena;
    if (hardware)
        out->text = hardware->secure_boot ? "true" : "false";
}

void hv_get_numa(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hardware *hardware = hardware_of(object);

    (void)arena;
    if (hardware)
        out->text = hardware->numa_nodes > 1 ? "true" : "false";
}

/* Generation 2 is what boots by UEFI. */
void hv_get_generation(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct hardware *hardware = hardware_of(object);

    (void)arena;
    if (hardware)
        out->text = hardware->uefi ? "Microsoft:Hyper-V:SubType:2" : "Microsoft:Hyper-V:SubType:1";
}
