/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_erase.h"

#include "base/hook.h"
#include "base/log.h"
#include "libvirt/lv_error.h"
#include "libvirt/lv_tags.h"
#include "libvirt/lv_tree.h"

#include <libvirt/virterror.h>

/* One that is not there is no error. */
static int erase_by_libvirt(virDomainPtr dom, const char *name, unsigned flags, struct error *err)
{
    virDomainSnapshotPtr snapshot = virDomainSnapshotLookupByName(dom, name, 0);
    int result;

    if (!snapshot && lv_error_number() == VIR_ERR_NO_DOMAIN_SNAPSHOT)
        return 0;
    if (!snapshot)
        return lv_error_set(err, "look for the snapshot");
    result = virDomainSnapshotDelete(snapshot, flags);
    if (result)
        lv_error_set(err, "remove the snapshot");
    virDomainSnapshotFree(snapshot);
    return result ? -1 : 0;
}

/* libvirt's delete takes tags and metadata, but says success with a tag left: the rest is ours. Metadata goes
 * last, as it is by what the rest is found. */
static int erase_rest(struct lv_view *view, const char *name, struct error *err)
{
    if (lv_tags_drop(view, name, err))
        return -1;
    HOOK("tags dropped");
    return erase_by_libvirt(view->dom, name, VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY, err);
}

int lv_erase(struct lv_view *view, const char *name, struct error *err)
{
    struct error why = { 0 };

    if (erase_by_libvirt(view->dom, name, 0, &why))
        log_event(LOG_WARN, "snapshot-delete-failed", "snapshot", name, "message", why.message,
                  "cause", why.cause, NULL);
    HOOK("deleted");
    if (lv_tags_count(view, name, err))
        return -1;
    return erase_rest(view, name, err);
}

/* libvirt would not: then either nothing is gone, or the rest has to follow. Results are lv_erase_whole()'s. */
static int erase_refused(struct lv_view *view, const char *name, const struct error *why,
                         struct error *err)
{
    int has = lv_tree_has(view->dom, name, err);

    if (has < 0 || lv_view_refresh(view, err) || lv_tags_count(view, name, err))
        return -1;
    if (has && lv_tags_all(view, 1)) {
        *err = *why;
        return 1;
    }
    return erase_rest(view, name, err);
}

int lv_erase_whole(struct lv_view *view, const char *name, struct error *err)
{
    struct error why = { 0 };

    if (erase_by_libvirt(view->dom, name, 0, &why))
        return erase_refused(view, name, &why, err);
    HOOK("deleted");
    if (lv_tags_count(view, name, err))
        return -1;
    return erase_rest(view, name, err);
}
