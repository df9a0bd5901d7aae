/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_tags.h"

#include "libvirt/lv_image.h"
#include "libvirt/lv_qmp.h"

int lv_tags_count(struct lv_view *view, const char *tag, struct error *err)
{
    /* libvirt's mock has no images. */
    bool images = view->link.driver == LV_QEMU;

    for (size_t i = 0; i < view->disks.count; i++) {
        view->disks.items[i].tags = -1;
        view->disks.items[i].node[0] = '\0';
        view->disks.items[i].bitmaps = false;
    }
    if (images && view->active && lv_qmp_survey(view->dom, &view->disks, tag, err))
        return -1;
    for (size_t i = 0; images && view->link.local && i < view->disks.count; i++) {
        struct lv_disk *disk = &view->disks.items[i];
        if (!disk->node[0] && lv_disk_is_qcow2(disk) && lv_image_read(disk, tag, err))
            return -1;
    }
    return 0;
}

bool lv_tags_all(const struct lv_view *view, int times)
{
    for (size_t i = 0; i < view->disks.count; i++)
        if (view->disks.items[i].tags >= 0 && view->disks.items[i].tags != times)
            return false;
    return true;
}

int lv_tags_drop(struct lv_view *view, const char *tag, struct error *err)
{
    int result = 0;

    for (size_t i = 0; i < view->disks.count; i++) {
        struct lv_disk *disk = &view->disks.items[i];
        for (; disk->tags > 0 && result == 0; disk->tags--)
            result = disk->node[0] ? lv_qmp_drop(view->dom, disk, tag, err)
                                   : lv_image_drop(disk->file, tag, err);
    }
    return result;
}
