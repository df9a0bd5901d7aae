/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/libvirt_backend.h"

#include "libvirt/lv_apply.h"
#include "libvirt/lv_conn.h"
#include "libvirt/lv_console.h"
#include "libvirt/lv_create.h"
#include "libvirt/lv_destroy.h"
#include "libvirt/lv_doctor.h"
#include "libvirt/lv_edit.h"
#include "libvirt/lv_error.h"
#include "libvirt/lv_finish.h"
#include "libvirt/lv_hardware.h"
#include "libvirt/lv_hold.h"
#include "libvirt/lv_host.h"
#include "libvirt/lv_leave.h"
#include "libvirt/lv_machine.h"
#include "libvirt/lv_part.h"
#include "libvirt/lv_power.h"
#include "libvirt/lv_recover.h"
#include "libvirt/lv_rules.h"
#include "libvirt/lv_thaw.h"
#include "libvirt/lv_tree.h"

#include <stdio.h>
#include <stdlib.h>

struct libvirt_backend {
    struct lv_conn *conn;
    struct lv_holds holds;
    struct lv_known known;
    struct lv_thaws *thaws;
};

static void libvirt_close(void *self)
{
    struct libvirt_backend *backend = self;

    lv_titles_free(backend->known.titles);
    lv_thaws_close(backend->thaws);
    lv_conn_close(backend->conn);
    lv_hold_destroy(&backend->holds);
    free(backend);
}

static int libvirt_open(void **self, const char *uri, struct error *err)
{
    struct libvirt_backend *backend = calloc(1, sizeof(*backend));

    if (!backend)
        return error_set(err, ERR_NO_MEMORY, NULL);
    if (lv_conn_open(&backend->conn, uri, err)) {
        free(backend);
        return -1;
    }
    lv_hold_init(&backend->holds);
    backend->known = (struct lv_known){ &backend->holds, lv_titles_new(backend->conn) };
    backend->thaws = backend->known.titles ? lv_thaws_open(backend->conn) : NULL;
    if (!backend->thaws) {
        libvirt_close(backend);
        return error_set(err, ERR_NO_MEMORY, NULL);
    }
    lv_conn_hold(backend->conn, &backend->holds, backend->thaws);
    *self = backend;
    return 0;
}

static int libvirt_ping(void *self, struct error *err)
{
    struct libvirt_backend *backend = self;
    struct lv_link link;
    unsigned long version;
    int result = 0;

    if (lv_conn_get(backend->conn, &link, err))
        return -1;
    if (virConnectGetVersion(link.conn, &version))
        result = lv_error_set(err, "tell its version");
    lv_conn_put(&link);
    return result;
}

static int libvirt_vm_list(void *self, struct vm_list *out, struct error *err)
{
    struct libvirt_backend *backend = self;
    struct lv_link link;
    int result;

    if (lv_conn_get(backend->conn, &link, err))
        return -1;
    result = lv_machine_list(&link, &backend->known, out, err);
    lv_conn_put(&link);
    return result;
}

static int libvirt_vm_get(void *self, const struct guid *vm, struct vm *out, struct error *err)
{
    struct libvirt_backend *backend = self;
    struct lv_link link;
    int result;

    if (lv_conn_get(backend->conn, &link, err))
        return -1;
    result = lv_machine_get(&link, &backend->holds, vm, out, err);
    if (result == 0)
        lv_titles_saw(backend->known.titles, out);
    lv_conn_put(&link);
    return result;
}

/* Takes disks out of the view. */
static int libvirt_can(struct lv_view *view, struct vm_capabilities *out, struct error *err)
{
    struct {
        enum snapshot_kind kind;
        bool *can;
    } kinds[] = {
        { SNAPSHOT_FULL, &out->full },
        { SNAPSHOT_DISK, &out->disk },
        { SNAPSHOT_RECOVERY, &out->recovery },
    };
    struct error why = { 0 }; /* keeps the first refusal */
    int result;

    out->agent = view->agent;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        *kinds[i].can = lv_rules_kind(view, kinds[i].kind, &why) == 0;
    snprintf(out->why, sizeof(out->why), "%.*s", (int)sizeof(out->why) - 1, why.message);
    result = out->disk ? 0 : lv_leave(view, err);
    out->partial = result == 0 && view->left.count && lv_rules_kind(view, SNAPSHOT_DISK, NULL) == 0;
    return result;
}

static int libvirt_vm_capabilities(void *self, const struct guid *vm, struct vm_capabilities *out,
                                   struct error *err)
{
    struct libvirt_backend *backend = self;
    struct lv_view view;
    int result;

    if (lv_view_glance(&view, backend->conn, vm, err))
        return -1;
    result = libvirt_can(&view, out, err);
    lv_view_close(&view);
    return result;
}

static int libvirt_vm_prospect(void *self, const struct guid *vm, struct vm_prospect *out, struct error *err)
{
    struct libvirt_backend *backend = self;
    struct lv_view view;
    int result;

    if (lv_view_glance(&view, backend->conn, vm, err))
        return -1;
    out->policy = lv_edit_policy(&view.now);
    result = lv_machine_seen(&view, &backend->holds, &out->vm, err) || libvirt_can(&view, &out->can, err) ? -1 : 0;
    lv_view_close(&view);
    if (result)
        vm_clear(&out->vm);
    else
        lv_titles_saw(backend->known.titles, &out->vm);
    return result;
}

static int libvirt_snapshot_list(void *self, const struct guid *vm, struct snapshot_list *out,
                                 struct error *err)
{
    struct libvirt_backend *backend = self;
    struct lv_link link;
    virDomainPtr dom;
    int result = -1;

    if (lv_conn_get(backend->conn, &link, err))
        return -1;
    dom = lv_conn_machine(&link, vm, err);
    if (dom) {
        result = lv_tree_list(dom, out, err);
        virDomainFree(dom);
    }
    lv_conn_put(&link);
    return result;
}

static int libvirt_vm_part(void *self, const struct list_part *part, struct vm_list *out,
                           struct error *err)
{
    struct libvirt_backend *backend = self;
    struct lv_link link;
    int result;

    if (lv_conn_get(backend->conn, &link, err))
        return -1;
    result = lv_machine_part(&link, &backend->known, part, out, err);
    lv_conn_put(&link);
    return result;
}

static int libvirt_snapshot_part(void *self, const struct guid *vm, const struct list_part *part,
                                 struct snapshot_list *out, struct error *err)
{
    struct libvirt_backend *backend = self;
    struct lv_link link;
    virDomainPtr dom;
    int result = -1;

    if (lv_conn_get(backend->conn, &link, err))
        return -1;
    dom = lv_conn_machine(&link, vm, err);
    if (dom) {
        result = lv_part_tree(dom, part, out, err);
        virDomainFree(dom);
    }
    lv_conn_put(&link);
    return result;
}

static int libvirt_hardware(void *self, const struct guid *vm, const struct guid *snapshot,
                            struct hardware *out, struct error *err)
{
    struct libvirt_backend *backend = self;
    struct lv_link link;
    int result;

    if (lv_conn_get(backend->conn, &link, err))
        return -1;
    result = lv_hardware_get(&link, vm, snapshot, out, err);
    lv_conn_put(&link);
    return result;
}

static int libvirt_host(void *self, struct host *out, struct error *err)
{
    struct libvirt_backend *backend = self;
    struct lv_link link;
    int result;

    if (lv_conn_get(backend->conn, &link, err))
        return -1;
    result = lv_host_get(&link, out, err);
    lv_conn_put(&link);
    return result;
}

static int libvirt_network_list(void *self, struct network_list *out, struct error *err)
{
    struct libvirt_backend *backend = self;
    struct lv_link link;
    int result;

    if (lv_conn_get(backend->conn, &link, err))
        return -1;
    result = lv_host_networks(&link, out, err);
    lv_conn_put(&link);
    return result;
}

static int libvirt_snapshot_create(void *self, const struct backend_call *call,
                                   const struct snapshot_spec *spec, struct error *err)
{
    struct libvirt_backend *backend = self;

    return lv_create(backend->conn, &(struct lv_watch){ &backend->holds, backend->thaws }, call, spec, err);
}

static int libvirt_snapshot_recover(void *self, const struct recovery_order *order,
                                    enum recovery *out, struct error *err)
{
    struct libvirt_backend *backend = self;

    if (order->kind != JOB_SNAPSHOT_CREATE)
        return lv_finish(backend->conn, order, out, err);
    return lv_recover(backend->conn, backend->thaws, order, out, err);
}

static int libvirt_snapshot_apply(void *self, const struct backend_call *call,
                                  const struct snapshot_change *change, struct error *err)
{
    struct libvirt_backend *backend = self;
    int result = lv_apply(backend->conn, call, change, err);

    lv_titles_forget(backend->known.titles, &change->vm); /* a revert tells no event of it */
    return result;
}

static int libvirt_snapshot_destroy(void *self, const struct backend_call *call,
                                    const struct snapshot_change *change, struct error *err)
{
    struct libvirt_backend *backend = self;

    return lv_destroy(backend->conn, call, change, err);
}

static int libvirt_vm_check(void *self, const struct guid *vm, bool mend,
                            const struct backend_finding *tell, struct error *err)
{
    struct libvirt_backend *backend = self;

    return lv_doctor(backend->conn, vm, mend, tell, err);
}

static int libvirt_vm_change(void *self, const struct backend_call *call, const struct guid *vm,
                             enum vm_change change, struct error *err)
{
    struct libvirt_backend *backend = self;

    return lv_power(backend->conn, &backend->holds, call, vm, change, err);
}

static int libvirt_vm_working(void *self, const struct guid *vm, bool *out, struct error *err)
{
    struct libvirt_backend *backend = self;

    return lv_power_working(backend->conn, vm, out, err);
}

static void libvirt_owes(void *self, const struct backend_debts *debts)
{
    struct libvirt_backend *backend = self;

    lv_thaws_keep(backend->thaws, debts);
}

static int libvirt_vm_keys(void *self, const struct guid *vm, const struct key_event *events,
                           size_t count, struct error *err)
{
    struct libvirt_backend *backend = self;

    return lv_console_keys(backend->conn, vm, events, count, err);
}

static int libvirt_vm_picture(void *self, const struct guid *vm, struct picture *out,
                              struct error *err)
{
    struct libvirt_backend *backend = self;

    return lv_console_picture(backend->conn, vm, out, err);
}

static int libvirt_vm_settings(void *self, const struct guid *vm, struct vm_settings *out,
                               struct error *err)
{
    struct libvirt_backend *backend = self;

    return lv_edit_settings(backend->conn, vm, out, err);
}

static int libvirt_vm_edit(void *self, const struct guid *vm, const struct vm_edit *edit,
                           struct error *err)
{
    struct libvirt_backend *backend = self;

    return lv_edit_machine(backend->conn, vm, edit, err);
}

static int libvirt_snapshot_edit(void *self, const struct snapshot_edit *edit, struct error *err)
{
    struct libvirt_backend *backend = self;

    return lv_edit_snapshot(backend->conn, edit, err);
}

const struct backend_ops libvirt_backend_ops = {
    .size = sizeof(struct backend_ops),
    .api = BACKEND_API,
    .name = "libvirt",
    .threads = BACKEND_PARALLEL,
    .open = libvirt_open,
    .close = libvirt_close,
    .ping = libvirt_ping,
    .vm_list = libvirt_vm_list,
    .vm_get = libvirt_vm_get,
    .vm_capabilities = libvirt_vm_capabilities,
    .snapshot_list = libvirt_snapshot_list,
    .vm_part = libvirt_vm_part,
    .snapshot_part = libvirt_snapshot_part,
    .hardware = libvirt_hardware,
    .host = libvirt_host,
    .network_list = libvirt_network_list,
    .snapshot_create = libvirt_snapshot_create,
    .snapshot_recover = libvirt_snapshot_recover,
    .snapshot_apply = libvirt_snapshot_apply,
    .snapshot_destroy = libvirt_snapshot_destroy,
    .vm_check = libvirt_vm_check,
    .vm_change = libvirt_vm_change,
    .vm_keys = libvirt_vm_keys,
    .vm_picture = libvirt_vm_picture,
    .vm_settings = libvirt_vm_settings,
    .vm_edit = libvirt_vm_edit,
    .snapshot_edit = libvirt_snapshot_edit,
    .vm_working = libvirt_vm_working,
    .owes = libvirt_owes,
    .vm_prospect = libvirt_vm_prospect,
};
