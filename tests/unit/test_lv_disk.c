/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "libvirt/lv_disk.h"

#include <string.h>

static struct lv_disks read_disks(const char *devices)
{
    struct lv_disks disks;
    struct lv_xml xml;
    char text[2048];

    snprintf(text, sizeof(text), "<domain><devices>%s</devices></domain>", devices);
    CU_ASSERT_EQUAL_FATAL(lv_xml_open(&xml, text, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(lv_disk_read(&xml, "/domain/devices/disk", &disks, NULL), 0);
    lv_xml_close(&xml);
    return disks;
}

static void test_read(void)
{
    struct lv_disks disks = read_disks(
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
        "<source file='/a &amp; b' index='1'/><target dev='vda'/><alias name='virtio-disk0'/>"
        "<mirror/></disk>"
        "<disk type='block'><source dev='/dev/sda'/><target dev='vdb'/><shareable/></disk>"
        "<disk type='network'><source protocol='rbd' name='x'/><target dev='vdc'/></disk>");

    CU_ASSERT_EQUAL_FATAL(disks.count, 3);
    CU_ASSERT_STRING_EQUAL(disks.items[0].target, "vda");
    CU_ASSERT_STRING_EQUAL(disks.items[0].file, "/a & b");
    CU_ASSERT_STRING_EQUAL(disks.items[0].format, "qcow2");
    CU_ASSERT_STRING_EQUAL(disks.items[0].alias, "virtio-disk0");
    CU_ASSERT_TRUE(disks.items[0].mirrored);
    CU_ASSERT_FALSE(disks.items[0].shared);
    CU_ASSERT_PTR_NULL(disks.items[1].file);
    CU_ASSERT_PTR_NULL(disks.items[1].format);
    CU_ASSERT_TRUE(disks.items[1].shared);
    CU_ASSERT_PTR_NULL(disks.items[2].file);
    CU_ASSERT_PTR_NULL(disks.items[0].place);
    CU_ASSERT_STRING_EQUAL(disks.items[1].place, "/dev/sda");
    CU_ASSERT_STRING_EQUAL(disks.items[2].place, "x");
    CU_ASSERT_TRUE(lv_disk_same(&disks, &disks));
    CU_ASSERT_TRUE(lv_disk_is_qcow2(&disks.items[0]));
    CU_ASSERT_FALSE(lv_disk_is_qcow2(&disks.items[1]));
    lv_disk_clear(&disks);
}

/* What a guest cannot write, or is not there, needs no snapshot. */
static void test_left_out(void)
{
    struct lv_disks disks =
        read_disks("<disk type='file' device='cdrom'><source file='/c'/><target dev='sda'/></disk>"
                   "<disk type='file'><source file='/r'/><target dev='vda'/><readonly/></disk>"
                   "<disk type='file' device='floppy'><target dev='fda'/></disk>");

    CU_ASSERT_EQUAL(disks.count, 0);
    lv_disk_clear(&disks);
}

static void test_same(void)
{
    struct lv_disks a = { 0 }, b = { 0 };

    CU_ASSERT_TRUE(lv_disk_same(&a, &b));
    CU_ASSERT_EQUAL_FATAL(lv_disk_add(&a, "vda", "/a", "qcow2"), 0);
    CU_ASSERT_FALSE(lv_disk_same(&a, &b));
    CU_ASSERT_EQUAL_FATAL(lv_disk_add(&a, "vdb", "/b", NULL), 0);
    CU_ASSERT_EQUAL_FATAL(lv_disk_add(&b, "vdb", "/b", "qcow2"), 0);
    CU_ASSERT_EQUAL_FATAL(lv_disk_add(&b, "vda", "/a", "qcow2"), 0);
    CU_ASSERT_TRUE(lv_disk_same(&a, &b));
    CU_ASSERT_PTR_EQUAL(lv_disk_find(&b, "vda"), &b.items[1]);
    CU_ASSERT_PTR_NULL(lv_disk_find(&b, "vdc"));
    b.items[0].target[2] = 'c';
    CU_ASSERT_FALSE(lv_disk_same(&a, &b));
    b.items[0].target[2] = 'b';
    b.items[0].file[1] = 'x';
    CU_ASSERT_FALSE(lv_disk_same(&a, &b));
    lv_disk_clear(&a);
    lv_disk_clear(&b);
}

static void test_xml(void)
{
    struct error err = { 0 };
    struct lv_xml xml;

    CU_ASSERT_EQUAL(lv_xml_open(&xml, "<domain>", &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_FAILED);
    CU_ASSERT_EQUAL_FATAL(lv_xml_open(&xml, "<a><b c=''/><b c='2'>3</b></a>", NULL), 0);
    CU_ASSERT_TRUE(lv_xml_has(&xml, NULL, "/a/b/@c"));
    CU_ASSERT_FALSE(lv_xml_has(&xml, NULL, "/a/d"));
    CU_ASSERT_FALSE(lv_xml_has(&xml, NULL, "no path ]["));
    CU_ASSERT_PTR_NULL(lv_xml_text(&xml, NULL, "/a/b[1]"));
    lv_xml_close(&xml);
}

UNIT_MAIN({ "disks are read", test_read }, { "disks left out", test_left_out },
          { "the same disks", test_same }, { "XML", test_xml })
