/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "libvirt/lv_hardware.h"

#include <string.h>

static struct hardware read_domain(const char *inside)
{
    struct hardware hardware;
    struct lv_xml xml;
    char text[4096];

    snprintf(text, sizeof(text), "<domain><uuid>u</uuid>%s</domain>", inside);
    CU_ASSERT_EQUAL_FATAL(lv_xml_open(&xml, text, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(lv_hardware_read(&xml, NULL, &hardware, NULL), 0);
    lv_xml_close(&xml);
    return hardware;
}

static void test_size(void)
{
    struct hardware h = read_domain(
        "<memory unit='KiB'>2048</memory><currentMemory unit='KiB'>1024</currentMemory>"
        "<vcpu placement='static' current='2'>8</vcpu>"
        "<cpu><topology sockets='2' dies='1' cores='2' threads='2'/>"
        "<numa><cell id='0'/><cell id='1'/></numa></cpu><on_crash>restart</on_crash>"
        "<devices><memballoon model='virtio'/></devices>");

    CU_ASSERT_EQUAL(h.memory_kib, 1024);
    CU_ASSERT_EQUAL(h.memory_most_kib, 2048);
    CU_ASSERT_EQUAL(h.vcpus, 2);
    CU_ASSERT_EQUAL(h.vcpus_most, 8);
    CU_ASSERT_EQUAL(h.sockets, 2);
    CU_ASSERT_EQUAL(h.threads, 2);
    CU_ASSERT_EQUAL(h.numa_nodes, 2);
    CU_ASSERT_TRUE(h.balloon && h.restart_on_crash);
    CU_ASSERT_STRING_EQUAL(h.bios_id, "u");
    hardware_clear(&h);
    /* What makes no sense is as if it was not said. */
    h = read_domain("<memory>lots</memory><vcpu>-3</vcpu><devices><memballoon model='none'/></devices>");
    CU_ASSERT_EQUAL(h.memory_kib, 0);
    CU_ASSERT_EQUAL(h.vcpus, 1);
    CU_ASSERT_FALSE(h.balloon || h.display || h.uefi);
    CU_ASSERT_EQUAL(h.controller_count + h.drive_count + h.nic_count + h.serial_count, 0);
    hardware_clear(&h);
}

static void test_firmware(void)
{
    struct hardware h = read_domain(
        "<sysinfo type='smbios'><system><entry name='uuid'>b</entry><entry name='serial'>s</entry></system>"
        "<baseBoard><entry name='serial'>bb</entry></baseBoard>"
        "<chassis><entry name='serial'>c</entry><entry name='asset'>t</entry></chassis></sysinfo>"
        "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><loader type='pflash' secure='yes'>l</loader>"
        "<nvram>/vars</nvram><boot dev='network'/><boot dev='hd'/><boot dev='odd'/></os>"
        "<devices><video><model type='vga'/></video></devices>");

    CU_ASSERT_TRUE(h.uefi && h.secure_boot && h.display);
    CU_ASSERT_STRING_EQUAL(h.machine, "pc-q35-7.2");
    CU_ASSERT_STRING_EQUAL(h.nvram, "/vars");
    CU_ASSERT_STRING_EQUAL(h.bios_id, "b");
    CU_ASSERT_STRING_EQUAL(h.bios_serial, "s");
    CU_ASSERT_STRING_EQUAL(h.board_serial, "bb");
    CU_ASSERT_STRING_EQUAL(h.chassis_serial, "c");
    CU_ASSERT_STRING_EQUAL(h.chassis_tag, "t");
    CU_ASSERT_EQUAL_FATAL(h.boot.count, 2);
    CU_ASSERT_EQUAL(h.boot.items[0], HW_BOOT_NETWORK);
    CU_ASSERT_EQUAL(h.boot.items[1], HW_BOOT_DISK);
    hardware_clear(&h);
}

static void check_drive(const struct hardware *h, size_t i, struct hw_drive want,
                        const char *target, const char *source)
{
    const struct hw_drive *drive = &h->drives[i];

    CU_ASSERT_STRING_EQUAL(drive->target, target);
    CU_ASSERT_EQUAL(drive->media, want.media);
    CU_ASSERT_EQUAL(drive->bus, want.bus);
    CU_ASSERT_EQUAL(drive->controller, want.controller);
    CU_ASSERT_EQUAL(drive->unit, want.unit);
    CU_ASSERT_EQUAL(drive->read_only, want.read_only);
    if (source)
        CU_ASSERT_STRING_EQUAL(drive->source, source);
    CU_ASSERT_EQUAL(!drive->source, !source);
    CU_ASSERT(hardware_controller_of(h, drive) < h->controller_count);
}

static void test_drives(void)
{
    struct hardware h = read_domain(
        "<os><type machine='pc-i440fx-7.2'>hvm</type></os><devices>"
        "<controller type='scsi' index='1'/><controller type='pci' index='0'/><controller type='ide' index='0'/>"
        "<disk type='file' device='disk'><source file='/a &amp; b'/><target dev='vdab' bus='virtio'/></disk>"
        "<disk type='block' device='disk'><source dev='/dev/x'/><target dev='sda' bus='scsi'/><readonly/>"
        "<address type='drive' controller='1' bus='0' target='0' unit='5'/></disk>"
        "<disk type='file' device='cdrom'><target dev='hdd' bus='ide'/>"
        "<address type='drive' controller='0' bus='1' target='0' unit='1'/></disk>"
        "<disk type='network' device='disk'><source protocol='rbd' name='pool/x'/><target dev='sdb' bus='sata'/>"
        "<address type='drive' controller='0' bus='0' target='0' unit='1'/></disk>"
        "<disk type='volume' device='floppy'><source pool='p' volume='v'/><target dev='fda' bus='fdc'/></disk>"
        "<disk type='file'><source file='/nowhere'/></disk></devices>");

    CU_ASSERT_EQUAL_FATAL(h.drive_count, 5);
    check_drive(&h, 0, (struct hw_drive){ HW_DISK, HW_VIRTIO, 0, 27, false, NULL, NULL, NULL }, "vdab", "/a & b");
    check_drive(&h, 1, (struct hw_drive){ HW_DISK, HW_SCSI, 1, 5, true, NULL, NULL, NULL }, "sda", "/dev/x");
    check_drive(&h, 2, (struct hw_drive){ HW_CD, HW_IDE, 1, 1, true, NULL, NULL, NULL }, "hdd", NULL);
    check_drive(&h, 3, (struct hw_drive){ HW_DISK, HW_SATA, 0, 1, false, NULL, NULL, NULL }, "sdb", "rbd:pool/x");
    check_drive(&h, 4, (struct hw_drive){ HW_DISKETTE, HW_FLOPPY, 0, 0, false, NULL, NULL, NULL }, "fda", "p:v");
    /* two channels of IDE, scsi 1, and for the drives: virtio, sata, fdc */
    CU_ASSERT_EQUAL(h.controller_count, 6);
    hardware_clear(&h);
}

static void test_network(void)
{
    struct hardware h = read_domain(
        "<devices><interface type='network'><mac address='52:54:00:ab:cd:ef'/><source network='default'/>"
        "<model type='virtio'/></interface>"
        "<interface type='bridge'><mac address='52:54:00:ab:cd:e0'/><source bridge='br0'/>"
        "<model type='tulip'/><link state='down'/></interface>"
        "<interface type='user'/>"
        "<serial type='unix'><source mode='bind' path='/s'/><target port='1'/></serial>"
        "<serial type='pty'><target port='0'/></serial></devices>");

    CU_ASSERT_EQUAL_FATAL(h.nic_count, 3);
    CU_ASSERT_STRING_EQUAL(h.nics[0].mac, "525400ABCDEF");
    CU_ASSERT_STRING_EQUAL(h.nics[0].network, "default");
    CU_ASSERT_EQUAL(h.nics[0].kind, HW_NETWORK);
    CU_ASSERT_TRUE(h.nics[0].linked && !h.nics[0].legacy);
    CU_ASSERT_STRING_EQUAL(h.nics[1].network, "br0");
    CU_ASSERT_EQUAL(h.nics[1].kind, HW_BRIDGE);
    CU_ASSERT_TRUE(!h.nics[1].linked && h.nics[1].legacy);
    CU_ASSERT_STRING_EQUAL(h.nics[2].mac, "");
    CU_ASSERT_STRING_EQUAL(h.nics[2].network, "user");
    CU_ASSERT_EQUAL_FATAL(h.serial_count, 2);
    CU_ASSERT_EQUAL(h.serials[0].port, 1);
    CU_ASSERT_STRING_EQUAL(h.serials[0].path, "/s");
    CU_ASSERT_PTR_NULL(h.serials[1].path);
    hardware_clear(&h);
}

UNIT_MAIN({ "size", test_size }, { "firmware", test_firmware }, { "drives and controllers", test_drives },
          { "network and serial ports", test_network })
