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

static bool disk_says(xmlNodePtr node, const char *name, const char *value)
{
    char *said = lv_xml_attribute(node, name);
    bool is = said && strcmp(said, value) == 0;

    free(said);
    return is;
}

/* Where a disk that is no file comes from. */
static char *disk_place(xmlNodePtr source)
{
    static const char *const names[] = { "dev", "name", "volume", "dir" };
    char *place = NULL;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !place; i++)
        place = lv_xml_attribute(source, names[i]);
    return place;
}

static int disk_visit(const struct lv_xml *xml, xmlNodePtr node, void *opaque)
{
    xmlNodePtr source = lv_xml_child(node, "source");
    struct lv_disk disk = { 0 };

    (void)xml;
    if (!source || lv_xml_child(node, "readonly") || disk_says(node, "device", "cdrom"))
        return 0;
    disk.target = lv_xml_attribute(lv_xml_child(node, "target"), "dev");
    disk.alias = lv_xml_attribute(lv_xml_child(node, "alias"), "name");
    disk.file = disk_says(node, "type", "file") ? lv_xml_attribute(source, "file") : NULL;
    disk.place = disk.file ? NULL : disk_place(source);
    disk.format = lv_xml_attribute(lv_xml_child(node, "driver"), "type");
    disk.shared = lv_xml_child(node, "shareable") != NULL;
    disk.mirrored = lv_xml_child(node, "mirror") != NULL;
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
