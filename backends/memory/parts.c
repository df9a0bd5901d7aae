/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory/parts.h"

#include "base/put.h"
#include "base/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One text of several, to be freed; NULL without memory. As each snapshot in a list has some, not by printf. */
static char *joined(const char *const *parts)
{
    struct strbuf text = STRBUF_INIT;

    for (; *parts; parts++)
        strbuf_puts(&text, *parts);
    return strbuf_steal(&text);
}

#define JOINED(...) joined((const char *const[]){ __VA_ARGS__, NULL })

static int add_drive(struct hardware *out, struct hw_drive *drive)
{
    if (drive->target && drive->source && drive->format && hardware_add_drive(out, drive) == 0)
        return 0;
    hw_drive_clear(drive);
    return -1;
}

static int add_drives(const struct script_machine *machine, struct hardware *out)
{
    char number[PUT_NUMBER];
    int result = hardware_add_controller(out, HW_IDE, 0) || hardware_add_controller(out, HW_IDE, 1);

    for (unsigned i = 0; i < machine->disks && result == 0; i++) {
        struct hw_drive disk = { .media = HW_DISK, .bus = HW_VIRTIO, .unit = i };
        char target[] = { 'v', 'd', (char)('a' + i), '\0' };
        disk.target = strdup(target);
        disk.source = JOINED("/images/", machine->vm.name, "-", put_number(number, i), ".qcow2");
        disk.format = strdup("qcow2");
        result = add_drive(out, &disk);
    }
    for (unsigned i = 0; i < machine->cds && result == 0; i++) {
        struct hw_drive cd = { .media = HW_CD, .bus = HW_IDE, .controller = i / 2, .unit = i % 2,
                               .read_only = true };
        char target[] = { 'h', 'd', (char)('a' + i), '\0' };
        cd.target = strdup(target);
        cd.source = JOINED("/images/", machine->vm.name, "-", put_number(number, i), ".iso");
        cd.format = strdup("raw");
        result = add_drive(out, &cd);
    }
    return result ? -1 : 0;
}

static int add_nics(const struct script_machine *machine, struct hardware *out)
{
    for (unsigned i = 0; i < machine->nics; i++) {
        struct hw_nic nic = { .linked = true, .kind = HW_NETWORK, .network = strdup("default"),
                              .model = strdup("virtio") };
        const unsigned char *id = machine->vm.id.bytes;
        snprintf(nic.mac, sizeof(nic.mac), "5254%02X%02X%02X%02X", id[0], id[1], id[2], i & 0xFF);
        if (!nic.network || !nic.model || hardware_add_nic(out, &nic)) {
            hw_nic_clear(&nic);
            return -1;
        }
    }
    return 0;
}

static int add_serials(const struct script_machine *machine, struct hardware *out)
{
    for (unsigned i = 0; i < machine->serials; i++) {
        char number[PUT_NUMBER];
        struct hw_serial serial = { i, JOINED("/run/", machine->vm.name, "-com", put_number(number, i + 1), ".sock") };
        if (!serial.path || hardware_add_serial(out, &serial)) {
            free(serial.path);
            return -1;
        }
    }
    return 0;
}

/* No file is anywhere; these are the places of a libvirt with its roots at /machines. */
static int add_home(const struct script_machine *machine, const struct guid *snapshot, struct hw_home *out)
{
    *out = (struct hw_home){
        .config = strdup(snapshot ? "/machines/snapshots" : "/machines"),
        .config_file = snapshot ? JOINED(machine->vm.name, "/", GUID_STR(snapshot), ".xml")
                                : JOINED(machine->vm.name, ".xml"),
        .snapshots = strdup("/machines/snapshots"),
        .saves = strdup("/machines/saves"),
        .logs = strdup("/machines/logs"),
    };
    return out->config && out->config_file && out->snapshots && out->saves && out->logs ? 0 : -1;
}

int parts_make(const struct script_machine *machine, const struct guid *snapshot, struct hardware *out,
               struct error *err)
{
    unsigned vcpus = machine->vm.vcpus;

    *out = (struct hardware){
        .vcpus = vcpus, .vcpus_most = vcpus, .sockets = vcpus, .cores = 1, .threads = 1,
        .memory_kib = machine->vm.memory_kib, .memory_most_kib = machine->vm.memory_kib,
        .display = true, .arch = strdup("x86_64"), .machine = strdup("pc-i440fx-7.2"),
        .bios_id = strdup(GUID_STR(&machine->vm.id)), .boot = { { HW_BOOT_DISK }, 1 },
    };
    if (out->arch && out->machine && out->bios_id && add_drives(machine, out) == 0 &&
        add_nics(machine, out) == 0 && add_serials(machine, out) == 0 && add_home(machine, snapshot, &out->home) == 0)
        return 0;
    hardware_clear(out);
    return error_set(err, ERR_NO_MEMORY, NULL);
}

/* The ids of host and networks are derived from their names. */
static struct guid derived(const char *name)
{
    static const struct guid space = { { 0x1d, 0x52, 0xc6, 0x10, 0x9b, 0x37, 0x4c, 0x4d, 0xb2, 0x4a,
                                         0x3e, 0x65, 0x08, 0x9f, 0xd1, 0x72 } };

    return guid_derive(&space, name);
}

int parts_host(struct host *out, struct error *err)
{
    *out = (struct host){
        .id = derived("host"), .arch = strdup("x86_64"), .cpu = strdup("Memory"), .mhz = 2000,
        .processors = 4, .sockets = 1, .cores = 2, .threads = 2, .memory_kib = 8388608,
        .free_kib = 4194304,
    };
    if (out->arch && out->cpu)
        return 0;
    host_clear(out);
    return error_set(err, ERR_NO_MEMORY, NULL);
}

int parts_networks(struct network_list *out, struct error *err)
{
    static const char *const names[] = { "default", "isolated" };

    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct network network = { derived(names[i]), strdup(names[i]), i == 0 };
        if (!network.name || network_list_take(out, &network)) {
            free(network.name);
            network_list_clear(out);
            return error_set(err, ERR_NO_MEMORY, NULL);
        }
    }
    return 0;
}
