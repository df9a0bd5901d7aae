/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory/tree.h"

#include "memory/order.h"

#include <stdlib.h>
#include <string.h>

static struct snapshot *tree_current(const struct snapshot_list *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        if (tree->items[i].current)
            return &tree->items[i];
    return NULL;
}

struct snapshot *tree_find(const struct snapshot_list *tree, const struct guid *id)
{
    for (size_t i = 0; i < tree->count; i++)
        if (guid_equal(&tree->items[i].id, id))
            return &tree->items[i];
    return NULL;
}

int tree_add(struct snapshot_list *tree, struct snapshot *made)
{
    const struct snapshot *parent = tree_current(tree);

    made->has_parent = parent != NULL;
    if (parent)
        made->parent = parent->id;
    if (snapshot_list_take(tree, made))
        return -1;
    tree_turn_to(tree, &tree->items[tree->count - 1].id);
    return 0;
}

void tree_turn_to(struct snapshot_list *tree, const struct guid *id)
{
    const struct guid to = *id;

    for (size_t i = 0; i < tree->count; i++)
        tree->items[i].current = guid_equal(&tree->items[i].id, &to);
}

void tree_remove(struct snapshot_list *tree, const struct guid *id)
{
    struct snapshot *gone = tree_find(tree, id);
    size_t at = (size_t)(gone - tree->items);

    if (!gone)
        return;
    for (size_t i = 0; i < tree->count; i++) {
        struct snapshot *child = &tree->items[i];
        if (child->has_parent && guid_equal(&child->parent, &gone->id)) {
            child->has_parent = gone->has_parent;
            child->parent = gone->parent;
        }
    }
    if (gone->current && gone->has_parent)
        tree_turn_to(tree, &gone->parent);
    snapshot_clear(&tree->items[at]);
    memmove(&tree->items[at], &tree->items[at + 1], (tree->count - at - 1) * sizeof(*tree->items));
    tree->count--;
}

/* Marks those that derive from a doomed one; a parent stands before its children. -1 without memory. */
static int tree_doom(const struct snapshot_list *tree, bool *doomed)
{
    struct order order = { 0 };

    if (order_make(&order, &(struct order_things){ tree->items, tree->count, sizeof(*tree->items), 0 }))
        return -1;
    for (size_t i = 0; i < tree->count; i++) {
        const struct snapshot *s = &tree->items[i];
        long parent = s->has_parent && !doomed[i] ? order_find(&order, &s->parent) : ORDER_NONE;
        if (parent >= 0)
            doomed[i] = doomed[parent];
    }
    order_clear(&order);
    return 0;
}

int tree_prune(struct snapshot_list *tree, const struct guid *id)
{
    const struct snapshot *root = tree_find(tree, id), *current = tree_current(tree);
    bool *doomed = calloc(tree->count + 1, sizeof(*doomed));
    size_t kept = 0;

    if (root && doomed)
        doomed[root - tree->items] = true;
    if (!root || !doomed || tree_doom(tree, doomed)) {
        free(doomed);
        return root ? -1 : 0;
    }
    if (current && doomed[current - tree->items] && root->has_parent) {
        struct guid parent = root->parent;
        tree_turn_to(tree, &parent);
    }
    for (size_t i = 0; i < tree->count; i++) {
        if (doomed[i])
            snapshot_clear(&tree->items[i]);
        else
            tree->items[kept++] = tree->items[i];
    }
    tree->count = kept;
    free(doomed);
    return 0;
}
