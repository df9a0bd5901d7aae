/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_change.h"

#include "base/clock.h"
#include "libvirt/lv_error.h"
#include "libvirt/lv_files.h"
#include "libvirt/lv_probe.h"
#include "libvirt/lv_rules.h"
#include "libvirt/lv_tags.h"
#include "libvirt/lv_wake.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

int lv_change_open(struct lv_change *change, struct lv_conn *conn, const struct guid *vm,
                   const struct guid *id, struct error *err)
{
    if (lv_view_open(&change->view, conn, vm, err))
        return -1;
    return lv_target_open(&change->node, change->view.dom, id, err);
}

void lv_change_close(struct lv_change *change)
{
    lv_labels_clear(&change->labels);
    lv_names_clear(&change->kept);
    lv_target_close(&change->node);
    lv_view_close(&change->view);
}

int lv_change_journal(struct lv_change *change, enum lv_step step, struct error *err)
{
    const struct lv_journal journal = { .step = step,
                                        .name = change->node.name,
                                        .created = change->node.created,
                                        .at = clock_now_us() / 1000000,
                                        .labels = change->labels,
                                        .kept = change->kept };
    char *state;
    int result;

    if (!change->call)
        return 0;
    state = lv_journal_write(&journal, &change->view.disks);
    if (!state)
        return error_set(err, ERR_NO_MEMORY, NULL);
    result = change->call->journal(change->call->opaque, state, err);
    free(state);
    change->begun = change->begun || result == 0;
    return result;
}

/* ---- rules ---- */

static int check_machine(const struct lv_change *change, struct error *err)
{
    const struct lv_view *view = &change->view;

    if (view->link.driver == LV_OTHER)
        return error_set(err, ERR_NOT_SUPPORTED, "Snapshots of this hypervisor cannot be changed.");
    if (!view->persistent)
        return error_set(err, ERR_INVALID_STATE,
                         "The machine is transient; only a persistent one can have snapshots.");
    if (!lv_view_runs(view) && view->state != VIR_DOMAIN_PAUSED && view->state != VIR_DOMAIN_SHUTOFF &&
        view->state != VIR_DOMAIN_CRASHED)
        return error_set(err, ERR_INVALID_STATE,
                         "The machine is neither running, nor paused, nor off.");
    return 0;
}

static int check_disk_of_node(const struct lv_change *change, const struct lv_disk *disk,
                              struct error *err)
{
    if (!disk->file || !disk->format || strcmp(disk->format, "qcow2") != 0)
        return error_set(err, ERR_INVALID_STATE,
                         "Disk '%s' of the snapshot is no qcow2 file, and cannot be applied.",
                         disk->target);
    if (lv_file_missing(&change->view, disk))
        return error_set(err, ERR_INVALID_STATE, "The file of disk '%s' of the snapshot is missing.",
                         disk->target);
    if (disk->tags >= 0 && disk->tags != 1)
        return error_set(err, ERR_INVALID_STATE, "Disk '%s' has %s of this snapshot.", disk->target,
                         disk->tags ? "more than one" : "nothing");
    if (disk->bitmaps)
        return error_set(err, ERR_INVALID_STATE,
                         "Disk '%s' has change tracking for backups, which would not fit it any "
                         "more; remove the machine's reference points first.",
                         disk->target);
    return 0;
}

static int check_disks_of_node(const struct lv_change *change, struct error *err)
{
    if (change->view.disks.count == 0)
        return error_set(err, ERR_INVALID_STATE, "The snapshot has no disk.");
    for (size_t i = 0; i < change->view.disks.count; i++)
        if (check_disk_of_node(change, &change->view.disks.items[i], err))
            return -1;
    return 0;
}

static int check_checkpoints(struct lv_change *change, struct error *err)
{
    int count = virDomainListAllCheckpoints(change->view.dom, NULL, 0);

    /* Not every driver knows them; one that does not has none. */
    if (count < 0 && lv_error_number() != VIR_ERR_NO_SUPPORT)
        return lv_error_set(err, "list the machine's checkpoints");
    if (count > 0)
        return error_set(err, ERR_INVALID_STATE,
                         "The machine has %d reference points (checkpoints), which would not fit its "
                         "disks any more; remove them first.",
                         count);
    return 0;
}

/* qemu-img, which libvirt calls, takes a number for the place of a tag in the image's list. */
static int check_name(const struct lv_change *change, struct error *err)
{
    const char *name = change->node.name;

    if (!change->node.memory && name[strspn(name, "0123456789")] == '\0')
        return error_set(err, ERR_INVALID_STATE,
                         "The snapshot is called by a number, which QEMU's tools could take for "
                         "another one.");
    return 0;
}

/* From here on the view's disks are those of the node. */
static int check_node(struct lv_change *change, struct error *err)
{
    lv_target_choose_disks(&change->view, &change->node.disks);
    return lv_tags_count(&change->view, change->node.name, err);
}

int lv_change_check_apply(struct lv_change *change, bool turn_off, struct error *err)
{
    if (check_machine(change, err))
        return -1;
    if (change->view.active && !turn_off)
        return error_set(err, ERR_INVALID_STATE, "The machine is running or paused. Turn it off or "
                                                 "save it, and try again.");
    if (change->view.link.driver != LV_QEMU)
        return check_node(change, err);
    if (lv_wake(&change->view, err) || lv_rules_undisturbed(&change->view, err) || check_name(change, err) ||
        check_checkpoints(change, err) || check_node(change, err))
        return -1;
    if (check_disks_of_node(change, err) || lv_files_writable(&change->view, err) ||
        lv_probe(change->view.dom, err))
        return -1;
    return lv_wake_end(&change->view, err);
}

int lv_change_check_again(struct lv_change *change, struct error *err)
{
    struct lv_target node;

    if (!lv_wake_needed(&change->view))
        return 0;
    if (lv_wake(&change->view, err) || lv_target_open_named(&node, change->view.dom, change->node.name, err))
        return -1;
    lv_target_close(&change->node);
    change->node = node;
    if (check_node(change, err) || check_disks_of_node(change, err))
        return -1;
    return lv_wake_end(&change->view, err);
}

/* Of the machine as it is: a file that is only away for a while would keep its tags. One that runs has its files
 * open. */
static int check_files_of_machine(const struct lv_change *change, struct error *err)
{
    const struct lv_view *view = &change->view;

    if (lv_files_there(view, err) || (!view->active && lv_files_writable(view, err)))
        return -1;
    return lv_files_room(view, err);
}

int lv_change_check_destroy(struct lv_change *change, struct error *err)
{
    if (check_machine(change, err))
        return -1;
    if (change->view.link.driver == LV_QEMU &&
        (lv_wake(&change->view, err) || lv_rules_undisturbed(&change->view, err) || check_files_of_machine(change, err) ||
         lv_probe(change->view.dom, err)))
        return -1;
    return check_node(change, err);
}
