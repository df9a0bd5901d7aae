/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "libvirt/lv_meta.h"

#include <stdlib.h>
#include <string.h>

static void round_trip(enum snapshot_kind kind, const char *name, const char *notes)
{
    struct strbuf text = STRBUF_INIT;
    struct lv_meta meta;

    lv_meta_write(&text, &(struct lv_meta){ kind, (char *)(uintptr_t)name, (char *)(uintptr_t)notes, NULL });
    CU_ASSERT_TRUE_FATAL(strbuf_ok(&text));
    CU_ASSERT_EQUAL_FATAL(lv_meta_read(&meta, strbuf_str(&text)), 1);
    CU_ASSERT_EQUAL(meta.kind, kind);
    CU_ASSERT_STRING_EQUAL(meta.name, name);
    CU_ASSERT_EQUAL(meta.notes == NULL, notes == NULL);
    if (notes && meta.notes)
        CU_ASSERT_STRING_EQUAL(meta.notes, notes);
    lv_meta_clear(&meta);
    strbuf_free(&text);
}

static void test_round_trip(void)
{
    static const char *const texts[] = {
        "",
        "plain",
        "%",
        "%41 %% %zz",
        "one\ntwo\r\n\tthree\n\n",
        "notes=no\nname=no\n",
        "<&>\"']]>",
        "\x01\x1f\x7f",
        "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80",
        "ill-formed \xC3 \xFF\xFE \xED\xA0\x80",
        "no XML \xEF\xBF\xBE",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        round_trip(SNAPSHOT_FULL, texts[i], NULL);
        round_trip(SNAPSHOT_DISK, texts[i], texts[i]);
        round_trip(SNAPSHOT_RECOVERY, "name", texts[i]);
    }
}

/* Every octet on its own. */
static void test_octets(void)
{
    for (int octet = 1; octet < 256; octet++) {
        const char text[] = { (char)octet, '\0' };
        round_trip(SNAPSHOT_DISK, text, text);
    }
}

/* What is kept in descriptions stays readable to those who come after. */
static void test_format(void)
{
    struct strbuf text = STRBUF_INIT;

    lv_meta_write(&text, &(struct lv_meta){ SNAPSHOT_RECOVERY, (char *)"a%b", (char *)"c\nd", NULL });
    CU_ASSERT_STRING_EQUAL(strbuf_str(&text),
                           "cimsnapd 1 kind=recovery\nname=a%25b\nnotes=c%0Ad\n");
    strbuf_free(&text);
}

/* Disks that were left out, with notes and without. */
static void test_left(void)
{
    static const struct {
        const char *notes, *text;
    } rows[] = {
        { NULL, "cimsnapd 1 kind=disk\nname=a\nleft=vdb vdc\n" },
        { "n", "cimsnapd 1 kind=disk\nname=a\nnotes=n\nleft=vdb vdc\n" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct strbuf text = STRBUF_INIT;
        struct lv_meta meta;
        lv_meta_write(&text, &(struct lv_meta){ SNAPSHOT_DISK, (char *)"a", (char *)(uintptr_t)rows[i].notes,
                                                (char *)"vdb vdc" });
        CU_ASSERT_STRING_EQUAL(strbuf_str(&text), rows[i].text);
        CU_ASSERT_EQUAL_FATAL(lv_meta_read(&meta, strbuf_str(&text)), 1);
        CU_ASSERT_STRING_EQUAL(meta.left, "vdb vdc");
        CU_ASSERT_EQUAL(meta.notes != NULL, i == 1);
        lv_meta_clear(&meta);
        strbuf_free(&text);
    }
}

static void test_not_ours(void)
{
    static const char *const texts[] = {
        "",
        "made by hand",
        "cimsnapd 1 kind=full",
        "cimsnapd 1 kind=full\n",
        "cimsnapd 1 kind=fuller\nname=a\n",
        "cimsnapd 2 kind=full\nname=a\n",
        "cimsnapd 1 kind=full\nname=a",
        "cimsnapd 1 kind=full\nNAME=a\n",
        "cimsnapd 1 kind=full\nnotes=a\n",
        "cimsnapd 1 kind=full\nname=a\nname=b\n",
        "cimsnapd 1 kind=full\nname=a\nnotes=b\nmore\n",
        "cimsnapd 1 kind=full\nname=a\n\n",
        "cimsnapd 1 kind=full\nname=a\nleft=vdb\nnotes=b\n",
        "cimsnapd 1 kind=full\nname=a\nleft=vdb\nleft=vdc\n",
        "cimsnapd 1 kind=full\nname=%\n",
        "cimsnapd 1 kind=full\nname=%4\n",
        "cimsnapd 1 kind=full\nname=%4g\n",
        "cimsnapd 1 kind=full\nname=%0a\n",
        "cimsnapd 1 kind=full\nname=%00\n",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct lv_meta meta;
        if (lv_meta_read(&meta, texts[i]) != 0)
            CU_FAIL(texts[i]);
        CU_ASSERT_PTR_NULL(meta.name);
        CU_ASSERT_PTR_NULL(meta.notes);
        CU_ASSERT_PTR_NULL(meta.left);
    }
}

UNIT_MAIN({ "any text survives", test_round_trip }, { "any octet survives", test_octets },
          { "the format", test_format }, { "disks left out", test_left }, { "others' descriptions", test_not_ours })
