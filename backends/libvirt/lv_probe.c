/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_probe.h"

#include "base/hook.h"
#include "base/log.h"
#include "libvirt/lv_error.h"

#include <libvirt/virterror.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Always the same, so that the next one takes the place of one that was left. */
#define PROBE "cimsnapd-probe"

/* Of this process: probes that were begun, and that have ended. */
static atomic_ulong begun, ended;

unsigned long lv_probe_mark(void)
{
    unsigned long mark = atomic_load(&ended);

    return atomic_load(&begun) == mark ? mark + 1 : 0;
}

bool lv_probe_stray(unsigned long mark)
{
    return mark && atomic_load(&begun) + 1 == mark;
}

bool lv_probe_is(const char *name)
{
    return strcmp(name, PROBE) == 0;
}

void lv_probe_forget(virDomainPtr dom)
{
    virDomainSnapshotPtr found = virDomainSnapshotLookupByName(dom, PROBE, 0);

    if (!found)
        return;
    if (virDomainSnapshotDelete(found, VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY))
        log_event(LOG_WARN, "probe-left", "libvirt", virGetLastErrorMessage(), NULL);
    virDomainSnapshotFree(found);
}

static int probe_refused(struct error *err)
{
    struct error why = { 0 };

    lv_error_set(&why, "write down the machine's snapshots");
    error_cause(err, "%s", why.cause);
    if (why.code == ERR_FAILED || why.code == ERR_NO_SPACE)
        return error_set(err, ERR_INVALID_STATE,
                         "%s Where it keeps its list of them may not be writable, or is full.", why.message);
    return error_set(err, why.code, "%s", why.message);
}

static int probe_run(virDomainPtr dom, struct error *err)
{
    char *machine = virDomainGetXMLDesc(dom, VIR_DOMAIN_XML_INACTIVE), *xml = NULL;
    virDomainSnapshotPtr made = NULL;
    int result = 0;

    if (!machine)
        return lv_error_set(err, "describe the machine");
    if (asprintf(&xml,
                 "<domainsnapshot><name>" PROBE "</name><state>shutoff</state><creationTime>1</creationTime>"
                 "<memory snapshot='no'/>%s</domainsnapshot>",
                 machine) < 0)
        result = error_set(err, ERR_NO_MEMORY, NULL);
    free(machine);
    if (result)
        return -1;
    made = virDomainSnapshotCreateXML(dom, xml, VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE);
    free(xml);
    HOOK("probed");
    if (!made)
        result = probe_refused(err);
    else if (virDomainSnapshotDelete(made, VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY) &&
             lv_error_number() != VIR_ERR_NO_DOMAIN_SNAPSHOT)
        result = lv_error_set(err, "remove a snapshot from its list");
    if (made)
        virDomainSnapshotFree(made);
    if (result)
        lv_probe_forget(dom); /* an answer that was lost may have been a good one */
    return result;
}

int lv_probe(virDomainPtr dom, struct error *err)
{
    int result;

    atomic_fetch_add(&begun, 1);
    result = probe_run(dom, err);
    atomic_fetch_add(&ended, 1);
    return result;
}
