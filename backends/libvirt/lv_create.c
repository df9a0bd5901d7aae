/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_create.h"

#include "base/clock.h"
#include "base/hook.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "libvirt/lv_error.h"
#include "libvirt/lv_image.h"
#include "libvirt/lv_leave.h"
#include "libvirt/lv_live.h"
#include "libvirt/lv_meta.h"
#include "libvirt/lv_recover.h"
#include "libvirt/lv_rules.h"
#include "libvirt/lv_tags.h"

#include <stdlib.h>
#include <string.h>

static void create_element(struct strbuf *xml, const char *name, const char *text)
{
    strbuf_printf(xml, "<%s>", name);
    strbuf_xml(xml, text);
    strbuf_printf(xml, "</%s>", name);
}

/* Name and description: all that libvirt needs for a snapshot that it makes itself. */
static void create_head(struct strbuf *xml, const struct lv_act *act)
{
    const struct snapshot_spec *spec = act->spec;
    char *left = lv_leave_text(&act->view->left);
    struct strbuf meta = STRBUF_INIT;

    lv_meta_write(&meta, &(struct lv_meta){ spec->kind, (char *)(uintptr_t)spec->name,
                                            (char *)(uintptr_t)spec->notes, left });
    strbuf_puts(xml, "<domainsnapshot>");
    create_element(xml, "name", act->tag);
    create_element(xml, "description", strbuf_str(&meta));
    xml->failed = xml->failed || !strbuf_ok(&meta) || (act->view->left.count && !left);
    strbuf_free(&meta);
    free(left);
}

/* The whole of a snapshot that libvirt is only told of. To libvirt it is one of a machine that is
 * off: it has no memory, and only so can it be reverted to. */
static void create_body(struct strbuf *xml, const struct lv_act *act, const char *parent)
{
    const struct lv_disks *disks = &act->view->disks;

    strbuf_puts(xml, "<state>shutoff</state><memory snapshot='no'/>");
    strbuf_printf(xml, "<creationTime>%lld</creationTime>", (long long)clock_now_us() / 1000000);
    if (parent) {
        strbuf_puts(xml, "<parent>");
        create_element(xml, "name", parent);
        strbuf_puts(xml, "</parent>");
    }
    strbuf_puts(xml, "<disks>");
    for (size_t i = 0; i < disks->count; i++) {
        strbuf_puts(xml, "<disk snapshot='internal' name='");
        strbuf_xml(xml, disks->items[i].target);
        strbuf_puts(xml, "'/>");
    }
    strbuf_puts(xml, "</disks>");
    strbuf_puts(xml, act->view->stored_xml);
}

static int create_tell(struct lv_act *act, struct strbuf *xml, unsigned flags, struct error *err)
{
    virDomainSnapshotPtr made;

    strbuf_puts(xml, "</domainsnapshot>");
    if (!strbuf_ok(xml))
        return error_set(err, ERR_NO_MEMORY, NULL);
    made = virDomainSnapshotCreateXML(act->view->dom, strbuf_str(xml), flags);
    if (!made)
        return lv_error_set(err, "make the snapshot");
    virDomainSnapshotFree(made);
    HOOK("libvirt knows");
    return 0;
}

/* Tells libvirt of tags that are there already; parent: libvirt's name of it, or NULL. */
static int create_register(struct lv_act *act, const char *parent, struct error *err)
{
    struct strbuf xml = STRBUF_INIT;
    int result;

    create_head(&xml, act);
    create_body(&xml, act, parent);
    result = create_tell(
        act, &xml, VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE | VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT, err);
    strbuf_free(&xml);
    return result;
}

/* Disks of a machine that runs or is paused, which libvirt itself would only do with memory. */
static int create_by_qemu(struct lv_act *act, struct error *err)
{
    return lv_live_take(act, err) || lv_live_note(act, err) ||
                   create_register(act, act->journal.current, err)
               ? -1
               : 0;
}

/* Some disks of a machine that is off: libvirt would do all of them or none. */
static int create_by_hand(struct lv_act *act, struct error *err)
{
    const struct lv_disks *disks = &act->view->disks;
    int result = lv_live_journal(act, err);

    for (size_t i = 0; i < disks->count && result == 0; i++)
        result = lv_image_take(disks->items[i].file, act->tag, err);
    HOOK("tags made");
    return result || create_register(act, act->journal.current, err) ? -1 : 0;
}

/* Memory and disks, or the disks of a machine that is off. libvirt pauses one whose memory it saves; where it dies then, it
 * may take the pause for a user's when it is back. */
static int create_by_libvirt(struct lv_act *act, struct error *err)
{
    struct strbuf xml = STRBUF_INIT;
    int result;

    act->journal.suspended = lv_view_runs(act->view);
    if (lv_live_journal(act, err))
        return -1;
    create_head(&xml, act);
    result = create_tell(act, &xml, 0, err);
    strbuf_free(&xml);
    return result;
}

/* libvirt says success also where an image has no tag. */
static int create_verify(struct lv_act *act, struct error *err)
{
    if (lv_view_refresh(act->view, err) || lv_tags_count(act->view, act->tag, err))
        return -1;
    if (!lv_tags_all(act->view, 1))
        return error_set(err, ERR_FAILED, "A disk of the machine did not take the snapshot.");
    return 0;
}

/* The rules have just been kept to, and have read which snapshot is the current one. */
static int create_run(struct lv_act *act, struct error *err)
{
    act->journal.current = act->view->current;
    act->view->current = NULL;
    if (act->view->active && !lv_rules_memory(act->view, act->spec->kind))
        return create_by_qemu(act, err); /* a transaction: QEMU took all, or says so */
    if (act->view->left.count ? create_by_hand(act, err) : create_by_libvirt(act, err))
        return -1;
    return create_verify(act, err);
}

/* After a failure: the snapshot is there all the same, or it is made sure that nothing is. */
static int create_settle(struct lv_conn *conn, const struct lv_act *act, struct error *err)
{
    const struct recovery_order order = { JOB_SNAPSHOT_CREATE, act->spec->vm, act->spec->id, act->state };
    enum recovery found = RECOVERY_NONE;
    struct error why = { 0 };

    if (!act->state)
        return -1;
    if (lv_recover(conn, act->thaws, &order, &found, &why)) {
        log_event(LOG_WARN, "create-unsettled", "snapshot", act->tag, "message", why.message,
                  "cause", why.cause, NULL);
        error_clear(err);
        error_cause(err, "%s", why.cause);
        return error_set(err, ERR_UNAVAILABLE, NULL);
    }
    if (found != RECOVERY_WHOLE)
        return -1;
    error_clear(err);
    return 0;
}

int lv_create(struct lv_conn *conn, const struct lv_watch *watch, const struct backend_call *call,
              const struct snapshot_spec *spec, struct error *err)
{
    struct lv_act act = { .thaws = watch->thaws, .call = call, .spec = spec };
    struct lv_hold hold;
    struct lv_view view;
    bool running;
    int result;

    if (lv_view_open(&view, conn, &spec->vm, err))
        return -1;
    act.view = &view;
    guid_format(&spec->id, act.tag);
    if (lv_rules_create(&view, spec, err)) {
        lv_view_close(&view);
        return -1;
    }
    running = view.state != VIR_DOMAIN_PAUSED;
    if (running)
        lv_hold_begin(watch->holds, &hold, &spec->vm, VIR_DOMAIN_RUNNING);
    call->progress(call->opaque, 0);
    result = create_run(&act, err);
    lv_view_close(&view);
    if (result)
        result = create_settle(conn, &act, err);
    if (running)
        lv_hold_end(watch->holds, &hold);
    if (result == 0)
        call->progress(call->opaque, 100);
    lv_journal_clear(&act.journal);
    free(act.state);
    return result;
}
