/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_tree.h"

#include "libvirt/lv_error.h"
#include "libvirt/lv_node.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

struct tree {
    struct lv_node *nodes;
    size_t count;
};

static void tree_clear(struct tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        lv_node_clear(&tree->nodes[i]);
    free(tree->nodes);
}

void lv_listing_clear(struct lv_listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        if (listing->items[i].snapshot)
            virDomainSnapshotFree(listing->items[i].snapshot);
    free(listing->items);
    *listing = (struct lv_listing){ 0 };
}

int lv_listing_read(struct lv_listing *out, virDomainPtr dom, struct error *err)
{
    virDomainSnapshotPtr *list = NULL;
    int count;

    *out = (struct lv_listing){ 0 };
    if (virDomainGetUUID(dom, out->vm.bytes))
        return lv_error_set(err, "list the snapshots");
    count = virDomainListAllSnapshots(dom, &list, 0);
    if (count < 0)
        return lv_error_set(err, "list the snapshots");
    out->items = calloc((size_t)count + 1, sizeof(*out->items));
    for (int i = 0; i < count; i++) {
        if (out->items)
            out->items[out->count++].snapshot = list[i];
        else
            virDomainSnapshotFree(list[i]);
    }
    free(list);
    for (size_t i = 0; i < out->count; i++) {
        out->items[i].name = virDomainSnapshotGetName(out->items[i].snapshot);
        if (!out->items[i].name)
            return lv_error_set(err, "name the snapshots");
    }
    return out->items ? 0 : error_set(err, ERR_NO_MEMORY, NULL);
}

static int tree_fill(struct tree *tree, const struct lv_listing *listing, struct error *err)
{
    tree->nodes = calloc(listing->count + 1, sizeof(*tree->nodes));
    if (!tree->nodes)
        return error_set(err, ERR_NO_MEMORY, NULL);
    for (size_t i = 0; i < listing->count; i++) {
        int got = lv_node_fetch(&tree->nodes[tree->count], listing->items[i].snapshot, &listing->vm, err);
        if (got < 0)
            return -1;
        tree->count += (size_t)got;
    }
    return 0;
}

static int tree_fetch(struct tree *tree, virDomainPtr dom, struct error *err)
{
    struct lv_listing listing;
    int result = lv_listing_read(&listing, dom, err) || tree_fill(tree, &listing, err) ? -1 : 0;

    lv_listing_clear(&listing);
    return result;
}

static const struct lv_node *tree_find(const struct tree *tree, const char *name)
{
    for (size_t i = 0; name && i < tree->count; i++)
        if (strcmp(tree->nodes[i].name, name) == 0)
            return &tree->nodes[i];
    return NULL;
}

/* Links the nodes by GUID and hands them over. */
static int tree_hand_out(struct tree *tree, const char *current, struct snapshot_list *out,
                         struct error *err)
{
    /* All ids first: handing over empties a node. */
    for (size_t i = 0; i < tree->count; i++) {
        struct snapshot *s = &tree->nodes[i].snapshot;
        const struct lv_node *parent = tree_find(tree, tree->nodes[i].parent);
        s->has_parent = parent != NULL;
        if (parent)
            s->parent = parent->snapshot.id;
        s->current = current && strcmp(tree->nodes[i].name, current) == 0;
    }
    for (size_t i = 0; i < tree->count; i++)
        if (snapshot_list_take(out, &tree->nodes[i].snapshot))
            return error_set(err, ERR_NO_MEMORY, NULL);
    return 0;
}

int lv_tree_list(virDomainPtr dom, struct snapshot_list *out, struct error *err)
{
    struct tree tree = { 0 };
    char *current = NULL;
    int result = 0;

    memset(out, 0, sizeof(*out));
    if (tree_fetch(&tree, dom, err) || lv_tree_current(dom, &current, err) ||
        tree_hand_out(&tree, current, out, err)) {
        snapshot_list_clear(out);
        result = -1;
    }
    free(current);
    tree_clear(&tree);
    return result;
}

int lv_tree_get(virDomainPtr dom, const struct guid *id, struct snapshot *out, char **name,
                struct error *err)
{
    struct tree tree = { 0 };
    int result = -1;

    memset(out, 0, sizeof(*out));
    *name = NULL;
    if (tree_fetch(&tree, dom, err)) {
        tree_clear(&tree);
        return -1;
    }
    for (size_t i = 0; i < tree.count && result; i++) {
        struct lv_node *node = &tree.nodes[i];
        if (!guid_equal(&node->snapshot.id, id))
            continue;
        *out = node->snapshot;
        *name = node->name;
        node->name = NULL;
        node->snapshot = (struct snapshot){ 0 };
        result = 0;
    }
    tree_clear(&tree);
    return result ? error_set(err, ERR_NOT_FOUND, "No such snapshot.") : 0;
}

int lv_tree_current(virDomainPtr dom, char **name, struct error *err)
{
    const char *text;
    virDomainSnapshotPtr current = virDomainSnapshotCurrent(dom, 0);

    *name = NULL;
    if (!current && lv_error_number() == VIR_ERR_NO_DOMAIN_SNAPSHOT)
        return 0;
    if (!current)
        return lv_error_set(err, "tell the current snapshot");
    text = virDomainSnapshotGetName(current);
    *name = text ? strdup(text) : NULL;
    virDomainSnapshotFree(current);
    return *name ? 0 : error_set(err, ERR_NO_MEMORY, NULL);
}

int lv_tree_has(virDomainPtr dom, const char *name, struct error *err)
{
    virDomainSnapshotPtr found = virDomainSnapshotLookupByName(dom, name, 0);

    if (!found && lv_error_number() != VIR_ERR_NO_DOMAIN_SNAPSHOT)
        return lv_error_set(err, "look for the snapshot");
    if (!found)
        return 0;
    virDomainSnapshotFree(found);
    return 1;
}

/* The one of others with that id, which is derived from its name; NULL with err. */
static virDomainSnapshotPtr tree_search(virDomainPtr dom, const struct guid *id, struct error *err)
{
    virDomainSnapshotPtr found = NULL;
    struct lv_listing listing;
    int result = lv_listing_read(&listing, dom, err);

    for (size_t i = 0; result == 0 && i < listing.count && !found; i++) {
        struct guid derived = guid_derive(&listing.vm, listing.items[i].name);
        if (!guid_equal(&derived, id))
            continue;
        found = listing.items[i].snapshot;
        listing.items[i].snapshot = NULL;
    }
    lv_listing_clear(&listing);
    if (!found && result == 0)
        error_set(err, ERR_NOT_FOUND, NULL);
    return found;
}

int lv_tree_describe(virDomainPtr dom, const struct guid *id, char **text, struct error *err)
{
    virDomainSnapshotPtr found = virDomainSnapshotLookupByName(dom, GUID_STR(id), 0);

    *text = NULL;
    if (!found && lv_error_number() != VIR_ERR_NO_DOMAIN_SNAPSHOT)
        return lv_error_set(err, "look for the snapshot");
    if (!found)
        found = tree_search(dom, id, err);
    if (!found)
        return -1;
    *text = virDomainSnapshotGetXMLDesc(found, 0);
    virDomainSnapshotFree(found);
    return *text ? 0 : lv_error_set(err, "describe a snapshot");
}

/* The name of the one whose GUID is made of it: 1, 0 for none, -1 with err. */
static int tree_find_derived(virDomainPtr dom, const struct guid *id, char **name, struct error *err)
{
    struct lv_listing listing;
    int result = lv_listing_read(&listing, dom, err);

    for (size_t i = 0; result == 0 && i < listing.count; i++) {
        struct guid derived = guid_derive(&listing.vm, listing.items[i].name);
        if (!guid_equal(&derived, id))
            continue;
        *name = strdup(listing.items[i].name);
        result = *name ? 1 : error_set(err, ERR_NO_MEMORY, NULL);
    }
    lv_listing_clear(&listing);
    return result;
}

/* True when the snapshot of that name, which is a GUID, is ours: only then it has that GUID. */
static int tree_is_ours(virDomainPtr dom, const char *name, const struct guid *id, struct error *err)
{
    virDomainSnapshotPtr found = virDomainSnapshotLookupByName(dom, name, 0);
    struct lv_node node;
    struct guid vm;
    int result;

    if (!found && lv_error_number() != VIR_ERR_NO_DOMAIN_SNAPSHOT)
        return lv_error_set(err, "look for the snapshot");
    if (!found)
        return 0;
    result = virDomainGetUUID(dom, vm.bytes) ? lv_error_set(err, "describe the machine")
                                             : lv_node_fetch(&node, found, &vm, err);
    virDomainSnapshotFree(found);
    if (result == 1) {
        result = guid_equal(&node.snapshot.id, id);
        lv_node_clear(&node);
    }
    return result;
}

int lv_tree_find(virDomainPtr dom, const struct guid *id, char **name, struct error *err)
{
    char own[GUID_TEXT];
    int found = tree_is_ours(dom, guid_format(id, own), id, err);

    *name = NULL;
    if (found == 1 && !(*name = strdup(own)))
        return error_set(err, ERR_NO_MEMORY, NULL);
    if (found == 0)
        found = tree_find_derived(dom, id, name, err);
    if (found < 0)
        return -1;
    return found ? 0 : error_set(err, ERR_NOT_FOUND, "No such snapshot.");
}

/* Appends the name of a node and then of what derives from it, so that the reverse has children first. */
static int tree_branch(const struct tree *tree, const char *root, struct lv_names *out)
{
    size_t next = out->count;
    const struct lv_node *node = tree_find(tree, root);

    if (!node)
        return 0;
    if (lv_names_add(out, node->name))
        return -1;
    for (; next < out->count; next++)
        for (size_t i = 0; i < tree->count; i++)
            if (tree->nodes[i].parent && strcmp(tree->nodes[i].parent, out->items[next]) == 0 &&
                lv_names_add(out, tree->nodes[i].name))
                return -1;
    return 0;
}

int lv_tree_branch(virDomainPtr dom, const char *root, struct lv_names *out, struct error *err)
{
    struct tree tree = { 0 };
    int result;

    memset(out, 0, sizeof(*out));
    result = tree_fetch(&tree, dom, err);
    if (result == 0 && tree_branch(&tree, root, out))
        result = error_set(err, ERR_NO_MEMORY, NULL);
    tree_clear(&tree);
    if (result)
        lv_names_clear(out);
    return result;
}
