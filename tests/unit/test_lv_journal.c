/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "libvirt/lv_journal.h"

#include <stdlib.h>
#include <string.h>

static void test_round_trip(void)
{
    static const char *const files[] = { "/a b/\"c\".qcow2", "/\xC3\xA4/\xFF\n.qcow2", NULL };

    for (int bits = 0; bits < 4; bits++) {
        char before[] = "the one \"before\"";
        const struct lv_journal in = { .frozen = bits & 1, .suspended = bits & 2, .current = bits ? before : NULL };
        struct lv_journal out = { 0 };
        struct lv_disks disks = { 0 }, back = { 0 };
        char *text;

        for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
            CU_ASSERT_EQUAL_FATAL(lv_disk_add(&disks, "vda", files[i], "qcow2"), 0);
        text = lv_journal_write(&in, &disks);
        CU_ASSERT_PTR_NOT_NULL_FATAL(text);
        CU_ASSERT_EQUAL_FATAL(lv_journal_read(text, &out, &back, NULL), 0);
        CU_ASSERT_EQUAL(out.frozen, in.frozen);
        CU_ASSERT_EQUAL(out.suspended, in.suspended);
        CU_ASSERT_EQUAL_FATAL(!out.current, !in.current);
        if (in.current)
            CU_ASSERT_STRING_EQUAL(out.current, in.current);
        CU_ASSERT_EQUAL_FATAL(back.count, disks.count);
        for (size_t i = 0; i < back.count; i++) {
            CU_ASSERT_STRING_EQUAL(back.items[i].target, "vda");
            CU_ASSERT_EQUAL(back.items[i].file == NULL, files[i] == NULL);
            if (files[i] && back.items[i].file)
                CU_ASSERT_STRING_EQUAL(back.items[i].file, files[i]);
        }
        lv_journal_clear(&out);
        free(text);
        lv_disk_clear(&disks);
        lv_disk_clear(&back);
    }
}

/* So do the disks that it keeps. */
static void test_kept(void)
{
    char one[] = "<disk><target dev=\"vdb\"/></disk>", other[] = "<disk/>", name[] = "name", *disks[] = { one, other };
    struct lv_disks none = { 0 };

    for (size_t count = 0; count <= 2; count++) {
        const struct lv_journal in = { .step = LV_STEP_REVERT, .name = name, .kept = { disks, count } };
        struct lv_journal out = { 0 };
        char *text = lv_journal_write(&in, &none);

        CU_ASSERT_PTR_NOT_NULL_FATAL(text);
        CU_ASSERT_EQUAL_FATAL(lv_journal_read(text, &out, &none, NULL), 0);
        CU_ASSERT_EQUAL_FATAL(out.kept.count, count);
        for (size_t i = 0; i < count; i++)
            CU_ASSERT_STRING_EQUAL(out.kept.items[i], disks[i]);
        lv_journal_clear(&out);
        free(text);
    }
}

/* What a machine is called goes through an apply, and what it is not called too. */
static void test_labels(void)
{
    char title[] = "a \"title\" \xC3\xBC", ours[] = "<machine checkpoints='2'/>", name[] = "name";
    struct lv_disks none = { 0 };

    for (int known = 0; known < 2; known++) {
        const struct lv_journal in = { .step = LV_STEP_STOP,
                                       .name = name,
                                       .labels = { { title, NULL, ours }, known } };
        struct lv_journal out = { 0 };
        char *text = lv_journal_write(&in, &none);

        CU_ASSERT_PTR_NOT_NULL_FATAL(text);
        CU_ASSERT_EQUAL_FATAL(lv_journal_read(text, &out, &none, NULL), 0);
        CU_ASSERT_EQUAL(out.labels.known, known);
        CU_ASSERT_PTR_NULL(out.labels.text[LV_LABEL_NOTES]);
        if (known) {
            CU_ASSERT_STRING_EQUAL(out.labels.text[LV_LABEL_TITLE], title);
            CU_ASSERT_STRING_EQUAL(out.labels.text[LV_LABEL_OURS], ours);
        }
        lv_journal_clear(&out);
        free(text);
    }
}

static void test_unreadable(void)
{
    static const char *const texts[] = {
        "",
        "no",
        "{",
        "[]",
        "{}",
        "null",
        "{\"libvirt\": 2}",
        "memory 1 create",
        "{\"libvirt\": {}}",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct lv_journal journal = { 0 };
        struct lv_disks disks = { 0 };
        struct error err = { 0 };
        CU_ASSERT_EQUAL(lv_journal_read(texts[i], &journal, &disks, &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_INVALID_PARAMETER);
        CU_ASSERT_EQUAL(disks.count, 0);
    }
}

/* Parts of the wrong kind are as if they were not there. */
static void test_odd_parts(void)
{
    struct lv_journal journal = { 0 };
    struct lv_disks disks = { 0 };

    CU_ASSERT_EQUAL(lv_journal_read("{\"libvirt\": 1, \"disks\": [1, null, {\"target\": 2},"
                                    "{\"target\": \"vdb\", \"file\": []}], \"suspended\": null}",
                                    &journal, &disks, NULL),
                    0);
    CU_ASSERT_FALSE(journal.suspended);
    CU_ASSERT_EQUAL_FATAL(disks.count, 1);
    CU_ASSERT_STRING_EQUAL(disks.items[0].target, "vdb");
    CU_ASSERT_PTR_NULL(disks.items[0].file);
    lv_disk_clear(&disks);
}

UNIT_MAIN({ "what a machine is called", test_labels }, { "disks that it keeps", test_kept },
          { "round trip", test_round_trip }, { "no journal", test_unreadable },
          { "odd parts", test_odd_parts })
