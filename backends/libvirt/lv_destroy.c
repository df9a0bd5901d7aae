/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_destroy.h"

#include "libvirt/lv_erase.h"
#include "libvirt/lv_tree.h"

#include <stdlib.h>

/* One that nobody knows the end of is recovered. */
static int destroy_node(struct lv_change *change, struct error *err)
{
    struct error why = { 0 };
    int result;

    if (lv_change_journal(change, LV_STEP_DELETE, err))
        return -1;
    result = lv_erase_whole(&change->view, change->node.name, &why);
    if (result == 0)
        return 0;
    error_cause(err, "%s", why.cause);
    if (result < 0 && why.code == ERR_NO_SPACE)
        return error_set(err, why.code,
                         "%s A part of the snapshot may be gone, so that it cannot be applied any more. Make "
                         "room, and let 'cimsnapd doctor' remove what is left.",
                         why.message);
    if (result < 0)
        return error_set(err, ERR_UNAVAILABLE, NULL);
    return error_set(err, why.code, "%s", why.message);
}

static int destroy_one(struct lv_conn *conn, const struct backend_call *call,
                       const struct snapshot_change *order, struct error *err)
{
    struct lv_change change = { .call = call };
    int result;

    result = lv_change_open(&change, conn, &order->vm, &order->id, err) ||
             lv_change_check_destroy(&change, err) || destroy_node(&change, err);
    lv_change_close(&change);
    return result ? -1 : 0;
}

/* ---- a tree ---- */

/* Each is looked at anew: a machine may start or stop while its snapshots go. */
static int destroy_named(struct lv_conn *conn, const struct backend_call *call,
                         const struct guid *vm, const char *name, struct error *err)
{
    struct lv_change change = { .call = call };
    int result;

    result = lv_view_open(&change.view, conn, vm, err) ||
             lv_target_open_named(&change.node, change.view.dom, name, err) ||
             lv_change_check_destroy(&change, err) || destroy_node(&change, err);
    lv_change_close(&change);
    return result ? -1 : 0;
}

/* The names of the tree, if its root can be destroyed now. */
static int destroy_survey(struct lv_conn *conn, const struct snapshot_change *order,
                          struct lv_names *names, struct error *err)
{
    struct lv_change root = { 0 };
    int result;

    result = lv_change_open(&root, conn, &order->vm, &order->id, err) ||
             lv_change_check_destroy(&root, err) ||
             lv_tree_branch(root.view.dom, root.node.name, names, err);
    lv_change_close(&root);
    return result ? -1 : 0;
}

/* A failure says how far it came; one that is to be recovered goes on then. */
static int destroy_tell(const struct lv_names *names, size_t left, const struct error *why,
                        struct error *err)
{
    error_cause(err, "%s", why->cause);
    if (why->code == ERR_UNAVAILABLE || left == names->count)
        return error_set(err, why->code, "%s", why->message);
    return error_set(err, why->code, "%s (%zu of %zu snapshots were removed.)", why->message,
                     names->count - left, names->count);
}

static int destroy_tree(struct lv_conn *conn, const struct backend_call *call,
                        const struct snapshot_change *order, struct error *err)
{
    struct lv_names names = { 0 };
    struct error why = { 0 };
    size_t left;
    int result;

    if (destroy_survey(conn, order, &names, err))
        return -1;
    for (left = names.count; left > 0 && why.code == ERR_NONE; left--) {
        call->progress(call->opaque, (unsigned)((names.count - left) * 100 / names.count));
        if (destroy_named(conn, call, &order->vm, names.items[left - 1], &why))
            break;
    }
    result = left ? destroy_tell(&names, left, &why, err) : 0;
    lv_names_clear(&names);
    return result;
}

int lv_destroy(struct lv_conn *conn, const struct backend_call *call,
               const struct snapshot_change *order, struct error *err)
{
    int result;

    call->progress(call->opaque, 0);
    result = order->tree ? destroy_tree(conn, call, order, err)
                         : destroy_one(conn, call, order, err);
    if (result == 0)
        call->progress(call->opaque, 100);
    return result;
}
