/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_doctor.h"

#include "libvirt/lv_erase.h"
#include "libvirt/lv_error.h"
#include "libvirt/lv_tags.h"
#include "libvirt/lv_tree.h"
#include "libvirt/lv_target.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

struct doctor {
    struct lv_conn *conn;
    const struct guid *vm;
    bool mend;
    const struct backend_finding *tell;
};

static void doctor_tell(const struct doctor *doctor, bool mended, const char *what, const char *name,
                        const char *more)
{
    char text[600];

    snprintf(text, sizeof(text), "%s '%.200s' %s", what, name, more);
    doctor->tell->tell(doctor->tell->opaque, text, mended);
}

enum { WHERE_MOST = 160 };

/* The targets of the disks that have the counted tag least to most times, for people. */
static const char *doctor_where(const struct lv_view *view, int least, int most, char out[WHERE_MOST])
{
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < view->disks.count && len < WHERE_MOST; i++) {
        const struct lv_disk *disk = &view->disks.items[i];
        if (disk->tags >= least && disk->tags <= most)
            len += (size_t)snprintf(out + len, WHERE_MOST - len, "%s%s", len ? ", " : "", disk->target);
    }
    return out;
}

/* ---- what libvirt has and the images have not ---- */

/* Says of a snapshot that cannot be used where that shows. */
static void doctor_broken(const struct doctor *doctor, const char *name, const char *how, const char *where)
{
    char text[300];

    snprintf(text, sizeof(text), "%s %s: it cannot be applied; destroy it (DestroySnapshot)", how, where);
    doctor_tell(doctor, false, "snapshot", name, text);
}

/* The disks of view are those of the snapshot, with its tags counted. */
static int doctor_judge(const struct doctor *doctor, struct lv_view *view, const char *name,
                        struct error *err)
{
    size_t some = 0, none = 0, more = 0;
    char where[WHERE_MOST];

    for (size_t i = 0; i < view->disks.count; i++) {
        int tags = view->disks.items[i].tags;
        some += tags > 0;
        none += tags == 0;
        more += tags > 1;
    }
    if (none && some)
        doctor_broken(doctor, name, "is not in every disk, not in", doctor_where(view, 0, 0, where));
    if (more)
        doctor_broken(doctor, name, "is more than once in", doctor_where(view, 2, INT_MAX, where));
    if (!none || some || none != view->disks.count)
        return 0;
    if (doctor->mend && lv_erase(view, name, err))
        return -1;
    doctor_tell(doctor, doctor->mend, "snapshot", name,
                doctor->mend ? "is in none of its disks"
                             : "is in none of its disks: destroy it (DestroySnapshot), or stop the service and let "
                               "'cimsnapd doctor --mend' do that");
    return 0;
}

static int doctor_snapshot(const struct doctor *doctor, const char *name, struct error *err)
{
    struct lv_target target = { 0 };
    struct lv_view view;
    int result;

    if (lv_view_open(&view, doctor->conn, doctor->vm, err))
        return -1;
    result = lv_target_open_named(&target, view.dom, name, err);
    if (result == 0) {
        lv_target_choose_disks(&view, &target.disks);
        result = lv_tags_count(&view, name, err) || doctor_judge(doctor, &view, name, err);
    }
    lv_target_close(&target);
    lv_view_close(&view);
    return result ? -1 : 0;
}

/* ---- what the images have and libvirt has not ---- */

/* Ours are called by a GUID; what others have called is left to them. */
static int doctor_tag(const struct doctor *doctor, struct lv_view *view, const char *name,
                      struct error *err)
{
    char where[WHERE_MOST], what[WHERE_MOST + 40];
    struct guid id;

    if (lv_tags_count(view, name, err))
        return -1;
    snprintf(what, sizeof(what), "in %s is a snapshot", doctor_where(view, 1, INT_MAX, where));
    if (guid_parse(&id, name)) {
        doctor_tell(doctor, false, what, name,
                    "of somebody else, which libvirt does not know; if nobody needs it, 'qemu-img snapshot -d' "
                    "removes it while the machine is off");
        return 0;
    }
    if (doctor->mend && lv_tags_drop(view, name, err))
        return -1;
    doctor_tell(doctor, doctor->mend, what, name,
                doctor->mend ? "which libvirt does not know: a rest"
                             : "which libvirt does not know: a rest; stop the service, and 'cimsnapd doctor --mend' "
                               "removes it");
    return 0;
}

static int doctor_tags(const struct doctor *doctor, const struct lv_names *known, struct error *err)
{
    struct lv_names found = { 0 };
    struct lv_view view;
    int result;

    if (lv_view_open(&view, doctor->conn, doctor->vm, err))
        return -1;
    for (size_t i = 0; i < view.disks.count; i++)
        view.disks.items[i].names = &found;
    result = lv_tags_count(&view, "", err);
    for (size_t i = 0; i < view.disks.count; i++) {
        view.disks.items[i].names = NULL;
        if (view.link.driver == LV_QEMU && lv_disk_is_qcow2(&view.disks.items[i]) && view.disks.items[i].tags < 0)
            doctor_tell(doctor, false, "disk", view.disks.items[i].target,
                        "cannot be examined from here: run doctor on the machine's host as a user that may read its "
                        "image, as root");
    }
    lv_names_sort(&found);
    for (size_t i = 0; i < found.count && result == 0; i++)
        if (!lv_names_has(known, found.items[i]))
            result = doctor_tag(doctor, &view, found.items[i], err);
    lv_names_clear(&found);
    lv_view_close(&view);
    return result ? -1 : 0;
}

static int doctor_names(const struct doctor *doctor, struct lv_names *names, struct error *err)
{
    struct lv_listing listing;
    struct lv_view view;
    int result;

    if (lv_view_open(&view, doctor->conn, doctor->vm, err))
        return -1;
    result = lv_listing_read(&listing, view.dom, err);
    for (size_t i = 0; result == 0 && i < listing.count; i++)
        if (lv_names_add(names, listing.items[i].name))
            result = error_set(err, ERR_NO_MEMORY, NULL);
    lv_names_sort(names);
    lv_listing_clear(&listing);
    lv_view_close(&view);
    return result;
}

int lv_doctor(struct lv_conn *conn, const struct guid *vm, bool mend,
              const struct backend_finding *tell, struct error *err)
{
    const struct doctor doctor = { conn, vm, mend, tell };
    struct lv_names names = { 0 };
    int result = doctor_names(&doctor, &names, err);

    for (size_t i = 0; i < names.count && result == 0; i++)
        result = doctor_snapshot(&doctor, names.items[i], err);
    if (result == 0)
        result = doctor_tags(&doctor, &names, err);
    lv_names_clear(&names);
    return result;
}
