/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_wake.h"

#include "libvirt/lv_error.h"

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
    wake_show(view, &vm);
    if (virDomainCreateWithFlags(view->dom, VIR_DOMAIN_START_PAUSED | VIR_DOMAIN_START_AUTODESTROY)) {
        lv_error_set(&why, "start the machine");
        wake_show(view, NULL);
        error_cause(err, "%s", why.cause);
        if (why.code == ERR_UNAVAILABLE)
            return error_set(err, ERR_UNAVAILABLE, NULL);
        return error_set(err, why.code,
                         "The service may not read the images of the machine, and looks at them by starting it paused. "
                         "%s",
                         why.message);
    }
    view->woken = true;
    return lv_view_reread(view, err);
}

int lv_wake_end(struct lv_view *view, struct error *err)
{
    int result = 0;

    if (!view->woken)
        return 0;
    view->woken = false;
    if (virDomainDestroy(view->dom))
        result = lv_error_set(err, "turn the machine off again");
    wake_show(view, NULL);
    return result ? -1 : lv_view_refresh(view, err);
}
