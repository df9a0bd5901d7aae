/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_finish.h"

#include "base/clock.h"
#include "libvirt/lv_apply.h"
#include "libvirt/lv_erase.h"
#include "libvirt/lv_error.h"
#include "libvirt/lv_leave.h"
#include "libvirt/lv_probe.h"
#include "libvirt/lv_tags.h"
#include "libvirt/lv_tree.h"
#include "libvirt/lv_wake.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* So long after a step was begun it may still have been at work; what changed the images later was somebody
 * else. */
enum { FINISH_SECONDS = 600 };

/* A call that a service made before it died is carried out all the same: so long may a machine take to turn off. libvirt
 * gives QEMU ten seconds to end by itself. */
enum { STOP_SECONDS = 10 };

struct finish {
    struct lv_journal journal;
    struct lv_change change;
};

/* ---- apply ---- */

/* True when the machine cannot have been used since the step: then doing it again takes nothing away. */
static bool finish_untouched(const struct finish *finish)
{
    const struct lv_view *view = &finish->change.view;
    long long until = finish->journal.at + FINISH_SECONDS;

    if (clock_now_us() / 1000000 <= until)
        return true;
    for (size_t i = 0; i < view->disks.count; i++) {
        struct stat st;
        if (!view->link.local || !view->disks.items[i].file ||
            stat(view->disks.items[i].file, &st) || st.st_mtime > until)
            return false;
    }
    return true;
}

static int finish_too_late(struct error *err)
{
    return error_set(err, ERR_NOT_SUPPORTED,
                     "the machine was used since. Its disks may be from different times; apply the "
                     "snapshot again if they have to be those of the snapshot");
}

/* Where this fails, the machine is paused, and a next try would not know why. */
static int finish_save(struct lv_change *change, struct error *err)
{
    struct error why = { 0 };

    if (lv_apply_save(change, &why) == 0)
        return 0;
    error_cause(err, "%s", why.cause);
    return error_set(err, why.code == ERR_FAILED ? ERR_NOT_SUPPORTED : why.code, "%s", why.message);
}

/* The machine is off, its disks are anything. */
static int finish_replay(struct finish *finish, enum recovery *out, struct error *err)
{
    struct lv_change *change = &finish->change;

    if (!finish_untouched(finish))
        return lv_leave_restore(change->view.dom, &change->kept, err) ? -1 : finish_too_late(err);
    if (change->view.saved && virDomainManagedSaveRemove(change->view.dom, 0))
        return error_set(err, ERR_UNAVAILABLE, NULL);
    change->view.saved = false;
    if (lv_change_check_again(change, err) || lv_tags_count(&change->view, change->node.name, err))
        return -1;
    if (!lv_tags_all(&change->view, 1))
        return error_set(err, ERR_NOT_SUPPORTED, "a disk of the machine does not have the snapshot");
    if (lv_apply_revert(change, err) || (change->node.memory && finish_save(change, err)) || lv_apply_tell(change, err))
        return -1;
    *out = RECOVERY_WHOLE;
    return 0;
}

/* Paused where the snapshot was taken, and nobody has let it run: it holds nothing that the snapshot has not. QEMU may
 * have given its memory away already, to a libvirtd that died then, and would not do so once more. */
static int finish_anew(struct finish *finish, enum recovery *out, struct error *err)
{
    virDomainJobInfo job = { 0 };

    if (virDomainGetJobInfo(finish->change.view.dom, &job))
        return lv_error_set(err, "see what is done with the machine");
    if (job.type != VIR_DOMAIN_JOB_NONE)
        return error_set(err, ERR_STILL_RUNNING, "The hypervisor still works on the snapshot.");
    return lv_apply_stop(&finish->change, err) ? -1 : finish_replay(finish, out, err);
}

/* True when the machine may be on its way to be turned off. */
static bool finish_may_stop(const struct finish *finish)
{
    long long age = clock_now_us() / 1000000 - finish->journal.at;

    return finish->journal.step == LV_STEP_STOP && age >= 0 && age <= STOP_SECONDS;
}

/* A machine that runs or is paused. */
static int finish_active(struct finish *finish, enum recovery *out, struct error *err)
{
    struct lv_change *change = &finish->change;
    const struct lv_view *view = &change->view;
    bool paused = view->state == VIR_DOMAIN_PAUSED;

    *out = RECOVERY_WHOLE;
    if (change->node.memory && paused && view->reason == VIR_DOMAIN_PAUSED_FROM_SNAPSHOT)
        return finish_anew(finish, out, err);
    if (paused && (view->reason == VIR_DOMAIN_PAUSED_STARTING_UP ||
                   view->reason == VIR_DOMAIN_PAUSED_SAVE))
        return error_set(err, ERR_IN_USE, "The hypervisor still works on the snapshot.");
    if (finish->journal.step == LV_STEP_SAVE)
        return 0; /* it was applied, and somebody has started it since */
    if (finish_may_stop(finish))
        return error_set(err, ERR_IN_USE, "The hypervisor may still turn the machine off.");
    *out = RECOVERY_NONE;
    if (finish->journal.step == LV_STEP_STOP)
        return 0; /* not even turned off */
    return finish_too_late(err);
}

static int finish_apply(struct finish *finish, enum recovery *out, struct error *err)
{
    const struct lv_view *view = &finish->change.view;

    if (view->active)
        return finish_active(finish, out, err);
    if (finish->journal.step == LV_STEP_SAVE && view->saved) {
        *out = RECOVERY_WHOLE;
        return 0;
    }
    return finish_replay(finish, out, err);
}

/* ---- destroy ---- */

/* Ends what the journal says of one node: of that one, and not of another that has come to its name since. */
static int finish_node(struct finish *finish, struct lv_disks *disks, struct error *err)
{
    const struct lv_journal *journal = &finish->journal;
    struct lv_change *change = &finish->change;
    struct error why = { 0 };

    if (lv_target_open_named(&change->node, change->view.dom, journal->name, &why) &&
        why.code != ERR_NOT_FOUND)
        return error_set(err, why.code, "%s", why.message);
    if (change->node.name && change->node.created != journal->created)
        return 0;
    lv_target_choose_disks(&change->view, disks);
    return lv_erase(&change->view, journal->name, err);
}

/* The rest of a tree, by libvirt's list: metadata goes last, so that what is left is in it. What was made after the last
 * step, `at`, was not in it when it was ordered away. */
static int finish_tree(struct lv_conn *conn, const struct recovery_order *order, long long at,
                       struct error *err)
{
    struct lv_names names = { 0 };
    struct error why = { 0 };
    struct lv_view view;
    char *root = NULL;
    int result = 0;

    if (lv_view_open(&view, conn, &order->vm, err))
        return -1;
    if (lv_wake(&view, err)) {
        lv_view_close(&view);
        return -1;
    }
    if (lv_tree_find(view.dom, &order->snapshot, &root, &why))
        result = why.code == ERR_NOT_FOUND ? 0 : error_set(err, why.code, "%s", why.message);
    else
        result = lv_tree_branch(view.dom, root, &names, err);
    for (size_t i = names.count; i > 0 && result == 0; i--) {
        struct lv_target node;
        result = lv_target_open_named(&node, view.dom, names.items[i - 1], err);
        if (result)
            break;
        if (node.created <= at) {
            lv_target_choose_disks(&view, &node.disks);
            result = lv_erase(&view, node.name, err);
        }
        lv_target_close(&node);
    }
    lv_names_clear(&names);
    free(root);
    lv_view_close(&view);
    return result ? -1 : 0;
}

/* ---- either ---- */

static int finish_run(struct finish *finish, struct lv_disks *disks,
                      const struct recovery_order *order, enum recovery *out, struct error *err)
{
    struct lv_change *change = &finish->change;

    if (order->kind != JOB_SNAPSHOT_APPLY) {
        *out = RECOVERY_WHOLE;
        return finish_node(finish, disks, err);
    }
    if (lv_target_open_named(&change->node, change->view.dom, finish->journal.name, err))
        return -1;
    lv_target_choose_disks(&change->view, disks);
    change->labels = finish->journal.labels;
    finish->journal.labels = (struct lv_labels){ 0 };
    change->kept = finish->journal.kept;
    finish->journal.kept = (struct lv_names){ 0 };
    return finish_apply(finish, out, err);
}

/* It may have died while it looked whether the work could be done. */
static void finish_probe(struct lv_conn *conn, const struct guid *vm)
{
    struct lv_link link = { 0 };
    virDomainPtr dom = NULL;

    if (lv_conn_get(conn, &link, NULL) == 0)
        dom = lv_conn_machine(&link, vm, NULL);
    if (dom && link.driver == LV_QEMU)
        lv_probe_forget(dom);
    if (dom)
        virDomainFree(dom);
    lv_conn_put(&link);
}

int lv_finish(struct lv_conn *conn, const struct recovery_order *order, enum recovery *out,
              struct error *err)
{
    struct finish finish = { 0 };
    struct lv_disks disks = { 0 };
    struct error why = { 0 };
    long long at;
    int result;

    *out = RECOVERY_NONE;
    if (!order->state) {
        finish_probe(conn, &order->vm);
        return 0;
    }
    if (lv_journal_read(order->state, &finish.journal, &disks, &why) || !finish.journal.name) {
        lv_journal_clear(&finish.journal); /* one of a create names no snapshot */
        lv_disk_clear(&disks);
        return error_set(err, why.code == ERR_NO_MEMORY ? ERR_NO_MEMORY : ERR_NOT_SUPPORTED,
                         "the journal cannot be read");
    }
    result = lv_view_open(&finish.change.view, conn, &order->vm, err) ||
             (order->kind != JOB_SNAPSHOT_APPLY && lv_wake(&finish.change.view, err)) ||
             finish_run(&finish, &disks, order, out, err);
    lv_change_close(&finish.change);
    at = finish.journal.at;
    lv_journal_clear(&finish.journal);
    lv_disk_clear(&disks);
    if (result == 0 && order->kind == JOB_SNAPSHOT_DESTROY_TREE)
        result = finish_tree(conn, order, at, err);
    return result ? -1 : 0;
}
