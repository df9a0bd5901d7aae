/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_leave.h"

#include "base/hook.h"
#include "base/strbuf.h"
#include "libvirt/lv_error.h"
#include "libvirt/lv_rules.h"

#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

/* The first child of that name, from `at` on; NULL for none. */
static xmlNodePtr leave_next(xmlNodePtr at, const char *name)
{
    while (at && !xmlStrEqual(at->name, BAD_CAST name))
        at = at->next;
    return at;
}

/* The first disk of a machine. */
static xmlNodePtr leave_first(const struct lv_xml *xml)
{
    xmlNodePtr root = xmlDocGetRootElement(xml->doc), devices = root ? leave_next(root->children, "devices") : NULL;

    return devices ? leave_next(devices->children, "disk") : NULL;
}

static bool leave_is(const struct lv_xml *xml, xmlNodePtr disk, const char *target)
{
    char *text = lv_xml_text(xml, disk, "target/@dev");
    bool is = text && strcmp(text, target) == 0;

    free(text);
    return is;
}

static xmlNodePtr leave_find(const struct lv_xml *xml, const char *target)
{
    xmlNodePtr disk = leave_first(xml);

    while (disk && !leave_is(xml, disk, target))
        disk = leave_next(disk->next, "disk");
    return disk;
}

/* ---- create ---- */

/* What a snapshot embeds. */
static int leave_prune(struct lv_view *view, struct error *err)
{
    struct lv_xml xml;
    char *text;

    if (lv_xml_open(&xml, view->stored_xml, err))
        return -1;
    for (size_t i = 0; i < view->left.count; i++) {
        xmlNodePtr disk = leave_find(&xml, view->left.items[i].target);
        if (!disk)
            continue;
        xmlUnlinkNode(disk);
        xmlFreeNode(disk);
    }
    text = lv_xml_dump(xmlDocGetRootElement(xml.doc));
    lv_xml_close(&xml);
    if (!text)
        return error_set(err, ERR_NO_MEMORY, NULL);
    free(view->stored_xml);
    view->stored_xml = text;
    return 0;
}

int lv_leave(struct lv_view *view, struct error *err)
{
    if (view->link.driver != LV_QEMU)
        return 0;
    for (size_t i = view->disks.count; i > 0; i--)
        if (lv_rules_disk(&view->disks.items[i - 1], NULL) && lv_disk_move(&view->disks, i - 1, &view->left))
            return error_set(err, ERR_NO_MEMORY, NULL);
    return view->left.count && view->stored_xml ? leave_prune(view, err) : 0;
}

char *lv_leave_text(const struct lv_disks *left)
{
    struct strbuf text = STRBUF_INIT;

    for (size_t i = left->count; i > 0; i--) {
        strbuf_puts(&text, text.len ? " " : "");
        strbuf_puts(&text, left->items[i - 1].target);
    }
    if (left->count)
        return strbuf_steal(&text);
    strbuf_free(&text);
    return NULL;
}

/* ---- apply ---- */

int lv_leave_read(const char *machine, const char *left, struct lv_names *out, struct error *err)
{
    char *targets = left ? strdup(left) : NULL, *rest = targets, *target;
    struct lv_xml xml;
    int result = 0;

    *out = (struct lv_names){ 0 };
    if (!left)
        return 0;
    if (!targets)
        return error_set(err, ERR_NO_MEMORY, NULL);
    if (lv_xml_open(&xml, machine, err)) {
        free(targets);
        return -1;
    }
    while (result == 0 && (target = strsep(&rest, " "))) {
        xmlNodePtr disk = leave_find(&xml, target);
        char *text = disk ? lv_xml_dump(disk) : NULL;
        if (disk && (!text || lv_names_add(out, text)))
            result = error_set(err, ERR_NO_MEMORY, NULL);
        free(text);
    }
    lv_xml_close(&xml);
    free(targets);
    return result;
}

/* Where the disk was plugged in another device may be now; then libvirt chooses. */
static int leave_attach(virDomainPtr dom, const struct lv_xml *xml, const char *text)
{
    xmlNodePtr root = xmlDocGetRootElement(xml->doc), address = leave_next(root->children, "address");
    char *free_of_it;
    int result;

    if (virDomainAttachDeviceFlags(dom, text, VIR_DOMAIN_AFFECT_CONFIG) == 0)
        return 0;
    if (!address)
        return -1;
    xmlUnlinkNode(address);
    xmlFreeNode(address);
    free_of_it = lv_xml_dump(root);
    result = free_of_it ? virDomainAttachDeviceFlags(dom, free_of_it, VIR_DOMAIN_AFFECT_CONFIG) : -1;
    free(free_of_it);
    return result;
}

/* machine: as it is now. */
static int leave_restore_one(virDomainPtr dom, const struct lv_xml *machine, const char *text, struct error *err)
{
    struct lv_xml xml;
    char *target;
    int result;

    if (lv_xml_open(&xml, text, err))
        return -1;
    target = lv_xml_text(&xml, NULL, "/disk/target/@dev");
    result = !target || leave_find(machine, target) ? 0 : leave_attach(dom, &xml, text);
    if (result)
        lv_error_set(err, "attach a disk again");
    HOOK("disk attached");
    free(target);
    lv_xml_close(&xml);
    return result ? -1 : 0;
}

int lv_leave_restore(virDomainPtr dom, const struct lv_names *disks, struct error *err)
{
    char *now = disks->count ? virDomainGetXMLDesc(dom, VIR_DOMAIN_XML_INACTIVE) : NULL;
    struct lv_xml machine;
    int result;

    if (!disks->count)
        return 0;
    if (!now)
        return lv_error_set(err, "describe the machine");
    result = lv_xml_open(&machine, now, err);
    free(now);
    if (result)
        return -1;
    for (size_t i = 0; i < disks->count && result == 0; i++)
        result = leave_restore_one(dom, &machine, disks->items[i], err);
    lv_xml_close(&machine);
    return result;
}
