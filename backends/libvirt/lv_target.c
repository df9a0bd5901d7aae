/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_target.h"

#include "libvirt/lv_error.h"
#include "libvirt/lv_node.h"
#include "libvirt/lv_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool target_covers(const struct lv_xml *xml, const struct lv_disk *disk)
{
    char path[200];

    snprintf(path, sizeof(path), "/domainsnapshot/disks/disk[@name='%.64s' and @snapshot='no']",
             disk->target);
    return !lv_xml_has(xml, NULL, path);
}

static int target_disks(struct lv_target *target, const struct lv_xml *xml, struct error *err)
{
    struct lv_disks all;
    int result = 0;

    if (lv_disk_read(xml, "/domainsnapshot/domain/devices/disk", &all, err))
        return -1;
    for (size_t i = 0; i < all.count && result == 0; i++) {
        const struct lv_disk *disk = &all.items[i];
        if (target_covers(xml, disk))
            result = lv_disk_add(&target->disks, disk->target, disk->file, disk->format);
    }
    lv_disk_clear(&all);
    return result ? error_set(err, ERR_NO_MEMORY, NULL) : 0;
}

static int target_read_disks(struct lv_target *target, virDomainSnapshotPtr from, struct error *err)
{
    char *text = virDomainSnapshotGetXMLDesc(from, VIR_DOMAIN_SNAPSHOT_XML_SECURE);
    struct lv_xml xml;
    int result;

    if (!text)
        return lv_error_set(err, "describe the snapshot");
    result = lv_xml_open(&xml, text, err);
    free(text);
    if (result)
        return -1;
    result = target_disks(target, &xml, err);
    lv_xml_close(&xml);
    return result;
}

static int target_read(struct lv_target *target, virDomainSnapshotPtr from, const struct guid *vm,
                       struct error *err)
{
    struct lv_node node;
    int got = lv_node_fetch(&node, from, vm, err);

    if (got < 1)
        return got ? -1 : error_set(err, ERR_NOT_FOUND, "No such snapshot.");
    target->memory = node.snapshot.has_memory;
    target->created = node.snapshot.created_us / 1000000;
    target->name = strdup(node.name);
    target->left = node.snapshot.left_out;
    node.snapshot.left_out = NULL;
    lv_node_clear(&node);
    if (!target->name)
        return error_set(err, ERR_NO_MEMORY, NULL);
    return target_read_disks(target, from, err);
}

int lv_target_open_named(struct lv_target *target, virDomainPtr dom, const char *name,
                         struct error *err)
{
    virDomainSnapshotPtr from = virDomainSnapshotLookupByName(dom, name, 0);
    struct guid vm;
    int result;

    memset(target, 0, sizeof(*target));
    if (!from || virDomainGetUUID(dom, vm.bytes))
        result = lv_error_set(err, "describe the snapshot");
    else
        result = target_read(target, from, &vm, err);
    if (from)
        virDomainSnapshotFree(from);
    if (result)
        lv_target_close(target);
    return result;
}

int lv_target_open(struct lv_target *target, virDomainPtr dom, const struct guid *id, struct error *err)
{
    char *name;
    int result;

    memset(target, 0, sizeof(*target));
    if (lv_tree_find(dom, id, &name, err))
        return -1;
    result = lv_target_open_named(target, dom, name, err);
    free(name);
    return result;
}

void lv_target_close(struct lv_target *target)
{
    lv_disk_clear(&target->disks);
    free(target->name);
    free(target->left);
    memset(target, 0, sizeof(*target));
}

void lv_target_choose_disks(struct lv_view *view, struct lv_disks *disks)
{
    for (size_t i = 0; i < disks->count; i++) {
        struct lv_disk *old = &disks->items[i];
        for (size_t k = 0; k < view->disks.count; k++) {
            struct lv_disk *now = &view->disks.items[k], swap = *old;
            if (!now->file || !old->file || strcmp(now->file, old->file) != 0)
                continue;
            *old = *now;
            *now = swap;
            break;
        }
    }
    lv_disk_clear(&view->disks);
    view->disks = *disks;
    memset(disks, 0, sizeof(*disks));
}
