/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A machine with thousands of snapshots: the tree is the right one, and what it costs grows with its size, not with the
 * square of it. libvirt's calls are played by this file, and so is strcmp(), which counts.
 */
#include "unit.h"

#include "libvirt/lv_part.h"
#include "libvirt/lv_tree.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

enum {
    MANY = 4000,
    FORK = 3,   /* each has so many children, as far as they go */
    EACH = 100, /* comparisons of names that each may cost: some times its logarithm, 12 */
};

static struct {
    char names[MANY][GUID_TEXT];
    size_t calls, compared;
} fake;

int strcmp(const char *left, const char *right)
{
    fake.compared++;
    for (; *left && *left == *right; left++)
        right++;
    return (unsigned char)*left - (unsigned char)*right;
}

/* A snapshot is a pointer to its name. */
static virDomainSnapshotPtr fake_snapshot(size_t at)
{
    return (virDomainSnapshotPtr)(fake.names + at);
}

static size_t fake_at(virDomainSnapshotPtr snapshot)
{
    return (size_t)((char(*)[GUID_TEXT])snapshot - fake.names);
}

int virDomainGetUUID(virDomainPtr dom, unsigned char *uuid)
{
    (void)dom;
    memset(uuid, 7, VIR_UUID_BUFLEN);
    return 0;
}

int virDomainListAllSnapshots(virDomainPtr dom, virDomainSnapshotPtr **list, unsigned flags)
{
    (void)dom;
    CU_ASSERT_EQUAL(flags, 0);
    fake.calls++;
    *list = calloc(MANY, sizeof(**list));
    CU_ASSERT_PTR_NOT_NULL_FATAL(*list);
    for (size_t i = 0; i < MANY; i++)
        (*list)[i] = fake_snapshot(i);
    return MANY;
}

const char *virDomainSnapshotGetName(virDomainSnapshotPtr snapshot)
{
    return (const char *)snapshot;
}

char *virDomainSnapshotGetXMLDesc(virDomainSnapshotPtr snapshot, unsigned flags)
{
    size_t at = fake_at(snapshot);
    char parent[80] = "", *text = NULL;

    CU_ASSERT_EQUAL(flags, 0);
    fake.calls++;
    if (at)
        snprintf(parent, sizeof(parent), "<parent><name>%s</name></parent>", fake.names[(at - 1) / FORK]);
    if (asprintf(&text,
                 "<domainsnapshot><name>%s</name><description>cimsnapd 1 kind=disk\nname=n%zu\n</description>"
                 "<state>shutoff</state>%s<creationTime>%zu</creationTime><memory snapshot='no'/></domainsnapshot>",
                 fake.names[at], at, parent, at + 1) < 0)
        return NULL;
    return text;
}

int virDomainSnapshotFree(virDomainSnapshotPtr snapshot)
{
    CU_ASSERT_PTR_NOT_NULL(snapshot);
    return 0;
}

virDomainSnapshotPtr virDomainSnapshotCurrent(virDomainPtr dom, unsigned flags)
{
    (void)dom;
    CU_ASSERT_EQUAL(flags, 0);
    fake.calls++;
    return fake_snapshot(MANY - 1);
}

virDomainSnapshotPtr virDomainSnapshotLookupByName(virDomainPtr dom, const char *name, unsigned flags)
{
    (void)dom;
    (void)flags;
    fake.calls++;
    for (size_t i = 0; i < MANY; i++)
        if (strncmp(fake.names[i], name, GUID_TEXT) == 0)
            return fake_snapshot(i);
    return NULL;
}

static void begin(void)
{
    for (size_t i = 0; i < MANY; i++) {
        /* in no order, as libvirt's list of them is in none */
        struct guid id = { .bytes = { (uint8_t)(i * 167 % 251), (uint8_t)(i >> 8), (uint8_t)i, 1 } };
        guid_format(&id, fake.names[i]);
    }
    fake.calls = fake.compared = 0;
}

static void *dom(void)
{
    static char here;

    return &here;
}

static size_t place_of(const struct guid *id)
{
    return (size_t)id->bytes[1] << 8 | id->bytes[2];
}

static void check(const struct snapshot *s)
{
    size_t at = place_of(&s->id);

    CU_ASSERT_EQUAL(s->created_us, (int64_t)(at + 1) * 1000000);
    CU_ASSERT_EQUAL(s->has_parent, at > 0);
    CU_ASSERT_EQUAL(s->current, at == MANY - 1);
    if (at)
        CU_ASSERT_EQUAL(place_of(&s->parent), (at - 1) / FORK);
}

static void test_list(void)
{
    struct snapshot_list list;

    begin();
    CU_ASSERT_EQUAL_FATAL(lv_tree_list(dom(), &list, NULL), 0);
    CU_ASSERT_EQUAL(list.count, MANY);
    for (size_t i = 0; i < list.count; i++)
        check(&list.items[i]);
    CU_ASSERT_EQUAL(fake.calls, MANY + 2); /* the list, each, and the current one */
    CU_ASSERT_TRUE(fake.compared < (size_t)MANY * EACH);
    snapshot_list_clear(&list);
}

/* In parts of some hundreds: of each part what is in it is read, and the parents of that. */
static void test_parts(void)
{
    enum { PART = 500 };
    struct list_part part = { .most = PART };
    struct guid last;
    size_t seen = 0;

    begin();
    for (struct snapshot_list list = { 0 };; snapshot_list_clear(&list)) {
        CU_ASSERT_EQUAL_FATAL(lv_part_tree(dom(), &part, &list, NULL), 0);
        if (!list.count)
            break;
        for (size_t i = 0; i < list.count; i++)
            check(&list.items[i]);
        seen += list.count;
        last = list.items[list.count - 1].id;
        part.after = &last;
    }
    CU_ASSERT_EQUAL(seen, MANY);
    CU_ASSERT_TRUE(fake.calls <= 2 * MANY + 2 * (MANY / PART + 1));
    /* the names of all are put in order for each part */
    CU_ASSERT_TRUE(fake.compared < (size_t)MANY * EACH * (MANY / PART + 1));
}

/* Each before those that derive from it, none twice. */
static void test_branch(void)
{
    static bool seen[MANY];
    struct lv_names names;

    begin();
    CU_ASSERT_EQUAL_FATAL(lv_tree_branch(dom(), fake.names[0], &names, NULL), 0);
    CU_ASSERT_EQUAL(names.count, MANY);
    for (size_t i = 0; i < names.count; i++) {
        struct guid id;
        size_t at;
        CU_ASSERT_EQUAL_FATAL(guid_parse(&id, names.items[i]), 0);
        at = place_of(&id);
        CU_ASSERT_FALSE(seen[at]);
        CU_ASSERT_TRUE(at == 0 || seen[(at - 1) / FORK]);
        seen[at] = true;
    }
    CU_ASSERT_TRUE(fake.compared < (size_t)MANY * EACH);
    lv_names_clear(&names);
    CU_ASSERT_EQUAL_FATAL(lv_tree_branch(dom(), fake.names[1], &names, NULL), 0);
    CU_ASSERT_TRUE(names.count > FORK && names.count < MANY / 2);
    lv_names_clear(&names);
    CU_ASSERT_EQUAL_FATAL(lv_tree_branch(dom(), "no such", &names, NULL), 0);
    CU_ASSERT_EQUAL(names.count, 0);
}

/* One of them is not looked for among all. */
static void test_get(void)
{
    struct guid id;
    struct snapshot found;
    char *name;

    begin();
    CU_ASSERT_EQUAL_FATAL(guid_parse(&id, fake.names[MANY / 2]), 0);
    CU_ASSERT_EQUAL_FATAL(lv_tree_get(dom(), &id, &found, &name, NULL), 0);
    CU_ASSERT_STRING_EQUAL(found.name, "n2000");
    CU_ASSERT_STRING_EQUAL(name, fake.names[MANY / 2]);
    CU_ASSERT_TRUE(fake.calls <= 4 && fake.compared < EACH);
    snapshot_clear(&found);
    free(name);
}

/* Those of the tags in the images and of libvirt's snapshots, which doctor compares. */
static void test_names(void)
{
    struct lv_names names = { 0 };

    begin();
    for (size_t i = 0; i < 2 * MANY; i++)
        CU_ASSERT_EQUAL_FATAL(lv_names_add(&names, fake.names[i % MANY]), 0);
    lv_names_sort(&names);
    CU_ASSERT_EQUAL(names.count, MANY);
    for (size_t i = 0; i < MANY; i++)
        CU_ASSERT_TRUE(lv_names_has(&names, fake.names[i]));
    CU_ASSERT_FALSE(lv_names_has(&names, "no such"));
    CU_ASSERT_TRUE(fake.compared < (size_t)2 * MANY * EACH);
    lv_names_clear(&names);
    CU_ASSERT_FALSE(lv_names_has(&names, fake.names[0]));
}

UNIT_MAIN({ "a list of thousands", test_list }, { "in parts", test_parts }, { "a branch of thousands", test_branch },
          { "one of thousands", test_get }, { "names, sorted", test_names })
