/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_files.h"

#include <errno.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { TABLES = 2 << 16 }; /* octets: two of qcow2's clusters */

static const char *file_here(const struct lv_view *view, const struct lv_disk *disk)
{
    return view->link.local && view->link.driver == LV_QEMU ? disk->file : NULL;
}

bool lv_file_missing(const struct lv_view *view, const struct lv_disk *disk)
{
    const char *file = file_here(view, disk);

    return file && access(file, F_OK) && errno == ENOENT;
}

int lv_files_there(const struct lv_view *view, struct error *err)
{
    for (size_t i = 0; i < view->disks.count; i++)
        if (lv_file_missing(view, &view->disks.items[i]))
            return error_set(err, ERR_INVALID_STATE, "The file of disk '%s' is missing.",
                             view->disks.items[i].target);
    return 0;
}

/* A file system that is read-only is so for everybody; a mode only for users of the rank of this one, as those of a
 * session's libvirtd are. */
static bool file_locked(const struct lv_view *view, const struct lv_disk *disk)
{
    const char *file = file_here(view, disk);
    struct statvfs fs;

    if (!file)
        return false;
    if (statvfs(file, &fs) == 0 && fs.f_flag & ST_RDONLY)
        return true;
    return view->link.session && access(file, W_OK) && errno == EACCES;
}

int lv_files_writable(const struct lv_view *view, struct error *err)
{
    for (size_t i = 0; i < view->disks.count; i++)
        if (file_locked(view, &view->disks.items[i]))
            return error_set(err, ERR_INVALID_STATE, "The file of disk '%s' may not be written.",
                             view->disks.items[i].target);
    return 0;
}

int lv_files_room(const struct lv_view *view, struct error *err)
{
    for (size_t i = 0; i < view->disks.count; i++) {
        const char *file = file_here(view, &view->disks.items[i]);
        struct statvfs fs;
        if (file && statvfs(file, &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize < TABLES)
            return error_set(err, ERR_NO_SPACE,
                             "There is no space left for disk '%s'; snapshots need %d KiB for its "
                             "tables, also to be removed.",
                             view->disks.items[i].target, TABLES / 1024);
    }
    return 0;
}
