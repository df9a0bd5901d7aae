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

/* What stands in one text of the hardware. */
#define HARDWARE_TEXT(function, member)                                                               \
    void function(const void *object, struct arena *arena, struct cim_value *out)                     \
    {                                                                                                 \
        const struct hardware *hardware = hardware_of(object);                                        \
                                                                                                      \
        if (hardware)                                                                                 \
            hv_text(out, arena, hardware->member);                                                    \
    }

HARDWARE_TEXT(hv_get_bios_serial, bios_serial)
HARDWARE_TEXT(hv_get_board_serial, board_serial)
HARDWARE_TEXT(hv_get_chassis_serial, chassis_serial)
HARDWARE_TEXT(hv_get_chassis_tag, chassis_tag)
HARDWARE_TEXT(hv_get_config_root, home.config)
HARDWARE_TEXT(hv_get_config_file, home.config_file)
HARDWARE_TEXT(hv_get_snapshot_root, home.snapshots)
HARDWARE_TEXT(hv_get_suspend_root, home.saves)
HARDWARE_TEXT(hv_get_log_root, home.logs)

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

/* The firmware's variables, as Hyper-V tells of them: a folder, and the file in it. */
static void get_guest_state(const void *object, bool folder, struct arena *arena, struct cim_value *out)
{
    const struct hardware *hardware = hardware_of(object);
    const char *path = hardware ? hardware->nvram : NULL, *slash = path ? strrchr(path, '/') : NULL;

    if (slash)
        out->text = folder ? arena_strndup(arena, path, (size_t)(slash - path)) : arena_strdup(arena, slash + 1);
    else if (!folder)
        hv_text(out, arena, path);
}

void hv_get_guest_state_file(const void *object, struct arena *arena, struct cim_value *out)
{
    get_guest_state(object, false, arena, out);
}

void hv_get_guest_state_root(const void *object, struct arena *arena, struct cim_value *out)
{
    get_guest_state(object, true, arena, out);
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
