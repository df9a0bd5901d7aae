/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_wake.h"

#include "base/log.h"
#include "libvirt/lv_error.h"
#include "libvirt/lv_qmp.h"
#include "libvirt/lv_thaw.h"

#include <libvirt/virterror.h>
#include <errno.h>
#include <unistd.h>

/* What is not there at all is another trouble. */
static bool wake_hidden(const struct lv_view *view, const struct lv_disk *disk)
{
    return lv_disk_is_qcow2(disk) && (!view->link.local || (access(disk->file, R_OK) && errno != ENOENT));
}

bool lv_wake_needed(const struct lv_view *view)
{
    if (view->link.driver != LV_QEMU || view->state != VIR_DOMAIN_SHUTOFF || view->saved || !view->persistent)
        return false;
    for (size_t i = 0; i < view->disks.count; i++)
        if (wake_hidden(view, &view->disks.items[i]))
            return true;
    return false;
}

/* As off, or with NULL as it is. */
static void wake_show(struct lv_view *view, const struct guid *vm)
{
    if (view->link.holds && vm)
        lv_hold_begin(view->link.holds, &view->hold, vm, VIR_DOMAIN_SHUTOFF);
    else if (view->link.holds)
        lv_hold_end(view->link.holds, &view->hold);
}

int lv_wake(struct lv_view *view, struct error *err)
{
    struct error why = { 0 };
    struct guid vm;

    if (!lv_wake_needed(view))
        return 0;
    if (virDomainGetUUID(view->dom, vm.bytes))
        return lv_error_set(err, "describe the machine");
    lv_thaws_forget(view->link.thaws, &vm); /* it is off */
    wake_show(view, &vm);
    if (virDomainCreateWithFlags(view->dom, VIR_DOMAIN_START_PAUSED | VIR_DOMAIN_START_AUTODESTROY)) {
        lv_error_set(&why, "start the machine");
        wake_show(view, NULL);
        error_cause(err, "%s", why.cause);
        if (why.code == ERR_UNAVAILABLE) {
            lv_thaws_owe_end(view->link.thaws, &vm); /* it may have been started all the same */
            return error_set(err, ERR_UNAVAILABLE, NULL);
        }
        return error_set(err, why.code,
                         "The service may not read the images of the machine, and looks at them by starting it paused. "
                         "%s",
                         why.message);
    }
    view->woken = true;
    return lv_view_reread(view, err);
}

/* libvirtd was lost: the machine is turned off when it is back. */
static void wake_owe(struct lv_view *view)
{
    struct guid vm;

    if (virDomainGetUUID(view->dom, vm.bytes) == 0)
        lv_thaws_owe_end(view->link.thaws, &vm);
}

int lv_wake_end(struct lv_view *view, struct error *err)
{
    int result = 0;

    if (!view->woken)
        return 0;
    view->woken = false;
    if (virDomainDestroy(view->dom)) {
        result = lv_error_set(err, "turn the machine off again");
        wake_owe(view);
    }
    wake_show(view, NULL);
    return result ? -1 : lv_view_refresh(view, err);
}

bool lv_wake_end_late(virDomainPtr dom, const struct guid *vm)
{
    int state, reason, fresh;

    if (virDomainGetState(dom, &state, &reason, 0))
        return lv_error_number() == VIR_ERR_NO_DOMAIN;
    if (state != VIR_DOMAIN_PAUSED)
        return true;
    fresh = reason == VIR_DOMAIN_PAUSED_STARTING_UP ? -1 : lv_qmp_fresh(dom);
    if (fresh > 0 && virDomainDestroy(dom) == 0) {
        log_event(LOG_INFO, "turned-off-late", "machine", GUID_STR(vm), NULL);
        return true;
    }
    return fresh == 0;
}
