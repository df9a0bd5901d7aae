/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Replies of QEMU, as it gives them and as it must not. libvirt's call is played by this file.
 */
#include "unit.h"

#include "libvirt/lv_qmp.h"

#include <libvirt/libvirt-qemu.h>
#include <stdlib.h>
#include <string.h>

static const char *answer; /* NULL: the call fails */
static char asked[1024];

int virDomainQemuMonitorCommand(virDomainPtr dom, const char *command, char **reply, unsigned flags)
{
    (void)dom;
    (void)flags;
    snprintf(asked, sizeof(asked), "%s", command);
    *reply = answer ? strdup(answer) : NULL;
    return answer ? 0 : -1;
}

static const char blocks[] =
    "{\"return\": ["
    "{\"device\": \"\", \"qdev\": \"/machine/peripheral/ide0-0-1\", \"removable\": true},"
    "{\"qdev\": \"/machine/peripheral/virtio-disk10/virtio-backend\", \"inserted\":"
    "  {\"node-name\": \"n10\", \"image\": {\"filename\": \"/a\"}}},"
    "{\"qdev\": \"/machine/peripheral/virtio-disk1/virtio-backend\", \"inserted\":"
    "  {\"node-name\": \"n1\", \"image\": {\"filename\": \"/a\", \"snapshots\":"
    "    [{\"name\": \"T\", \"id\": \"1\"}, {\"name\": \"U\"}, {\"name\": \"T\"}, {}]}}},"
    "{\"qdev\": \"ua-disk\", \"inserted\":"
    "  {\"node-name\": \"n2\", \"image\": {\"filename\": \"/elsewhere\"}}}"
    "], \"id\": \"libvirt-1\"}";

static struct lv_disks two_disks(void)
{
    struct lv_disks disks = { 0 };

    CU_ASSERT_EQUAL_FATAL(virInitialize(), 0);
    CU_ASSERT_EQUAL_FATAL(lv_disk_add(&disks, "vda", "/a", "qcow2"), 0);
    CU_ASSERT_EQUAL_FATAL(lv_disk_add(&disks, "vdb", "/b", "qcow2"), 0);
    disks.items[0].alias = strdup("virtio-disk1");
    disks.items[1].alias = strdup("ua-disk");
    return disks;
}

static void test_survey(void)
{
    struct lv_disks disks = two_disks();

    answer = blocks;
    CU_ASSERT_EQUAL_FATAL(lv_qmp_survey(NULL, &disks, "T", NULL), 0);
    /* virtio-disk10 begins with the same letters, and is another. */
    CU_ASSERT_STRING_EQUAL(disks.items[0].node, "n1");
    CU_ASSERT_EQUAL(disks.items[0].tags, 2);
    /* The device has another file than the machine's description says. */
    CU_ASSERT_STRING_EQUAL(disks.items[1].node, "");
    lv_disk_clear(&disks);
}

static void test_take(void)
{
    struct lv_disks disks = two_disks();

    snprintf(disks.items[0].node, sizeof(disks.items[0].node), "a\"b");
    snprintf(disks.items[1].node, sizeof(disks.items[1].node), "n2");
    answer = "{\"return\": {}}";
    CU_ASSERT_EQUAL(lv_qmp_take(NULL, &disks, "T", NULL), 0);
    CU_ASSERT_STRING_EQUAL(
        asked,
        "{ \"execute\": \"transaction\", \"arguments\": { \"actions\": [ "
        "{ \"type\": \"blockdev-snapshot-internal-sync\", \"data\": { \"device\": \"a\\\"b\", "
        "\"name\": \"T\" } }, "
        "{ \"type\": \"blockdev-snapshot-internal-sync\", \"data\": { \"device\": \"n2\", "
        "\"name\": \"T\" } } ] } }");
    CU_ASSERT_EQUAL(lv_qmp_drop(NULL, &disks.items[1], "T", NULL), 0);
    CU_ASSERT_STRING_EQUAL(asked, "{ \"execute\": \"blockdev-snapshot-delete-internal-sync\", "
                                  "\"arguments\": { \"device\": \"n2\", \"name\": \"T\" } }");
    lv_disk_clear(&disks);
}

static void test_busy(void)
{
    answer = "{\"return\": []}";
    CU_ASSERT_EQUAL(lv_qmp_busy(NULL, NULL), 0);
    answer = "{\"return\": [{\"type\": \"backup\"}]}";
    CU_ASSERT_EQUAL(lv_qmp_busy(NULL, NULL), 1);
}

static void test_refusals(void)
{
    static const struct {
        const char *answer;
        enum error_code code;
    } rows[] = {
        { NULL, ERR_FAILED },
        { "", ERR_FAILED },
        { "no JSON", ERR_FAILED },
        { "[]", ERR_FAILED },
        { "{}", ERR_FAILED },
        { "{\"error\": 1}", ERR_FAILED },
        { "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}}", ERR_FAILED },
        { "{\"error\": {\"desc\": \"a: No space left on device\"}}", ERR_NO_SPACE },
        { "{\"error\": {\"desc\": \"Snapshot with name 'T' already exists\"}}", ERR_EXISTS },
        { "{\"error\": {\"desc\": \"Node is busy: x\"}, \"return\": {}}", ERR_IN_USE },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct lv_disks disks = two_disks();
        struct error err = { 0 };
        answer = rows[i].answer;
        CU_ASSERT_EQUAL(lv_qmp_take(NULL, &disks, "T", &err), -1);
        CU_ASSERT_EQUAL(err.code, rows[i].code);
        error_clear(&err);
        CU_ASSERT_EQUAL(lv_qmp_survey(NULL, &disks, "T", &err), -1);
        CU_ASSERT_EQUAL(lv_qmp_busy(NULL, &err), -1);
        lv_disk_clear(&disks);
    }
}

/* Returns that are no lists. */
static void test_odd_returns(void)
{
    static const char *const answers[] = { "{\"return\": {}}", "{\"return\": null}",
                                           "{\"return\": [1, [], {\"qdev\": 2}]}" };

    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct lv_disks disks = two_disks();
        answer = answers[i];
        if (lv_qmp_survey(NULL, &disks, "T", NULL) == 0)
            CU_ASSERT_STRING_EQUAL(disks.items[0].node, "");
        lv_disk_clear(&disks);
    }
}

UNIT_MAIN({ "nodes and tags", test_survey }, { "commands", test_take }, { "block jobs", test_busy },
          { "refusals", test_refusals }, { "odd returns", test_odd_returns })
