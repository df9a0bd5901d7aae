/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tree of the memory backend.
 */
#include "unit.h"

#include "memory/tree.h"

#include <string.h>

/* Names of one letter stand for GUIDs. */
static struct guid id_of(char name)
{
    return (struct guid){ .bytes = { (unsigned char)name } };
}

static void add(struct snapshot_list *tree, char name)
{
    struct snapshot made = { .id = id_of(name), .name = strdup("x") };

    CU_ASSERT_EQUAL_FATAL(tree_add(tree, &made), 0);
}

static void turn_to(struct snapshot_list *tree, char name)
{
    struct guid id = id_of(name);

    tree_turn_to(tree, &id);
}

/* "a b<a *c<b": each with its parent, the current one starred. */
static void check(const struct snapshot_list *tree, const char *expected)
{
    char text[256] = "";

    for (size_t i = 0; i < tree->count; i++) {
        const struct snapshot *s = &tree->items[i];
        size_t len = strlen(text);
        snprintf(text + len, sizeof(text) - len, "%s%s%c%s%c", i ? " " : "", s->current ? "*" : "",
                 s->id.bytes[0], s->has_parent ? "<" : "", s->has_parent ? s->parent.bytes[0] : '\0');
    }
    CU_ASSERT_STRING_EQUAL(text, expected);
}

/* a - b - c, and d beside b. */
static void grow(struct snapshot_list *tree)
{
    *tree = (struct snapshot_list){ 0 };
    add(tree, 'a');
    add(tree, 'b');
    add(tree, 'c');
    turn_to(tree, 'a');
    add(tree, 'd');
    check(tree, "a b<a c<b *d<a");
}

static void test_remove(void)
{
    static const struct {
        char gone;
        const char *left;
    } rows[] = {
        { 'a', "b c<b *d" }, { 'b', "a c<a *d<a" }, { 'c', "a b<a *d<a" }, { 'd', "*a b<a c<b" },
        { 'x', "a b<a c<b *d<a" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct guid id = id_of(rows[i].gone);
        struct snapshot_list tree;
        grow(&tree);
        tree_remove(&tree, &id);
        check(&tree, rows[i].left);
        snapshot_list_clear(&tree);
    }
}

static void test_prune(void)
{
    static const struct {
        char root;
        const char *left;
    } rows[] = {
        { 'a', "" }, { 'b', "a *d<a" }, { 'c', "a b<a *d<a" }, { 'd', "*a b<a c<b" }, { 'x', "a b<a c<b *d<a" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct guid id = id_of(rows[i].root);
        struct snapshot_list tree;
        grow(&tree);
        CU_ASSERT_EQUAL(tree_prune(&tree, &id), 0);
        check(&tree, rows[i].left);
        add(&tree, 'e'); /* it can still grow */
        snapshot_list_clear(&tree);
    }
}

/* Thousands, with a fork at every tenth: what is left is right, and it does not take for ever. */
static void test_many(void)
{
    enum { MANY = 5000, TENTH = 10 };
    struct snapshot_list tree = { 0 };
    struct guid ids[MANY];
    size_t roots = 0;

    for (size_t i = 0; i < MANY; i++) {
        struct snapshot made = { .id = guid_random(), .name = strdup("x") };
        ids[i] = made.id;
        if (i % TENTH == 0 && i >= TENTH)
            tree_turn_to(&tree, &ids[i - TENTH]);
        CU_ASSERT_EQUAL_FATAL(tree_add(&tree, &made), 0);
    }
    for (size_t i = 0; i < MANY; i += 2)
        tree_remove(&tree, &ids[i]);
    CU_ASSERT_EQUAL(tree.count, MANY / 2);
    for (size_t i = 0; i < tree.count; i++) {
        roots += !tree.items[i].has_parent;
        if (tree.items[i].has_parent)
            CU_ASSERT_PTR_NOT_NULL(tree_find(&tree, &tree.items[i].parent));
    }
    CU_ASSERT_EQUAL(roots, MANY / TENTH);
    CU_ASSERT_EQUAL(tree_prune(&tree, &ids[1]), 0);
    CU_ASSERT_EQUAL(tree.count, MANY / 2 - TENTH / 2);
    snapshot_list_clear(&tree);
}

/* A root removed while current: nothing is, and the next is a root of its own. */
static void test_no_current(void)
{
    struct snapshot_list tree = { 0 };
    struct guid id = id_of('a');

    add(&tree, 'a');
    tree_remove(&tree, &id);
    check(&tree, "");
    add(&tree, 'b');
    check(&tree, "*b");
    turn_to(&tree, 'x');
    add(&tree, 'c');
    check(&tree, "b *c");
    snapshot_list_clear(&tree);
}

UNIT_MAIN({ "thousands", test_many }, { "one node goes", test_remove }, { "a branch goes", test_prune },
          { "no current one", test_no_current })
