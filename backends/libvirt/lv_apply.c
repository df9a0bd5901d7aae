/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_apply.h"

#include "base/hook.h"
#include "base/log.h"
#include "libvirt/lv_error.h"
#include "libvirt/lv_leave.h"
#include "libvirt/lv_tags.h"

#include <libvirt/virterror.h>
#include <string.h>

int lv_apply_stop(struct lv_change *change, struct error *err)
{
    struct lv_view *view = &change->view;
    bool saved;

    if (view->active && virDomainDestroy(view->dom) &&
        lv_error_number() != VIR_ERR_OPERATION_INVALID)
        return lv_error_set(err, "turn the machine off");
    HOOK("turned off");
    if (lv_view_ask_saved(view->dom, &saved, err))
        return -1;
    if (saved && virDomainManagedSaveRemove(view->dom, 0))
        return lv_error_set(err, "remove the machine's saved state");
    HOOK("saved state removed");
    return lv_view_refresh(view, err);
}

static int apply_call_revert(struct lv_change *change, struct error *err)
{
    unsigned flags = change->node.memory ? VIR_DOMAIN_SNAPSHOT_REVERT_PAUSED : 0;
    virDomainSnapshotPtr snapshot =
        virDomainSnapshotLookupByName(change->view.dom, change->node.name, 0);
    int result;

    if (!snapshot)
        return lv_error_set(err, "find the snapshot");
    result = virDomainRevertToSnapshot(snapshot, flags);
    if (result)
        lv_error_set(err, "apply the snapshot");
    virDomainSnapshotFree(snapshot);
    HOOK("reverted");
    return result ? -1 : 0;
}

/* What goes wrong once the disks are those of the snapshot is told at the end: for it no machine is left between two
 * steps. A hypervisor that is lost is another thing: it is recovered. */
static int apply_late(struct lv_change *change, const struct error *why, const char *what, struct error *err)
{
    if (why->code == ERR_UNAVAILABLE) {
        error_cause(err, "%s", why->cause);
        return error_set(err, ERR_UNAVAILABLE, NULL);
    }
    if (change->late.code == ERR_NONE)
        error_cause(&change->late, "%s", why->cause);
    error_set(&change->late, why->code, "%s The snapshot was applied, but %s.", why->message, what);
    return 0;
}

int lv_apply_tell(const struct lv_change *change, struct error *err)
{
    const struct error *late = &change->late;

    if (late->code == ERR_NONE)
        return 0;
    error_cause(err, "%s", late->cause);
    return error_set(err, late->code, "%s", late->message);
}

static int apply_keep(struct lv_change *change, struct error *err)
{
    const char *what = "the machine's name, notes and policy may be those that it had then";
    struct error why = { 0 };
    int result = lv_labels_restore(change->view.dom, &change->labels, &why);

    if (result == 0) {
        what = "a disk that is no part of it is not attached to the machine any more";
        result = lv_leave_restore(change->view.dom, &change->kept, &why);
    }
    return result ? apply_late(change, &why, what, err) : 0;
}

int lv_apply_revert(struct lv_change *change, struct error *err)
{
    struct error why = { 0 };

    if (apply_call_revert(change, &why) == 0)
        return apply_keep(change, err);
    /* libvirt goes from disk to disk and undoes nothing. The same once more makes it whole, if anything can. */
    if (why.code == ERR_FAILED || why.code == ERR_NO_SPACE) {
        log_event(LOG_WARN, "apply-again", "snapshot", change->node.name, "message", why.message,
                  "cause", why.cause, NULL);
        if (apply_call_revert(change, NULL) == 0)
            return apply_keep(change, err);
        error_cause(err, "%s", why.cause);
        return error_set(err, why.code,
                         "%s The disks of the machine may "
                         "be from different times now: apply this snapshot again, or another one, "
                         "before the machine is started.",
                         why.message);
    }
    *err = why;
    return -1;
}

/* libvirt lets it run then, as the flag says. */
static int apply_unsaved(struct lv_view *view, struct error *err)
{
    bool saved;

    if (lv_view_refresh(view, NULL))
        return error_set(err, ERR_FAILED, "The snapshot was applied, but its memory could not be saved.");
    if (!view->active && lv_view_ask_saved(view->dom, &saved, NULL) == 0 && saved)
        return 0; /* done, whatever it says */
    if (view->state == VIR_DOMAIN_RUNNING && virDomainSuspend(view->dom))
        return lv_error_set(err, "pause the machine at the snapshot");
    if (!view->active)
        return error_set(err, ERR_FAILED,
                         "The snapshot was applied and the machine is off, but its memory could not be saved. "
                         "Apply it again, or start the machine anew.");
    return error_set(err, ERR_FAILED,
                     "The snapshot was applied and the machine is paused there, but its memory could "
                     "not be saved. Resume the machine, or turn it off.");
}

int lv_apply_save(struct lv_change *change, struct error *err)
{
    struct error why = { 0 };

    /* A start goes on running, as that of a saved machine does. */
    if (virDomainManagedSave(change->view.dom, VIR_DOMAIN_SAVE_RUNNING) == 0) {
        HOOK("memory saved");
        return 0;
    }
    lv_error_set(&why, "save the memory");
    error_cause(err, "%s", why.cause);
    return why.code == ERR_UNAVAILABLE ? error_set(err, ERR_UNAVAILABLE, NULL)
                                       : apply_unsaved(&change->view, err);
}

/* libvirt says success also where an image has no tag. */
static int apply_verify(struct lv_change *change, struct error *err)
{
    struct error why = { 0 };

    if (lv_view_refresh(&change->view, &why))
        return apply_late(change, &why, "what came of it could not be seen", err);
    if (change->view.active)
        return error_set(err, ERR_FAILED, "The machine was started while the snapshot was applied.");
    if (lv_tags_count(&change->view, change->node.name, &why))
        return apply_late(change, &why, "what came of it could not be seen", err);
    if (!lv_tags_all(&change->view, 1))
        return error_set(err, ERR_FAILED, "A disk of the machine does not have the snapshot.");
    return 0;
}

/* From the machine as it is to the disks of the snapshot. */
static int apply_disks(struct lv_change *change, struct error *err)
{
    bool saved = change->view.saved;

    if (lv_change_journal(change, LV_STEP_STOP, err) || lv_apply_stop(change, err))
        return -1;
    change->view.saved = false;
    /* one that was saved could not be looked at before */
    if (saved && lv_change_check_again(change, err))
        return -1;
    return lv_change_journal(change, LV_STEP_REVERT, err) || lv_apply_revert(change, err) ? -1 : 0;
}

/* Also where nothing came of it, what ran is lost. */
static int apply_lost(struct lv_view *view, bool ran, bool saved, const struct error *why, struct error *err)
{
    const char *lost = "";
    bool still;

    error_cause(err, "%s", why->cause);
    if (why->code == ERR_UNAVAILABLE)
        return error_set(err, ERR_UNAVAILABLE, NULL);
    if (ran && lv_view_refresh(view, NULL) == 0 && !view->active)
        lost = " The machine is turned off.";
    if (saved && lv_view_ask_saved(view->dom, &still, NULL) == 0 && !still)
        lost = " The machine's saved state is gone.";
    return error_set(err, why->code, "%s%s", why->message, lost);
}

/* Without the journal of it a recovery would apply once more, to the same end; left as it is, the machine stays paused. */
static int apply_memory(struct lv_change *change, struct error *err)
{
    struct error why = { 0 };

    if (lv_change_journal(change, LV_STEP_SAVE, &why))
        log_event(LOG_WARN, "apply-unjournalled", "snapshot", change->node.name, "message", why.message, "cause",
                  why.cause, NULL);
    return lv_apply_save(change, err);
}

static int apply_run(struct lv_change *change, struct error *err)
{
    bool ran = change->view.active, saved = change->view.saved;
    struct error why = { 0 };

    if (lv_labels_read(change->view.dom, &change->labels, err) ||
        lv_leave_read(change->view.stored_xml, change->node.left, &change->kept, err))
        return -1;
    if (apply_disks(change, &why))
        return apply_lost(&change->view, ran, saved, &why, err);
    change->call->progress(change->call->opaque, 80);
    if (change->node.memory && apply_memory(change, err))
        return -1;
    return apply_verify(change, err) ? -1 : lv_apply_tell(change, err);
}

int lv_apply(struct lv_conn *conn, const struct backend_call *call,
             const struct snapshot_change *order, struct error *err)
{
    struct lv_change change = { .call = call };
    int result;

    result = lv_change_open(&change, conn, &order->vm, &order->id, err) ||
             lv_change_check_apply(&change, order->turn_off, err);
    if (result == 0) {
        call->progress(call->opaque, 0);
        result = apply_run(&change, err);
    }
    lv_change_close(&change);
    if (result == 0)
        call->progress(call->opaque, 100);
    return result ? -1 : 0;
}
