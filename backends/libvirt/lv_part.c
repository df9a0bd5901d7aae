/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_part.h"

#include "libvirt/lv_error.h"
#include "libvirt/lv_index.h"
#include "libvirt/lv_node.h"
#include "libvirt/lv_tree.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What libvirt lists, with the id that its name says (lv_node_id()). Where reading it says another, what comes is
 * taken from the whole tree. */
struct candidate {
    struct guid id;
    virDomainSnapshotPtr snapshot;
    const char *name; /* the snapshot's */
    struct lv_node node;
    bool read;
};

struct candidates {
    struct guid vm;
    struct candidate *items; /* by id */
    size_t count;
    struct lv_index names; /* of them */
};

static void candidates_clear(struct candidates *all)
{
    for (size_t i = 0; i < all->count; i++) {
        virDomainSnapshotFree(all->items[i].snapshot);
        if (all->items[i].read)
            lv_node_clear(&all->items[i].node);
    }
    free(all->items);
    lv_index_clear(&all->names);
}

static int by_id(const void *a, const void *b)
{
    return guid_order(&((const struct candidate *)a)->id, &((const struct candidate *)b)->id);
}

/* only: the one that is looked for, which may be one that is named like ours and was never read. */
static struct guid candidate_id(const struct guid *vm, const char *name, const struct guid *only)
{
    struct guid derived;

    if (only) {
        derived = guid_derive(vm, name);
        if (guid_equal(&derived, only))
            return derived;
    }
    return lv_node_id(vm, name);
}

static const char *candidate_name(const void *items, size_t at)
{
    return ((const struct candidate *)items)[at].name;
}

static int candidates_list(struct candidates *all, virDomainPtr dom, const struct guid *only,
                           struct error *err)
{
    struct lv_listing listing;
    int result = lv_listing_read(&listing, dom, err);

    all->vm = listing.vm;
    all->items = result ? NULL : calloc(listing.count + 1, sizeof(*all->items));
    for (size_t i = 0; all->items && i < listing.count; i++) {
        struct candidate *c = &all->items[all->count++];
        c->snapshot = listing.items[i].snapshot;
        c->name = listing.items[i].name;
        c->id = candidate_id(&all->vm, c->name, only);
        listing.items[i].snapshot = NULL;
    }
    lv_listing_clear(&listing);
    if (result)
        return -1;
    if (!all->items)
        return error_set(err, ERR_NO_MEMORY, NULL);
    qsort(all->items, all->count, sizeof(*all->items), by_id);
    if (lv_index_make(&all->names, all->items, all->count, candidate_name))
        return error_set(err, ERR_NO_MEMORY, NULL);
    return 0;
}

/* 1: read, and what its name said. 0: it has gone. 2: its name says what it is not. */
static int candidate_read(struct candidate *c, const struct guid *vm, struct error *err)
{
    int got = 1;

    if (!c->read) {
        got = lv_node_fetch(&c->node, c->snapshot, vm, err);
        c->read = got == 1;
    }
    return got == 1 && !guid_equal(&c->node.snapshot.id, &c->id) ? 2 : got;
}

/* As candidate_read(), with the parent's id. */
static int candidate_link(struct candidates *all, struct candidate *c, struct error *err)
{
    int got = candidate_read(c, &all->vm, err);
    size_t place = got == 1 && c->node.parent ? lv_index_first(&all->names, c->node.parent) : all->names.count;
    struct candidate *parent;

    if (place == all->names.count)
        return got;
    parent = &all->items[all->names.items[place].at];
    got = candidate_read(parent, &all->vm, err);
    c->node.snapshot.has_parent = got == 1;
    if (got == 1)
        c->node.snapshot.parent = parent->id;
    return got == 0 ? 1 : got; /* a parent that is gone is none */
}

static bool is_wanted(const struct list_part *part, const struct candidate *c, const char *current)
{
    return (!part->only || guid_equal(part->only, &c->id)) &&
           (!part->after || guid_order(&c->id, part->after) > 0) &&
           (!part->current || (current && strcmp(current, c->name) == 0));
}

/* As candidate_read() of all that are wanted, which go to out. */
static int candidates_take(struct candidates *all, const struct list_part *part, const char *current,
                           struct snapshot_list *out, struct error *err)
{
    size_t most = part->most ? part->most : all->count;

    for (size_t i = 0; i < all->count && out->count < most; i++) {
        struct candidate *c = &all->items[i];
        struct snapshot *s = &c->node.snapshot;
        int got = is_wanted(part, c, current) ? candidate_link(all, c, err) : 0;
        if (got < 0 || got == 2)
            return got;
        if (got == 0 || (part->title && strcasecmp(part->title, s->name) != 0))
            continue;
        s->current = current && strcmp(current, c->name) == 0;
        if (snapshot_list_take(out, s))
            return error_set(err, ERR_NO_MEMORY, NULL);
        s->id = c->id; /* another may have it as its parent */
    }
    return 1;
}

int lv_part_tree(virDomainPtr dom, const struct list_part *part, struct snapshot_list *out,
                 struct error *err)
{
    struct candidates all = { 0 };
    char *current = NULL;
    int got;

    memset(out, 0, sizeof(*out));
    got = candidates_list(&all, dom, part->only, err) || (all.count && lv_tree_current(dom, &current, err))
              ? -1
              : candidates_take(&all, part, current, out, err);
    candidates_clear(&all);
    free(current);
    if (got == 1)
        return 0;
    snapshot_list_clear(out);
    if (got < 0 || lv_tree_list(dom, out, err))
        return -1;
    snapshot_list_cut(out, part);
    return 0;
}
