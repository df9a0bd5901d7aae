/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a machine is made of: as it is now, or as it was when a snapshot was taken. Plain data, as in
 * model.h: strings are owned and freed by hardware_clear(); NULL and 0 stand for unknown or none.
 */
#ifndef CIMSNAPD_CORE_HARDWARE_H
#define CIMSNAPD_CORE_HARDWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hw_bus { HW_IDE, HW_FLOPPY, HW_VIRTIO, HW_SCSI, HW_SATA, HW_USB, HW_OTHER_BUS };
enum hw_media { HW_DISK, HW_CD, HW_DISKETTE };

struct hw_controller {
    enum hw_bus bus;
    unsigned index; /* of those of its bus; an IDE controller's two channels count as two */
};

struct hw_drive {
    enum hw_media media;
    enum hw_bus bus;
    unsigned controller, unit; /* where it is plugged in: a controller of that bus */
    bool read_only;
    char *target; /* the guest's name for it, as vda; never NULL */
    char *source; /* image, device or PROTOCOL:NAME; NULL: nothing is in it */
    char *format; /* as qcow2 */
};

enum hw_network { HW_NETWORK, HW_BRIDGE, HW_OTHER_NETWORK };

struct hw_nic {
    char mac[13];  /* twelve capital hex digits */
    bool legacy;   /* the DEC 21140 that Hyper-V emulates for old guests */
    bool linked;   /* the cable is in */
    enum hw_network kind; /* what it is connected to */
    char *network; /* its name; NULL for none */
    char *model;
};

struct hw_serial {
    unsigned port; /* 0 is COM 1 */
    char *path;    /* of socket, pipe, file or terminal on the host */
};

enum hw_boot { HW_BOOT_FLOPPY, HW_BOOT_CD, HW_BOOT_DISK, HW_BOOT_NETWORK };

struct hw_boot_order {
    enum hw_boot items[4];
    size_t count;
};

/* Where the hypervisor keeps its files: folders, and below `config` the file that describes the machine or snapshot.
 * NULL where that is unknown, or nothing is there. */
struct hw_home {
    char *config, *config_file;
    char *snapshots, *saves, *logs;
};

struct hardware {
    unsigned vcpus, vcpus_most; /* in the machine now, and that it may have */
    unsigned sockets, cores, threads, numa_nodes;
    uint64_t memory_kib, memory_most_kib; /* now, and that it may have */
    bool balloon; /* memory can be given back while it runs */
    bool uefi, secure_boot;
    bool display;
    bool restart_on_crash;
    char *arch, *machine; /* as x86_64, pc-i440fx-7.2 */
    char *nvram;          /* file of the firmware's variables */
    char *bios_id, *bios_serial, *board_serial, *chassis_serial, *chassis_tag;
    struct hw_boot_order boot;
    struct hw_home home;
    struct hw_controller *controllers;
    struct hw_drive *drives;
    struct hw_nic *nics;
    struct hw_serial *serials;
    size_t controller_count, drive_count, nic_count, serial_count;
};

void hardware_clear(struct hardware *hardware);
/* Append one and take its strings; -1 without memory (then the caller still owns them). A drive brings
 * the controller that it needs. */
int hardware_add_controller(struct hardware *hardware, enum hw_bus bus, unsigned index);
int hardware_add_drive(struct hardware *hardware, struct hw_drive *drive);
int hardware_add_nic(struct hardware *hardware, struct hw_nic *nic);
int hardware_add_serial(struct hardware *hardware, struct hw_serial *serial);
void hw_drive_clear(struct hw_drive *drive);
void hw_nic_clear(struct hw_nic *nic);
/* The place of the controller a drive is plugged into. */
size_t hardware_controller_of(const struct hardware *hardware, const struct hw_drive *drive);

#endif
