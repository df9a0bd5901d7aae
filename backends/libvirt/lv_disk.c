/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_disk.h"

#include <stdlib.h>
#include <string.h>

static void disk_free(struct lv_disk *disk)
{
    free(disk->target);
    free(disk->alias);
    free(disk->file);
    free(disk->place);
    free(disk->format);
}

/* Takes *disk, also on error. */
static int disk_take(struct lv_disks *disks, struct lv_disk *disk)
{
    struct lv_disk *items = NULL;

    if (disk->target)
        items = reallocarray(disks->items, disks->count + 1, sizeof(*items));
    if (!items) {
        disk_free(disk);
        return -1;
    }
    items[disks->count++] = *disk;
    disks->items = items;
    return 0;
}

static int disk_visit(const struct lv_xml *xml, xmlNodePtr node, void *opaque)
{
    struct lv_disk disk = { 0 };

    if (lv_xml_has(xml, node, "self::*[readonly or @device='cdrom' or not(source)]"))
        return 0;
    disk.target = lv_xml_text(xml, node, "target/@dev");
    disk.alias = lv_xml_text(xml, node, "alias/@name");
    disk.file = lv_xml_text(xml, node, "self::*[@type='file']/source/@file");
    if (!disk.file)
        disk.place = lv_xml_text(xml, node, "source/@*[name() = 'dev' or name() = 'name' or name() = 'volume' or name() = 'dir']");
    disk.format = lv_xml_text(xml, node, "driver/@type");
    disk.shared = lv_xml_has(xml, node, "shareable");
    disk.mirrored = lv_xml_has(xml, node, "mirror");
    return disk_take(opaque, &disk);
}

int lv_disk_read(const struct lv_xml *xml, const char *path, struct lv_disks *out,
                 struct error *err)
{
    memset(out, 0, sizeof(*out));
    if (lv_xml_each(xml, path, disk_visit, out) == 0)
        return 0;
    lv_disk_clear(out);
    return error_set(err, ERR_NO_MEMORY, NULL);
}

static char *disk_copy(const char *text)
{
    return text ? strdup(text) : NULL;
}

int lv_disk_add(struct lv_disks *disks, const char *target, const char *file, const char *format)
{
    struct lv_disk disk = { .target = strdup(target),
                            .file = disk_copy(file),
                            .format = disk_copy(format) };

    return disk_take(disks, &disk);
}

const struct lv_disk *lv_disk_find(const struct lv_disks *disks, const char *target)
{
    for (size_t i = 0; i < disks->count; i++)
        if (strcmp(disks->items[i].target, target) == 0)
            return &disks->items[i];
    return NULL;
}

static bool disk_is(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static bool disk_at(const struct lv_disk *a, const struct lv_disk *b)
{
    return disk_is(a->file, b->file) || (!a->file && !b->file && disk_is(a->place, b->place));
}

bool lv_disk_same(const struct lv_disks *a, const struct lv_disks *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct lv_disk *disk = &a->items[i], *other = lv_disk_find(b, disk->target);
        if (!other || !disk_at(disk, other))
            return false;
    }
    return true;
}

bool lv_disk_is_qcow2(const struct lv_disk *disk)
{
    return disk->file && disk->format && strcmp(disk->format, "qcow2") == 0;
}

int lv_disk_move(struct lv_disks *from, size_t at, struct lv_disks *to)
{
    struct lv_disk *items = reallocarray(to->items, to->count + 1, sizeof(*items));

    if (!items)
        return -1;
    to->items = items;
    items[to->count++] = from->items[at];
    from->count--;
    memmove(&from->items[at], &from->items[at + 1], (from->count - at) * sizeof(*from->items));
    return 0;
}

void lv_disk_clear(struct lv_disks *disks)
{
    for (size_t i = 0; i < disks->count; i++)
        disk_free(&disks->items[i]);
    free(disks->items);
    memset(disks, 0, sizeof(*disks));
}
