/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_files.h"

#include <errno.h>
#include <fcntl.h>
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

/* QEMU and its tools hold locks on single octets of an image: who writes it, who wants nobody else to (as all do that
 * read qcow2). Neither goes together with qemu-img, which libvirt calls for each disk in turn, with nothing taken back
 * where one is refused. */
static bool file_in_use(const char *file)
{
    static const off_t octets[] = { 100 + 1, 200 + 1 };
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool used = false;

    for (size_t i = 0; fd >= 0 && i < sizeof(octets) / sizeof(octets[0]); i++) {
        struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = octets[i], .l_len = 1 };
        used = used || (fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK);
    }
    if (fd >= 0)
        close(fd);
    return used;
}

int lv_files_writable(const struct lv_view *view, struct error *err)
{
    for (size_t i = 0; i < view->disks.count; i++) {
        const char *file = file_here(view, &view->disks.items[i]);
        if (file_locked(view, &view->disks.items[i]))
            return error_set(err, ERR_INVALID_STATE, "The file of disk '%s' may not be written.",
                             view->disks.items[i].target);
        /* of one that runs it is the machine itself */
        if (file && !view->active && file_in_use(file))
            return error_set(err, ERR_IN_USE, "The file of disk '%s' is in use by another program.",
                             view->disks.items[i].target);
    }
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
