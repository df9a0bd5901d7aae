/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_recover.h"

#include "base/log.h"
#include "libvirt/lv_erase.h"
#include "libvirt/lv_error.h"
#include "libvirt/lv_journal.h"
#include "libvirt/lv_probe.h"
#include "libvirt/lv_target.h"
#include "libvirt/lv_tags.h"
#include "libvirt/lv_tree.h"
#include "libvirt/lv_view.h"
#include "libvirt/lv_wake.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

/* A journal that cannot be read tells as little as none. */
static int recover_read(struct lv_view *view, const char *state, struct lv_journal *journal,
                        struct error *err)
{
    struct lv_disks disks = { 0 };
    struct error why = { 0 };

    memset(journal, 0, sizeof(*journal));
    if (!state)
        return 0;
    if (lv_journal_read(state, journal, &disks, &why) == 0) {
        if (disks.count)
            lv_target_choose_disks(view, &disks);
        return 0;
    }
    lv_disk_clear(&disks);
    if (why.code != ERR_INVALID_PARAMETER)
        return error_set(err, why.code, "%s", why.message);
    log_event(LOG_WARN, "journal-unreadable", "state", state, NULL);
    return 0;
}

/* libvirt is told of a snapshot only when the machine goes on, and its file systems: what holds them since is somebody else's,
 * whatever the journal says, as lv_live_note() may not have got to the disk. */
static int recover_ours(const struct lv_view *view, const char *tag, struct lv_journal *journal, struct error *err)
{
    int told = journal->suspended || journal->frozen ? lv_tree_has(view->dom, tag, err) : 0;

    if (told > 0)
        journal->suspended = journal->frozen = false;
    return told < 0 ? -1 : 0;
}

/* Ends our suspend. */
static int recover_release(struct lv_view *view, const struct lv_journal *journal,
                           struct error *err)
{
    if (!view->woken && journal->suspended && view->state == VIR_DOMAIN_PAUSED &&
        view->reason == VIR_DOMAIN_PAUSED_USER) {
        if (virDomainResume(view->dom))
            return lv_error_set(err, "resume the machine");
        if (lv_view_refresh(view, err))
            return -1;
    }
    return 0;
}

/* Ends our freeze; -1: the guest agent has gone, and cannot be waited for here. */
static int recover_thaw(struct lv_view *view, const struct lv_journal *journal)
{
    if (!journal->frozen || !view->active || view->woken || virDomainFSThaw(view->dom, NULL, 0, 0) >= 0)
        return 0;
    log_event(LOG_WARN, "thaw-failed", "libvirt", virGetLastErrorMessage(), NULL);
    return -1;
}

/* libvirt goes on saving memory when its client has gone; what will be there is not known yet. Where
 * libvirt itself died meanwhile, no job goes on and nobody else lets the machine run again. */
static int recover_is_over(struct lv_view *view, struct error *err)
{
    virDomainJobInfo job = { 0 };

    if (view->state != VIR_DOMAIN_PAUSED ||
        (view->reason != VIR_DOMAIN_PAUSED_SAVE && view->reason != VIR_DOMAIN_PAUSED_SNAPSHOT))
        return 0;
    if (virDomainGetJobInfo(view->dom, &job) != 0)
        return error_set(err, ERR_IN_USE, "The hypervisor still works on the snapshot.");
    if (job.type != VIR_DOMAIN_JOB_NONE)
        return error_set(err, ERR_STILL_RUNNING, "The hypervisor still works on the snapshot.");
    /* the save may have ended between the two questions */
    if (lv_view_refresh(view, err))
        return -1;
    if (view->state != VIR_DOMAIN_PAUSED ||
        (view->reason != VIR_DOMAIN_PAUSED_SAVE && view->reason != VIR_DOMAIN_PAUSED_SNAPSHOT))
        return 0;
    if (virDomainResume(view->dom))
        return lv_error_set(err, "resume the machine");
    return lv_view_refresh(view, err);
}

static int recover_judge(struct lv_view *view, const char *tag, enum recovery *out,
                         struct error *err)
{
    int has = lv_tree_has(view->dom, tag, err);

    if (has < 0 || lv_tags_count(view, tag, err))
        return -1;
    if (has && lv_tags_all(view, 1)) {
        *out = RECOVERY_WHOLE;
        return 0;
    }
    *out = RECOVERY_NONE;
    return has || !lv_tags_all(view, 0) ? lv_erase(view, tag, err) : 0;
}

/* libvirt takes the mark of the current snapshot from the old one before it writes the new one down: where it died
 * between, none has it, and the next snapshot would begin a tree of its own. */
static int recover_current(struct lv_view *view, const char *name, struct error *err)
{
    char *current = NULL;
    bool lost;
    int has;

    if (!name)
        return 0;
    if (lv_tree_current(view->dom, &current, err))
        return -1;
    lost = !current;
    free(current);
    has = lost ? lv_tree_has(view->dom, name, err) : 0;
    if (has <= 0)
        return has;
    return lv_probe(view->dom, err) ? -1 : lv_tree_make_current(view->dom, name, err);
}

int lv_recover(struct lv_conn *conn, struct lv_thaws *thaws, const struct recovery_order *order,
               enum recovery *out, struct error *err)
{
    struct lv_journal journal;
    struct error why = { 0 };
    struct lv_view view;
    char tag[GUID_TEXT];
    int result;

    *out = RECOVERY_NONE;
    if (lv_view_open(&view, conn, &order->vm, &why)) {
        if (why.code == ERR_NOT_FOUND)
            return 0; /* gone, with all its snapshots */
        error_cause(err, "%s", why.cause);
        return error_set(err, why.code, "%s", why.message);
    }
    memset(&journal, 0, sizeof(journal));
    guid_format(&order->snapshot, tag);
    result = lv_wake(&view, err) || recover_read(&view, order->state, &journal, err) ||
             recover_ours(&view, tag, &journal, err) || recover_release(&view, &journal, err);
    if (result == 0 && recover_thaw(&view, &journal))
        lv_thaws_owe(thaws, &order->vm);
    result = result || recover_is_over(&view, err) ||
             recover_judge(&view, tag, out, err) ||
             recover_current(&view, *out == RECOVERY_WHOLE ? tag : journal.current, err);
    lv_journal_clear(&journal);
    lv_view_close(&view);
    return result ? -1 : 0;
}
