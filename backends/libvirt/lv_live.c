/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_live.h"

#include "base/hook.h"
#include "base/log.h"
#include "libvirt/lv_error.h"
#include "libvirt/lv_qmp.h"

#include <libvirt/virterror.h>
#include <stdlib.h>

enum { LIVE_THAW_TRIES = 3 };

typedef int live_write(void *opaque, const char *state, struct error *err);

static int live_put(struct lv_act *act, live_write *write, struct error *err)
{
    char *state = lv_journal_write(&act->journal, &act->view->disks);

    if (!state)
        return error_set(err, ERR_NO_MEMORY, NULL);
    if (write(act->call->opaque, state, err)) {
        free(state);
        return -1;
    }
    free(act->state);
    act->state = state;
    return 0;
}

int lv_live_journal(struct lv_act *act, struct error *err)
{
    return live_put(act, act->call->journal, err);
}

int lv_live_note(struct lv_act *act, struct error *err)
{
    return live_put(act, act->call->note, err);
}

/* Not ERR_AGENT: that is for a guest of which a snapshot with memory will do. One that is frozen, or may yet be,
 * would be so whenever it is applied. */
static int live_thaw_error(struct error *err)
{
    struct error why = { 0 };

    lv_error_agent(&why, "thaw the guest's file systems");
    error_cause(err, "%s", why.cause);
    if (why.code == ERR_AGENT)
        return error_set(err, ERR_FAILED, "%s They may still be frozen.", why.message);
    return error_set(err, why.code, "%s", why.message);
}

/* A thaw too many does no harm; a guest that stays frozen does: lv_recover() sees to it then. */
static int live_thaw(struct lv_act *act, struct error *err)
{
    for (int tries = 0; tries < LIVE_THAW_TRIES; tries++)
        if (virDomainFSThaw(act->view->dom, NULL, 0, 0) >= 0) {
            act->journal.frozen = false;
            return 0;
        }
    log_event(LOG_ERROR_, "thaw-failed", "machine", GUID_STR(&act->spec->vm), "libvirt",
              virGetLastErrorMessage(), NULL);
    return live_thaw_error(err);
}

static bool live_wants_freeze(const struct lv_act *act)
{
    return act->view->agent && act->view->state == VIR_DOMAIN_RUNNING &&
           act->spec->consistency != CONSISTENCY_CRASH;
}

static int live_freeze(struct lv_act *act, struct error *err)
{
    virDomainPtr dom = act->view->dom;
    struct error why = { 0 };

    if (!live_wants_freeze(act))
        return 0;
    act->journal.frozen = true;
    if (lv_live_journal(act, err)) {
        act->journal.frozen = false; /* it was not begun */
        return -1;
    }
    lv_thaws_forget(act->thaws, &act->spec->vm);
    virDomainAgentSetResponseTimeout(dom, act->call->agent_seconds, 0);
    if (virDomainFSFreeze(dom, NULL, 0, 0) >= 0) {
        HOOK("frozen");
        return 0;
    }
    lv_error_agent(&why, "freeze the guest's file systems");
    /* An agent that only answered late may have frozen them. */
    if (live_thaw(act, err))
        return -1;
    if (act->spec->consistency == CONSISTENCY_APPLICATION) {
        *err = why;
        return -1;
    }
    log_event(LOG_WARN, "freeze-failed", "machine", GUID_STR(&act->spec->vm), "cause", why.cause, NULL);
    return 0;
}

/* The cut is at one instant of the guest, also with disks in different threads of QEMU. */
static int live_suspend(struct lv_act *act, struct error *err)
{
    if (!lv_view_runs(act->view))
        return 0;
    act->journal.suspended = true;
    if (lv_live_journal(act, err)) {
        act->journal.suspended = false;
        return -1;
    }
    if (virDomainSuspend(act->view->dom))
        return lv_error_set(err, "pause the machine for the snapshot");
    HOOK("suspended");
    return 0;
}

/* Without the suspend nothing has been journalled yet. */
static int live_transaction(struct lv_act *act, struct error *err)
{
    if (!act->state && lv_live_journal(act, err))
        return -1;
    if (lv_qmp_take(act->view->dom, &act->view->disks, act->tag, err))
        return -1;
    HOOK("tags taken");
    return 0;
}

static int live_resume(struct lv_act *act, struct error *err)
{
    if (lv_view_refresh(act->view, err))
        return -1;
    /* Someone else may have resumed it, or it has ended. */
    if (act->view->state == VIR_DOMAIN_PAUSED && act->view->reason == VIR_DOMAIN_PAUSED_USER &&
        virDomainResume(act->view->dom))
        return lv_error_set(err, "resume the machine");
    HOOK("resumed");
    act->journal.suspended = false;
    return 0;
}

int lv_live_take(struct lv_act *act, struct error *err)
{
    int result = live_freeze(act, err) || live_suspend(act, err) || live_transaction(act, err);

    /* Undone in any case, each whether or not the other works. */
    if (act->journal.suspended && live_resume(act, err))
        result = -1;
    if (act->journal.frozen && live_thaw(act, err))
        result = -1;
    return result ? -1 : 0;
}
