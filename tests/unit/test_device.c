/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What becomes of a machine's parts as Hyper-V counts them.
 */
#include "unit.h"

#include "classes/hyperv/device.h"

#include <stdlib.h>
#include <string.h>

static struct hardware hardware;
static struct arena arena = ARENA_INIT;

static void add_drive(enum hw_bus bus, unsigned controller, unsigned unit)
{
    struct hw_drive drive = { .media = HW_DISK, .bus = bus, .controller = controller, .unit = unit };

    drive.target = strdup("x");
    drive.source = strdup("/x");
    CU_ASSERT_EQUAL_FATAL(hardware_add_drive(&hardware, &drive), 0);
}

static void end(void)
{
    hardware_clear(&hardware);
    arena_free(&arena);
}

static size_t count(enum hv_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < hv_device_slots(&hardware, kind); i++)
        n += hv_device_fits(&hardware, kind, i);
    return n;
}

static struct hv_device device(enum hv_kind kind, size_t index)
{
    return (struct hv_device){ .kind = kind, .hardware = &hardware, .index = index, .host = "h" };
}

/* Clients have room for four SCSI controllers. */
static void test_many_controllers(void)
{
    struct hv_device parent, drive;

    add_drive(HW_IDE, 1, 0);
    for (unsigned i = 0; i < 6; i++)
        add_drive(HW_SCSI, i, 2);
    CU_ASSERT_EQUAL(count(HV_IDE_CONTROLLER), 1);
    CU_ASSERT_EQUAL(count(HV_SCSI_CONTROLLER), 4);
    CU_ASSERT_EQUAL(count(HV_DISK_DRIVE), 7);
    for (size_t i = 1; i < 7; i++) {
        drive = device(HV_DISK_DRIVE, i);
        CU_ASSERT_TRUE(hv_device_parent(&drive, &parent));
        CU_ASSERT_EQUAL(parent.kind, HV_SCSI_CONTROLLER);
        CU_ASSERT_EQUAL(hv_device_number(&parent), i < 4 ? i - 1 : 3);
        CU_ASSERT_EQUAL(hv_device_unit(&drive), i < 5 ? 2 : 2 + (i - 4) * 64);
    }
    drive = device(HV_DISK_DRIVE, 0);
    CU_ASSERT_TRUE(hv_device_parent(&drive, &parent));
    CU_ASSERT_EQUAL(parent.kind, HV_IDE_CONTROLLER);
    CU_ASSERT_EQUAL(hv_device_number(&parent), 1);
    end();
}

/* A part keeps its path when others come and go before it. */
static void test_paths_stay(void)
{
    struct hv_device image;
    char before[128];

    add_drive(HW_VIRTIO, 0, 1);
    image = device(HV_DISK_IMAGE, 0);
    snprintf(before, sizeof(before), "%s", hv_device_path(&image, &arena));
    CU_ASSERT_STRING_EQUAL(before + strlen(before) - 6, "\\0\\1\\L");
    end();
    add_drive(HW_SATA, 0, 0);
    add_drive(HW_VIRTIO, 0, 0);
    add_drive(HW_VIRTIO, 0, 1);
    image = device(HV_DISK_IMAGE, 2);
    CU_ASSERT_STRING_EQUAL(hv_device_path(&image, &arena), before);
    end();
}

static void test_nics(void)
{
    struct hv_device port, connection;
    struct hw_nic nics[2] = { { .linked = true }, { .legacy = true } };

    for (size_t i = 0; i < 2; i++)
        CU_ASSERT_EQUAL_FATAL(hardware_add_nic(&hardware, &nics[i]), 0);
    CU_ASSERT_EQUAL(count(HV_SYNTHETIC_PORT), 1);
    CU_ASSERT_EQUAL(count(HV_EMULATED_PORT), 1);
    CU_ASSERT_EQUAL(count(HV_CONNECTION), 2);
    connection = device(HV_CONNECTION, 1);
    CU_ASSERT_TRUE(hv_device_parent(&connection, &port));
    CU_ASSERT_EQUAL(port.kind, HV_EMULATED_PORT);
    CU_ASSERT_EQUAL(port.index, 1);
    /* without addresses they are told apart all the same */
    port = device(HV_SYNTHETIC_PORT, 0);
    connection = device(HV_EMULATED_PORT, 1);
    CU_ASSERT_STRING_NOT_EQUAL(hv_device_path(&port, &arena), hv_device_path(&connection, &arena));
    end();
}

/* An empty drive has no image; a diskette drive has a controller of its own. */
static void test_empty(void)
{
    struct hw_drive drive = { .media = HW_DISKETTE, .bus = HW_FLOPPY };

    drive.target = strdup("fda");
    CU_ASSERT_EQUAL_FATAL(hardware_add_drive(&hardware, &drive), 0);
    CU_ASSERT_EQUAL(count(HV_DISKETTE_DRIVE), 1);
    CU_ASSERT_EQUAL(count(HV_DISKETTE_IMAGE), 0);
    CU_ASSERT_EQUAL(count(HV_DISKETTE_CONTROLLER), 1);
    CU_ASSERT_EQUAL(count(HV_SCSI_CONTROLLER) + count(HV_DISK_DRIVE) + count(HV_DISPLAY), 0);
    CU_ASSERT_EQUAL(count(HV_KEYBOARD), 1);
    end();
}

UNIT_MAIN({ "many controllers", test_many_controllers }, { "paths stay", test_paths_stay },
          { "network adapters", test_nics }, { "what is not there", test_empty })
