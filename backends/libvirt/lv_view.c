/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_view.h"

#include "libvirt/lv_error.h"
#include "libvirt/lv_wake.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

int lv_view_refresh(struct lv_view *view, struct error *err)
{
    if (virDomainGetState(view->dom, &view->state, &view->reason, 0))
        return lv_error_set(err, "tell the machine's state");
    /* One that has crashed may have left its QEMU behind. */
    view->active = view->state == VIR_DOMAIN_CRASHED ? virDomainIsActive(view->dom) == 1
                                                     : view->state != VIR_DOMAIN_SHUTOFF;
    return 0;
}

int lv_view_ask_saved(virDomainPtr dom, bool *out, struct error *err)
{
    int saved = virDomainHasManagedSaveImage(dom, 0);

    *out = saved == 1;
    if (saved < 0 && lv_error_number() != VIR_ERR_NO_SUPPORT)
        return lv_error_set(err, "tell whether the machine is saved");
    return 0;
}

static int view_read_facts(struct lv_view *view, struct error *err)
{
    int persistent = virDomainIsPersistent(view->dom);

    if (persistent < 0)
        return lv_error_set(err, "describe the machine");
    if (lv_view_refresh(view, err))
        return -1;
    view->persistent = persistent == 1;
    view->saved = false;
    return view->active ? 0 : lv_view_ask_saved(view->dom, &view->saved, err);
}

/* What the machine is made of now, from the XML of the running one if it runs. */
static int view_read_devices(struct lv_view *view, const struct lv_xml *xml, struct error *err)
{
    view->agent = lv_xml_has(xml, NULL,
                             "/domain/devices/channel/target[@name='org.qemu.guest_agent.0' and "
                             "@state='connected']");
    view->pflash = lv_xml_has(xml, NULL, "/domain/os[@firmware='efi' or loader/@type='pflash']");
    view->memory_kib = lv_xml_number(xml, NULL, "/domain/memory", 0); /* in KiB, as libvirt writes it */
    return lv_disk_read(xml, "/domain/devices/disk", &view->disks, err);
}

/* libvirt's XML of the machine, to be closed. */
static int view_describe(const struct lv_view *view, struct lv_xml *xml, struct error *err)
{
    char *text = virDomainGetXMLDesc(view->dom, 0);
    int result;

    if (!text)
        return lv_error_set(err, "describe the machine");
    result = lv_xml_open(xml, text, err);
    free(text);
    return result;
}

static int view_compare(struct lv_view *view, struct error *err)
{
    struct lv_disks stored;
    struct lv_xml xml;
    int result;

    if (lv_xml_open(&xml, view->stored_xml, err))
        return -1;
    result = lv_disk_read(&xml, "/domain/devices/disk", &stored, err);
    lv_xml_close(&xml);
    if (result)
        return -1;
    view->drifted = !lv_disk_same(&view->disks, &stored);
    lv_disk_clear(&stored);
    return 0;
}

static int view_read(struct lv_view *view, struct error *err)
{
    struct lv_xml now;
    int result;

    if (view_read_facts(view, err))
        return -1;
    view->stored_xml =
        virDomainGetXMLDesc(view->dom, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE);
    if (!view->stored_xml)
        return lv_error_set(err, "describe the machine");
    if (view->active ? view_describe(view, &now, err) : lv_xml_open(&now, view->stored_xml, err))
        return -1;
    result = view_read_devices(view, &now, err);
    lv_xml_close(&now);
    return result || (view->active && view_compare(view, err)) ? -1 : 0;
}

int lv_view_reread(struct lv_view *view, struct error *err)
{
    free(view->stored_xml);
    view->stored_xml = NULL;
    free(view->current);
    view->current = NULL;
    lv_disk_clear(&view->disks);
    lv_disk_clear(&view->left);
    view->drifted = false;
    return view_read(view, err);
}

static int view_open(struct lv_view *view, struct lv_conn *conn, const struct guid *vm,
                     int (*read)(struct lv_view *view, struct error *err), struct error *err)
{
    memset(view, 0, sizeof(*view));
    if (lv_conn_get(conn, &view->link, err))
        return -1;
    view->dom = lv_conn_machine(&view->link, vm, err);
    if (view->dom && read(view, err) == 0)
        return 0;
    lv_view_close(view);
    return -1;
}

int lv_view_open(struct lv_view *view, struct lv_conn *conn, const struct guid *vm,
                 struct error *err)
{
    return view_open(view, conn, vm, view_read, err);
}

static int view_glance(struct lv_view *view, struct error *err)
{
    return view_read_facts(view, err) || view_describe(view, &view->now, err) ||
                   view_read_devices(view, &view->now, err)
               ? -1
               : 0;
}

int lv_view_glance(struct lv_view *view, struct lv_conn *conn, const struct guid *vm,
                   struct error *err)
{
    return view_open(view, conn, vm, view_glance, err);
}

void lv_view_close(struct lv_view *view)
{
    lv_wake_end(view, NULL);
    if (view->dom)
        virDomainFree(view->dom);
    lv_conn_put(&view->link);
    lv_xml_close(&view->now);
    free(view->stored_xml);
    free(view->current);
    lv_disk_clear(&view->disks);
    lv_disk_clear(&view->left);
    memset(view, 0, sizeof(*view));
}
