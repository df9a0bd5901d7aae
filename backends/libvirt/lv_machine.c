/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_machine.h"

#include "libvirt/lv_error.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

static enum vm_state machine_state(virDomainPtr dom, int state, bool held)
{
    static const enum vm_state states[] = {
        [VIR_DOMAIN_RUNNING] = VM_RUNNING,    [VIR_DOMAIN_BLOCKED] = VM_RUNNING,
        [VIR_DOMAIN_PAUSED] = VM_PAUSED,      [VIR_DOMAIN_SHUTDOWN] = VM_STOPPING,
        [VIR_DOMAIN_SHUTOFF] = VM_OFF,        [VIR_DOMAIN_CRASHED] = VM_CRASHED,
        [VIR_DOMAIN_PMSUSPENDED] = VM_PAUSED,
    };

    if (state == VIR_DOMAIN_PAUSED && held)
        return VM_RUNNING;
    if (state == VIR_DOMAIN_SHUTOFF && virDomainHasManagedSaveImage(dom, 0) == 1)
        return VM_SAVED;
    if (state < 0 || (size_t)state >= sizeof(states) / sizeof(states[0]))
        return VM_UNKNOWN;
    return states[state];
}

/* The title, or without one the name; NULL without memory. */
static char *machine_title(virDomainPtr dom)
{
    char *title = virDomainGetMetadata(dom, VIR_DOMAIN_METADATA_TITLE, NULL, 0);

    if (title && title[0])
        return title;
    free(title);
    return strdup(virDomainGetName(dom));
}

static int machine_read(virDomainPtr dom, struct lv_holds *holds, struct vm *out, struct error *err)
{
    virDomainInfo info;
    int persistent = virDomainIsPersistent(dom);

    if (persistent < 0 || virDomainGetUUID(dom, out->id.bytes) || virDomainGetInfo(dom, &info))
        return lv_error_set(err, "describe the machine");
    out->state = machine_state(dom, info.state, lv_hold_has(holds, &out->id));
    out->persistent = persistent == 1;
    out->vcpus = info.nrVirtCpu;
    out->memory_kib = info.maxMem;
    out->name = strdup(virDomainGetName(dom));
    out->title = machine_title(dom);
    if (out->name && out->title)
        return 0;
    vm_clear(out);
    return error_set(err, ERR_NO_MEMORY, NULL);
}

/* Adds one; a machine that has gone meanwhile is left out. */
static int machine_add(virDomainPtr dom, struct lv_holds *holds, struct vm_list *out,
                       struct error *err)
{
    struct error why = { 0 };
    struct vm vm = { 0 };

    if (machine_read(dom, holds, &vm, &why)) {
        if (why.code == ERR_NOT_FOUND)
            return 0;
        error_cause(err, "%s", why.cause);
        return error_set(err, why.code, "%s", why.message);
    }
    if (vm_list_take(out, &vm) == 0)
        return 0;
    vm_clear(&vm);
    return error_set(err, ERR_NO_MEMORY, NULL);
}

int lv_machine_list(const struct lv_link *link, struct lv_holds *holds, struct vm_list *out,
                    struct error *err)
{
    virDomainPtr *doms = NULL;
    int count = virConnectListAllDomains(link->conn, &doms, 0), result = 0;

    if (count < 0)
        return lv_error_set(err, "list the machines");
    for (int i = 0; i < count; i++) {
        if (result == 0)
            result = machine_add(doms[i], holds, out, err);
        virDomainFree(doms[i]);
    }
    free(doms);
    if (result)
        vm_list_clear(out);
    return result;
}

int lv_machine_get(const struct lv_link *link, struct lv_holds *holds, const struct guid *vm,
                   struct vm *out, struct error *err)
{
    virDomainPtr dom = lv_conn_machine(link, vm, err);
    int result;

    if (!dom)
        return -1;
    result = machine_read(dom, holds, out, err);
    virDomainFree(dom);
    return result;
}
