/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_edit.h"

#include "base/hook.h"
#include "base/strbuf.h"
#include "libvirt/lv_error.h"
#include "libvirt/lv_labels.h"
#include "libvirt/lv_meta.h"
#include "libvirt/lv_probe.h"
#include "libvirt/lv_tree.h"
#include "libvirt/lv_xml.h"

#include <libvirt/virterror.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A machine found for the length of a call. */
struct edit {
    struct lv_link link;
    virDomainPtr dom;
};

static int edit_open(struct edit *edit, struct lv_conn *conn, const struct guid *vm,
                     struct error *err)
{
    if (lv_conn_get(conn, &edit->link, err))
        return -1;
    edit->dom = lv_conn_machine(&edit->link, vm, err);
    if (edit->dom)
        return 0;
    lv_conn_put(&edit->link);
    return -1;
}

static void edit_close(struct edit *edit)
{
    virDomainFree(edit->dom);
    lv_conn_put(&edit->link);
}

/* ---- machines ---- */

static enum snapshot_policy policy_at(const struct lv_xml *xml, const char *path)
{
    unsigned long long number = lv_xml_number(xml, NULL, path, POLICY_STANDARD);

    return number >= POLICY_DISABLED && number <= POLICY_STANDARD ? (enum snapshot_policy)number : POLICY_STANDARD;
}

/* Of the element of ours alone. */
static enum snapshot_policy policy_read(const char *text)
{
    enum snapshot_policy policy;
    struct lv_xml xml;

    if (lv_xml_open(&xml, text, NULL))
        return POLICY_STANDARD;
    policy = policy_at(&xml, "/*/@checkpoints");
    lv_xml_close(&xml);
    return policy;
}

enum snapshot_policy lv_edit_policy(const struct lv_xml *machine)
{
    return policy_at(machine, "/domain/metadata/*[namespace-uri()='" LV_LABEL_URI "']/@checkpoints");
}

static int settings_read(virDomainPtr dom, struct vm_settings *out, struct error *err)
{
    char *own = NULL;
    int flag = 0;

    if (lv_label_get(dom, LV_LABEL_NOTES, &out->notes, err) < 0 ||
        lv_label_get(dom, LV_LABEL_OURS, &own, err) < 0)
        return -1;
    if (own)
        out->policy = policy_read(own);
    free(own);
    /* Not every driver has it, and a transient machine has none. */
    out->autostart = virDomainGetAutostart(dom, &flag) == 0 && flag;
    return 0;
}

int lv_edit_settings(struct lv_conn *conn, const struct guid *vm, struct vm_settings *out,
                     struct error *err)
{
    struct edit edit;
    int result;

    if (edit_open(&edit, conn, vm, err))
        return -1;
    result = settings_read(edit.dom, out, err);
    edit_close(&edit);
    if (result)
        vm_settings_clear(out);
    return result;
}

/* An empty text would still be an element. */
static const char *some(const char *text)
{
    return text && text[0] ? text : NULL;
}

static int machine_put(virDomainPtr dom, const struct vm_edit *edit, struct error *err)
{
    char own[64];

    snprintf(own, sizeof(own), "<machine checkpoints='%d'/>", (int)edit->settings.policy);
    if ((edit->which & SETTING_POLICY && lv_label_put(dom, LV_LABEL_OURS, own, err)) ||
        (edit->which & SETTING_NOTES &&
         lv_label_put(dom, LV_LABEL_NOTES, edit->settings.notes, err)) ||
        (edit->which & SETTING_TITLE &&
         lv_label_put(dom, LV_LABEL_TITLE, edit->title, err)))
        return -1;
    if (edit->which & SETTING_AUTOSTART && virDomainSetAutostart(dom, edit->settings.autostart))
        return lv_error_set(err, "change whether the machine starts with the host");
    return 0;
}

int lv_edit_machine(struct lv_conn *conn, const struct guid *vm, const struct vm_edit *want,
                    struct error *err)
{
    struct edit edit;
    int result;

    if (edit_open(&edit, conn, vm, err))
        return -1;
    result = machine_put(edit.dom, want, err);
    edit_close(&edit);
    return result;
}

/* ---- snapshots ---- */

/* The description that the snapshot is to have; NULL without memory. */
static char *snapshot_description(const struct snapshot *now, const struct snapshot_edit *want)
{
    const char *name = want->name ? want->name : now->name, *notes = want->notes ? some(want->notes) : now->notes;
    struct strbuf text = STRBUF_INIT;

    lv_meta_write(&text, &(struct lv_meta){ now->kind, (char *)(uintptr_t)name, (char *)(uintptr_t)notes, now->left_out });
    return strbuf_steal(&text);
}

/* The document with another description; to be freed, NULL without memory. */
static char *snapshot_redescribe(const struct lv_xml *xml, const char *description)
{
    xmlNodePtr root = xmlDocGetRootElement(xml->doc), at = root ? root->children : NULL;
    xmlNodePtr made = xmlNewDocNode(xml->doc, NULL, BAD_CAST "description", NULL);

    while (at && !xmlStrEqual(at->name, BAD_CAST "description"))
        at = at->next;
    if (at) {
        xmlUnlinkNode(at);
        xmlFreeNode(at);
    }
    if (!made || !root || !xmlAddChild(root, made)) {
        xmlFreeNode(made);
        return NULL;
    }
    xmlNodeAddContent(made, BAD_CAST description);
    return lv_xml_dump(root);
}

/* libvirt's XML of a snapshot as it is to be; to be freed. */
static char *snapshot_xml(virDomainSnapshotPtr snapshot, const char *description,
                          struct error *err)
{
    char *text = virDomainSnapshotGetXMLDesc(snapshot, VIR_DOMAIN_SNAPSHOT_XML_SECURE), *changed;
    struct lv_xml xml;

    if (!text) {
        lv_error_set(err, "describe the snapshot");
        return NULL;
    }
    if (lv_xml_open(&xml, text, err)) {
        free(text);
        return NULL;
    }
    free(text);
    changed = snapshot_redescribe(&xml, description);
    lv_xml_close(&xml);
    if (!changed)
        error_set(err, ERR_NO_MEMORY, NULL);
    return changed;
}

static int snapshot_redefine(virDomainPtr dom, const char *name, const char *description,
                             struct error *err)
{
    virDomainSnapshotPtr snapshot = virDomainSnapshotLookupByName(dom, name, 0), again = NULL;
    unsigned flags = VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE;
    char *xml;
    int current;

    if (!snapshot)
        return lv_error_set(err, "find the snapshot");
    current = virDomainSnapshotIsCurrent(snapshot, 0);
    xml = snapshot_xml(snapshot, description, err);
    virDomainSnapshotFree(snapshot);
    if (!xml)
        return -1;
    HOOK("before redefine");
    again = virDomainSnapshotCreateXML(
        dom, xml, flags | (current == 1 ? (unsigned)VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT : 0));
    free(xml);
    if (!again)
        return lv_error_set(err, "change the snapshot");
    HOOK("redefined");
    virDomainSnapshotFree(again);
    return 0;
}

/* libvirt forgets a snapshot whose new description it could not write. */
static int snapshot_change(const struct edit *edit, const struct snapshot_edit *want, struct error *err)
{
    virDomainPtr dom = edit->dom;
    struct snapshot now = { 0 };
    char *name = NULL, *description;
    int result;

    if (lv_tree_get(dom, &want->id, &now, &name, err))
        return -1;
    description = snapshot_description(&now, want);
    if (description && edit->link.driver == LV_QEMU && lv_probe(dom, err))
        result = -1;
    else if (description)
        result = snapshot_redefine(dom, name, description, err);
    else
        result = error_set(err, ERR_NO_MEMORY, NULL);
    free(description);
    free(name);
    snapshot_clear(&now);
    return result;
}

int lv_edit_snapshot(struct lv_conn *conn, const struct snapshot_edit *want, struct error *err)
{
    struct edit edit;
    int result;

    if (edit_open(&edit, conn, &want->vm, err))
        return -1;
    result = snapshot_change(&edit, want, err);
    edit_close(&edit);
    return result;
}
