/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_rules.h"

#include "libvirt/lv_error.h"
#include "libvirt/lv_files.h"
#include "libvirt/lv_leave.h"
#include "libvirt/lv_qmp.h"
#include "libvirt/lv_tags.h"
#include "libvirt/lv_tree.h"

#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

bool lv_rules_memory(const struct lv_view *view, enum snapshot_kind kind)
{
    return kind == SNAPSHOT_FULL && view->active;
}

/* Kinds: what the machine is made of. */

static int kind_driver(const struct lv_view *view, enum snapshot_kind kind, struct error *err)
{
    if (view->link.driver == LV_OTHER)
        return error_set(err, ERR_INVALID_TYPE, "No snapshots can be made on this hypervisor.");
    if (view->link.driver == LV_TEST && view->active && kind != SNAPSHOT_FULL)
        return error_set(err, ERR_INVALID_TYPE,
                         "This hypervisor makes only full snapshots of a running machine.");
    return 0;
}

static int kind_persistent(const struct lv_view *view, enum snapshot_kind kind, struct error *err)
{
    (void)kind;
    /* A transient one would lose the list of its snapshots when it stops. */
    if (!view->persistent)
        return error_set(err, ERR_INVALID_TYPE,
                         "The machine is transient; only a persistent one can have snapshots.");
    return 0;
}

int lv_rules_disk(const struct lv_disk *disk, struct error *err)
{
    if (!disk->file)
        return error_set(err, ERR_INVALID_TYPE,
                         "Disk '%s' is not kept in a file; snapshots need qcow2 files.",
                         disk->target);
    if (!disk->format || strcmp(disk->format, "qcow2") != 0)
        return error_set(err, ERR_INVALID_TYPE,
                         "Disk '%s' has the format '%s'; snapshots need qcow2.", disk->target,
                         disk->format ? disk->format : "raw");
    if (disk->shared)
        return error_set(err, ERR_INVALID_TYPE, "Disk '%s' is shared with other machines.",
                         disk->target);
    return 0;
}

static int kind_disks(const struct lv_view *view, enum snapshot_kind kind, struct error *err)
{
    (void)kind;
    if (view->link.driver != LV_QEMU)
        return 0;
    if (view->disks.count == 0)
        return error_set(err, ERR_INVALID_TYPE, "The machine has no disk to take a snapshot of.");
    for (size_t i = 0; i < view->disks.count; i++)
        if (lv_rules_disk(&view->disks.items[i], err))
            return -1;
    return 0;
}

static int kind_firmware(const struct lv_view *view, enum snapshot_kind kind, struct error *err)
{
    if (view->pflash && kind == SNAPSHOT_FULL)
        return error_set(err, ERR_INVALID_TYPE,
                         "The memory of a machine with UEFI firmware cannot be kept in a "
                         "snapshot; take one of its disks only.");
    if (view->pflash && !view->active)
        return error_set(err, ERR_INVALID_TYPE,
                         "Snapshots of a machine with UEFI firmware can be taken only of its disks, and "
                         "while it runs or is paused.");
    return 0;
}

int lv_rules_kind(const struct lv_view *view, enum snapshot_kind kind, struct error *err)
{
    static int (*const rules[])(const struct lv_view *, enum snapshot_kind, struct error *) = {
        kind_driver,
        kind_persistent,
        kind_disks,
        kind_firmware,
    };

    if (kind < SNAPSHOT_FULL || kind > SNAPSHOT_RECOVERY)
        return error_set(err, ERR_INVALID_TYPE, NULL);
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (rules[i](view, kind, err))
            return -1;
    return 0;
}

/* Now: what may change from one moment to the next. */

static int now_state(struct lv_view *view, const struct snapshot_spec *spec, struct error *err)
{
    (void)spec;
    /* Its memory on disk would no longer fit the disks once a snapshot is applied. */
    if (view->saved)
        return error_set(err, ERR_INVALID_STATE,
                         "The machine is saved; start it, or discard its saved state.");
    if (!lv_view_runs(view) && view->state != VIR_DOMAIN_PAUSED && view->state != VIR_DOMAIN_SHUTOFF)
        return error_set(err, ERR_INVALID_STATE,
                         "The machine is neither running, nor paused, nor off.");
    return 0;
}

static int now_agent(struct lv_view *view, const struct snapshot_spec *spec, struct error *err)
{
    /* Memory keeps applications as they are, and one that is off has none running. */
    if (spec->consistency != CONSISTENCY_APPLICATION || !view->active ||
        lv_rules_memory(view, spec->kind))
        return 0;
    if (!view->agent)
        return error_set(err, ERR_AGENT,
                         "Application consistency needs the guest agent, and none is connected.");
    if (view->state == VIR_DOMAIN_PAUSED)
        return error_set(err, ERR_AGENT,
                         "Application consistency needs the guest agent, which cannot answer "
                         "while the machine is paused.");
    return 0;
}

static int now_disks(struct lv_view *view, struct error *err)
{
    if (view->link.driver == LV_QEMU && view->drifted)
        return error_set(err, ERR_INVALID_STATE,
                         "The disks of the running machine differ from those of its "
                         "configuration.");
    for (size_t i = 0; i < view->disks.count; i++)
        if (view->disks.items[i].mirrored)
            return error_set(err, ERR_IN_USE, "Disk '%s' is being copied.",
                             view->disks.items[i].target);
    return 0;
}

static int now_quiet(struct lv_view *view, struct error *err)
{
    int busy;

    if (view->link.driver != LV_QEMU || !view->active)
        return 0;
    busy = lv_qmp_busy(view->dom, err);
    if (busy > 0)
        return error_set(err, ERR_IN_USE,
                         "A backup or another job works on the disks of the machine.");
    return busy;
}

/* The disks that a snapshot was taken of; where it cannot be described, none. */
static int now_disks_of(virDomainSnapshotPtr snapshot, struct lv_disks *out, struct error *err)
{
    char *text = virDomainSnapshotGetXMLDesc(snapshot, 0);
    struct lv_xml xml;
    int result = 0;

    if (text && lv_xml_open(&xml, text, err) == 0) {
        result = lv_disk_read(&xml, "/domainsnapshot/domain/devices/disk", out, err);
        lv_xml_close(&xml);
    } else if (text) {
        result = -1;
    }
    free(text);
    return result;
}

/* Which snapshot is the current one, for the view, and the disks that it was taken of; none is fine. libvirt's mock has no
 * disks to compare. */
static int now_current(struct lv_view *view, struct lv_disks *out, struct error *err)
{
    virDomainSnapshotPtr current;
    const char *name;
    int result = 0;

    memset(out, 0, sizeof(*out));
    free(view->current);
    view->current = NULL;
    if (lv_tree_find_current(view->dom, &current, err))
        return -1;
    if (!current)
        return 0;
    name = virDomainSnapshotGetName(current);
    view->current = name ? strdup(name) : NULL;
    if (!view->current)
        result = error_set(err, ERR_NO_MEMORY, NULL);
    else if (view->link.driver == LV_QEMU)
        result = now_disks_of(current, out, err);
    virDomainSnapshotFree(current);
    return result;
}

/* libvirt can take no tree apart that has external snapshots in it, and notices too late. */
static int now_internal(struct lv_view *view, struct error *err)
{
    virDomainSnapshotPtr *list = NULL;
    int count = virDomainListAllSnapshots(view->dom, &list, VIR_DOMAIN_SNAPSHOT_LIST_EXTERNAL);
    const char *name = count > 0 ? virDomainSnapshotGetName(list[0]) : NULL;

    if (count < 0)
        return lv_error_set(err, "list the snapshots");
    if (count > 0)
        error_set(err, ERR_INVALID_STATE,
                  "The machine has external snapshots, as '%.100s'. First merge the files that they began "
                  "(virsh blockcommit --active --pivot), then remove them (virsh snapshot-delete --metadata).",
                  name ? name : "?");
    for (int i = 0; i < count; i++)
        virDomainSnapshotFree(list[i]);
    free(list);
    return count ? -1 : 0;
}

static int now_tree(struct lv_view *view, struct error *err)
{
    int result = 0;
    struct lv_disks before;

    if ((view->link.driver == LV_QEMU && now_internal(view, err)) || now_current(view, &before, err))
        return -1;
    for (size_t i = 0; i < view->disks.count && result == 0; i++) {
        const struct lv_disk *disk = &view->disks.items[i];
        const struct lv_disk *old = lv_disk_find(&before, disk->target);
        if (old && old->file && (!disk->file || strcmp(old->file, disk->file) != 0))
            result =
                error_set(err, ERR_INVALID_STATE,
                          "Disk '%s' is no longer the one of the current snapshot.", disk->target);
    }
    lv_disk_clear(&before);
    return result;
}

int lv_rules_undisturbed(struct lv_view *view, struct error *err)
{
    return now_disks(view, err) || now_quiet(view, err) || now_tree(view, err) ? -1 : 0;
}

static int now_undisturbed(struct lv_view *view, const struct snapshot_spec *spec,
                           struct error *err)
{
    (void)spec;
    return lv_rules_undisturbed(view, err);
}

/* A machine that runs has its files open. */
static int now_files(struct lv_view *view, const struct snapshot_spec *spec, struct error *err)
{
    (void)spec;
    if (lv_files_there(view, err) || lv_files_room(view, err))
        return -1;
    return view->active ? 0 : lv_files_writable(view, err);
}

/* libvirt itself leaves none out: of a machine that is off the images are written from here. */
static int now_left(struct lv_view *view, const struct snapshot_spec *spec, struct error *err)
{
    (void)spec;
    for (size_t i = 0; view->left.count && !view->active && i < view->disks.count; i++)
        if (!view->link.local || access(view->disks.items[i].file, R_OK | W_OK))
            return error_set(err, ERR_INVALID_STATE,
                             "Disks can be left out of a snapshot only while this machine runs or is paused: its "
                             "images cannot be written by the service.");
    return 0;
}

static int now_new(struct lv_view *view, const struct snapshot_spec *spec, struct error *err)
{
    char tag[GUID_TEXT];
    int has = lv_tree_has(view->dom, guid_format(&spec->id, tag), err);

    if (has < 0 || lv_tags_count(view, tag, err))
        return -1;
    if (has || !lv_tags_all(view, 0))
        return error_set(err, ERR_EXISTS, "The machine has a snapshot of this name already.");
    for (size_t i = 0; view->link.driver == LV_QEMU && view->active && i < view->disks.count; i++)
        if (!view->disks.items[i].node[0])
            return error_set(err, ERR_INVALID_STATE,
                             "Disk '%s' of the running machine is not the one of its "
                             "configuration.",
                             view->disks.items[i].target);
    return 0;
}

/* QEMU puts the memory into the first disk, and a tenth is for tables. */
static int now_space(struct lv_view *view, const struct snapshot_spec *spec, struct error *err)
{
    uint64_t need = view->memory_kib + view->memory_kib / 10, have;
    struct statvfs fs;

    if (!view->link.local || view->link.driver != LV_QEMU || !lv_rules_memory(view, spec->kind) ||
        statvfs(view->disks.items[0].file, &fs))
        return 0;
    have = (uint64_t)fs.f_bavail * fs.f_frsize / 1024;
    if (have < need)
        return error_set(err, ERR_NO_SPACE,
                         "The snapshot may need %llu MiB for the machine's memory, and %llu MiB "
                         "are free.",
                         (unsigned long long)need / 1024, (unsigned long long)have / 1024);
    return 0;
}

int lv_rules_create(struct lv_view *view, const struct snapshot_spec *spec, struct error *err)
{
    static int (*const rules[])(struct lv_view *, const struct snapshot_spec *, struct error *) = {
        now_state, now_agent, now_undisturbed, now_files, now_left, now_new, now_space,
    };

    if (spec->ignore_unsupported_disks && !lv_rules_memory(view, spec->kind) && lv_leave(view, err))
        return -1;
    if (lv_rules_kind(view, spec->kind, err))
        return -1;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (rules[i](view, spec, err))
            return -1;
    return 0;
}
