/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_tree.h"

#include "libvirt/lv_error.h"
#include "libvirt/lv_index.h"
#include "libvirt/lv_node.h"
#include "libvirt/lv_probe.h"

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
    const unsigned long mark = lv_probe_mark();
    virDomainSnapshotPtr *list = NULL;
    bool nameless = false, stray = false;
    int count;

    *out = (struct lv_listing){ 0 };
    if (virDomainGetUUID(dom, out->vm.bytes))
        return lv_error_set(err, "list the snapshots");
    count = virDomainListAllSnapshots(dom, &list, 0);
    if (count < 0)
        return lv_error_set(err, "list the snapshots");
    out->items = calloc((size_t)count + 1, sizeof(*out->items));
    for (int i = 0; i < count; i++) {
        const char *name = out->items ? virDomainSnapshotGetName(list[i]) : NULL;
        nameless = nameless || !name;
        stray = stray || (name && lv_probe_is(name));
        if (name && !lv_probe_is(name))
            out->items[out->count++] = (struct lv_listed){ list[i], name };
        else
            virDomainSnapshotFree(list[i]);
    }
    free(list);
    if (stray && lv_probe_stray(mark))
        lv_probe_forget(dom); /* a service was killed */
    if (!out->items)
        return error_set(err, ERR_NO_MEMORY, NULL);
    return nameless ? lv_error_set(err, "name the snapshots") : 0;
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

static const char *tree_name(const void *nodes, size_t at)
{
    return ((const struct lv_node *)nodes)[at].name;
}

static const char *tree_parent(const void *nodes, size_t at)
{
    return ((const struct lv_node *)nodes)[at].parent;
}

/* Links the nodes by GUID. */
static int tree_link(struct tree *tree, const char *current, struct error *err)
{
    struct lv_index names;

    if (lv_index_make(&names, tree->nodes, tree->count, tree_name))
        return error_set(err, ERR_NO_MEMORY, NULL);
    for (size_t i = 0; i < tree->count; i++) {
        struct snapshot *s = &tree->nodes[i].snapshot;
        const char *parent = tree->nodes[i].parent;
        size_t place = parent ? lv_index_first(&names, parent) : names.count;
        s->has_parent = place < names.count;
        if (s->has_parent)
            s->parent = tree->nodes[names.items[place].at].snapshot.id;
        s->current = current && strcmp(tree->nodes[i].name, current) == 0;
    }
    lv_index_clear(&names);
    return 0;
}

/* Hands the nodes over, which empties them. */
static int tree_hand_out(struct tree *tree, struct snapshot_list *out, struct error *err)
{
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
        tree_link(&tree, current, err) || tree_hand_out(&tree, out, err)) {
        snapshot_list_clear(out);
        result = -1;
    }
    free(current);
    tree_clear(&tree);
    return result;
}

int lv_tree_find_current(virDomainPtr dom, virDomainSnapshotPtr *out, struct error *err)
{
    *out = virDomainSnapshotCurrent(dom, 0);
    return *out || lv_error_number() == VIR_ERR_NO_DOMAIN_SNAPSHOT ? 0 : lv_error_set(err, "tell the current snapshot");
}

int lv_tree_current(virDomainPtr dom, char **name, struct error *err)
{
    virDomainSnapshotPtr current;
    const char *text;

    *name = NULL;
    if (lv_tree_find_current(dom, &current, err))
        return -1;
    if (!current)
        return 0;
    text = virDomainSnapshotGetName(current);
    *name = text ? strdup(text) : NULL;
    virDomainSnapshotFree(current);
    return *name ? 0 : error_set(err, ERR_NO_MEMORY, NULL);
}

int lv_tree_make_current(virDomainPtr dom, const char *name, struct error *err)
{
    virDomainSnapshotPtr found = virDomainSnapshotLookupByName(dom, name, 0), again = NULL;
    char *xml = found ? virDomainSnapshotGetXMLDesc(found, VIR_DOMAIN_SNAPSHOT_XML_SECURE) : NULL;

    if (xml)
        again = virDomainSnapshotCreateXML(
            dom, xml, VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE | VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT);
    if (!again)
        lv_error_set(err, "make the snapshot the current one");
    free(xml);
    if (found)
        virDomainSnapshotFree(found);
    if (!again)
        return -1;
    virDomainSnapshotFree(again);
    return 0;
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
    int result;

    *text = NULL;
    if (!found && lv_error_number() != VIR_ERR_NO_DOMAIN_SNAPSHOT)
        return lv_error_set(err, "look for the snapshot");
    if (!found)
        found = tree_search(dom, id, err);
    if (!found)
        return -1;
    *text = virDomainSnapshotGetXMLDesc(found, 0);
    result = *text ? 0 : lv_error_set(err, "describe a snapshot"); /* before libvirt forgets why */
    virDomainSnapshotFree(found);
    return result;
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

int lv_tree_get(virDomainPtr dom, const struct guid *id, struct snapshot *out, char **name,
                struct error *err)
{
    virDomainSnapshotPtr found;
    struct lv_node node;
    struct guid vm;
    int got;

    *out = (struct snapshot){ 0 };
    if (lv_tree_find(dom, id, name, err))
        return -1;
    found = virDomainSnapshotLookupByName(dom, *name, 0);
    if (!found || virDomainGetUUID(dom, vm.bytes))
        got = lv_error_set(err, "describe the snapshot");
    else
        got = lv_node_fetch(&node, found, &vm, err);
    if (found)
        virDomainSnapshotFree(found);
    if (got == 0)
        error_set(err, ERR_NOT_FOUND, "No such snapshot.");
    if (got != 1) {
        free(*name);
        *name = NULL;
        return -1;
    }
    *out = node.snapshot;
    node.snapshot = (struct snapshot){ 0 };
    lv_node_clear(&node);
    return 0;
}

/* Appends the name of a node and then of what derives from it, so that the reverse has children first. */
static int tree_branch(const struct tree *tree, const struct lv_index *parents, const char *root,
                       struct lv_names *out)
{
    if (lv_names_add(out, root))
        return -1;
    for (size_t next = 0; next < out->count; next++) {
        size_t place = lv_index_first(parents, out->items[next]);
        for (; lv_index_is(parents, place, out->items[next]); place++)
            if (lv_names_add(out, tree->nodes[parents->items[place].at].name))
                return -1;
    }
    return 0;
}

static bool tree_has(const struct tree *tree, const char *name)
{
    for (size_t i = 0; i < tree->count; i++)
        if (strcmp(tree->nodes[i].name, name) == 0)
            return true;
    return false;
}

int lv_tree_branch(virDomainPtr dom, const char *root, struct lv_names *out, struct error *err)
{
    struct lv_index parents = { 0 };
    struct tree tree = { 0 };
    int result;

    memset(out, 0, sizeof(*out));
    result = tree_fetch(&tree, dom, err);
    if (result == 0 && tree_has(&tree, root) &&
        (lv_index_make(&parents, tree.nodes, tree.count, tree_parent) ||
         tree_branch(&tree, &parents, root, out)))
        result = error_set(err, ERR_NO_MEMORY, NULL);
    lv_index_clear(&parents);
    tree_clear(&tree);
    if (result)
        lv_names_clear(out);
    return result;
}
