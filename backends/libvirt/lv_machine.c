/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_machine.h"

#include "libvirt/lv_error.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MACHINE_STATS = VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_VCPU | VIR_DOMAIN_STATS_BALLOON,
};

/* What the statistics of a machine do not say. */
struct machine_facts {
    bool saved; /* a managed save image is there */
    bool transient;
    const char *title; /* where it is at hand; else NULL, and what is known is asked */
    const struct lv_known *known;
};

static enum vm_state machine_state(int state, const struct machine_facts *facts)
{
    static const enum vm_state states[] = {
        [VIR_DOMAIN_RUNNING] = VM_RUNNING,    [VIR_DOMAIN_BLOCKED] = VM_RUNNING,
        [VIR_DOMAIN_PAUSED] = VM_PAUSED,      [VIR_DOMAIN_SHUTDOWN] = VM_STOPPING,
        [VIR_DOMAIN_SHUTOFF] = VM_OFF,        [VIR_DOMAIN_CRASHED] = VM_CRASHED,
        [VIR_DOMAIN_PMSUSPENDED] = VM_PAUSED,
    };

    if (state == VIR_DOMAIN_SHUTOFF && facts->saved)
        return VM_SAVED;
    if (state < 0 || (size_t)state >= sizeof(states) / sizeof(states[0]))
        return VM_UNKNOWN;
    return states[state];
}

static char *machine_name(virDomainPtr dom)
{
    const char *name = virDomainGetName(dom);

    return name ? strdup(name) : NULL;
}

/* What changes while it is looked at. */
struct machine_now {
    int state; /* virDomainState */
    unsigned vcpus;
    uint64_t memory_kib;
};

static int machine_ask(virDomainPtr dom, struct machine_now *out, struct error *err)
{
    virDomainInfo info;

    if (virDomainGetInfo(dom, &info))
        return lv_error_set(err, "describe the machine");
    *out = (struct machine_now){ info.state, info.nrVirtCpu, info.maxMem };
    return 0;
}

/* libvirt's mock has no statistics but the state. */
static int machine_from_statistics(const virDomainStatsRecord *record, struct machine_now *out, struct error *err)
{
    unsigned long long memory = 0;

    *out = (struct machine_now){ .state = -1 };
    virTypedParamsGetInt(record->params, record->nparams, "state.state", &out->state);
    virTypedParamsGetUInt(record->params, record->nparams, "vcpu.current", &out->vcpus);
    virTypedParamsGetULLong(record->params, record->nparams, "balloon.maximum", &memory);
    out->memory_kib = memory;
    return out->vcpus && memory ? 0 : machine_ask(record->dom, out, err);
}

/* What a machine that was seen paused, or on its way to be off, is: it may be so only by us, which may have ended, or begun
 * once more, since it was seen. */
static int machine_shown(virDomainPtr dom, struct lv_holds *holds, int seen)
{
    int state = -1, shown;
    struct guid id;

    if (virDomainGetUUID(dom, id.bytes))
        return seen;
    shown = lv_hold_shown(holds, &id);
    if (shown < 0 && virDomainGetState(dom, &state, NULL, 0) == 0 && state != seen)
        return state;
    if (shown < 0)
        shown = lv_hold_shown(holds, &id);
    return shown == VIR_DOMAIN_SHUTOFF || (shown >= 0 && seen == VIR_DOMAIN_PAUSED) ? shown : seen;
}

static int machine_read(virDomainPtr dom, const struct machine_now *now, const struct machine_facts *facts,
                        struct vm *out, struct error *err)
{
    int state = now->state;

    if (state == VIR_DOMAIN_PAUSED || state == VIR_DOMAIN_SHUTDOWN)
        state = machine_shown(dom, facts->known->holds, state);
    out->state = machine_state(state, facts);
    out->vcpus = now->vcpus;
    out->memory_kib = now->memory_kib;
    out->persistent = !facts->transient;
    if (virDomainGetUUID(dom, out->id.bytes))
        return lv_error_set(err, "describe the machine");
    out->name = machine_name(dom);
    out->title = facts->title ? strdup(facts->title) : lv_titles_get(facts->known->titles, dom);
    if (out->name && out->title)
        return 0;
    vm_clear(out);
    return error_set(err, ERR_NO_MEMORY, NULL);
}

/* One machine */

int lv_machine_get(const struct lv_link *link, struct lv_holds *holds, const struct guid *vm,
                   struct vm *out, struct error *err)
{
    const struct lv_known known = { .holds = holds };
    virDomainPtr dom = lv_conn_machine(link, vm, err);
    struct machine_facts facts = { .known = &known };
    struct machine_now now = { .state = -1 };
    int result;

    if (!dom)
        return -1;
    result = machine_ask(dom, &now, err);
    if (result == 0) {
        facts.transient = virDomainIsPersistent(dom) == 0;
        if (now.state == VIR_DOMAIN_SHUTOFF) /* where it cannot be told, it is off */
            lv_view_ask_saved(dom, &facts.saved, NULL);
        result = machine_read(dom, &now, &facts, out, err);
    }
    virDomainFree(dom);
    return result;
}

/* As many processors as run now; libvirt writes that only where it is not all of them. */
static unsigned machine_vcpus(const struct lv_xml *xml)
{
    return (unsigned)lv_xml_number(xml, NULL, "/domain/vcpu/@current", lv_xml_number(xml, NULL, "/domain/vcpu", 0));
}

int lv_machine_seen(const struct lv_view *view, struct lv_holds *holds, struct vm *out, struct error *err)
{
    const struct machine_now now = { view->state, machine_vcpus(&view->now), view->memory_kib };
    const struct lv_known known = { .holds = holds };
    char *title = lv_xml_text(&view->now, NULL, "/domain/title");
    const struct machine_facts facts = { .saved = view->saved,
                                         .transient = !view->persistent,
                                         .title = title ? title : virDomainGetName(view->dom),
                                         .known = &known };
    int result = machine_read(view->dom, &now, &facts, out, err);

    free(title);
    return result;
}

/* All machines: what can be asked of all at once is, as there may be a thousand. */

/* Some machines, by GUID. */
struct machine_set {
    struct guid *items;
    size_t count;
};

static int machine_set_read(struct machine_set *set, virConnectPtr conn, unsigned filter,
                            struct error *err)
{
    virDomainPtr *doms = NULL;
    int count = virConnectListAllDomains(conn, &doms, filter), result = 0;

    memset(set, 0, sizeof(*set));
    if (count < 0)
        return lv_error_set(err, "list the machines");
    set->items = calloc((size_t)count + 1, sizeof(*set->items));
    for (int i = 0; i < count; i++) {
        if (set->items && result == 0 && virDomainGetUUID(doms[i], set->items[set->count++].bytes))
            result = lv_error_set(err, "list the machines");
        virDomainFree(doms[i]);
    }
    free(doms);
    return set->items ? result : error_set(err, ERR_NO_MEMORY, NULL);
}

static bool machine_set_has(const struct machine_set *set, const struct guid *vm)
{
    for (size_t i = 0; i < set->count; i++)
        if (guid_equal(&set->items[i], vm))
            return true;
    return false;
}

struct machine_sets {
    struct machine_set saved, transient;
};

/* Adds one; a machine that has gone meanwhile is left out. */
static int machine_add(const virDomainStatsRecord *record, const struct machine_sets *sets,
                       const struct lv_known *known, struct vm_list *out, struct error *err)
{
    struct machine_facts facts = { .known = known };
    struct machine_now now = { .state = -1 };
    struct error why = { 0 };
    struct vm vm = { 0 };
    struct guid id;

    if (virDomainGetUUID(record->dom, id.bytes))
        return lv_error_set(err, "list the machines");
    facts.saved = machine_set_has(&sets->saved, &id);
    facts.transient = machine_set_has(&sets->transient, &id);
    if (machine_from_statistics(record, &now, &why) || machine_read(record->dom, &now, &facts, &vm, &why)) {
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

/* Takes the records of `count` machines, or -1 where libvirt gave none. */
static int machine_add_all(virDomainStatsRecordPtr *records, int count, const struct machine_sets *sets,
                           const struct lv_known *known, struct vm_list *out, struct error *err)
{
    int result = count < 0 ? lv_error_set(err, "list the machines") : 0;

    for (int i = 0; i < count && result == 0; i++)
        result = machine_add(records[i], sets, known, out, err);
    virDomainStatsRecordListFree(records);
    return result;
}

static int machine_sets_read(struct machine_sets *sets, virConnectPtr conn, struct error *err)
{
    return machine_set_read(&sets->saved, conn, VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE, err) ||
                   machine_set_read(&sets->transient, conn, VIR_CONNECT_LIST_DOMAINS_TRANSIENT, err)
               ? -1
               : 0;
}

static int machine_end(struct machine_sets *sets, int result, struct vm_list *out)
{
    free(sets->saved.items);
    free(sets->transient.items);
    if (result)
        vm_list_clear(out);
    return result ? -1 : 0;
}

int lv_machine_list(const struct lv_link *link, const struct lv_known *known, struct vm_list *out,
                    struct error *err)
{
    virDomainStatsRecordPtr *records = NULL;
    struct machine_sets sets = { 0 };
    int result = machine_sets_read(&sets, link->conn, err);

    if (result == 0) {
        lv_titles_settle(known->titles);
        int count = virConnectGetAllDomainStats(link->conn, MACHINE_STATS, &records,
                                                VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
        result = machine_add_all(records, count, &sets, known, out, err);
    }
    return machine_end(&sets, result, out);
}

/* A part of them */

static int by_uuid(const void *a, const void *b)
{
    struct guid left = { { 0 } }, right = { { 0 } };

    virDomainGetUUID(*(virDomainPtr const *)a, left.bytes);
    virDomainGetUUID(*(virDomainPtr const *)b, right.bytes);
    return guid_order(&left, &right);
}

/* One whose title cannot be had may have it. */
static bool machine_titled(virDomainPtr dom, const struct lv_known *known, const char *wanted)
{
    char *title = wanted ? lv_titles_get(known->titles, dom) : NULL;
    bool titled = !title || strcasecmp(title, wanted) == 0;

    free(title);
    return titled;
}

/* One that cannot say which it is stays, and is asked again by who reads it, who then tells of the failure. */
static bool machine_after(virDomainPtr dom, const struct guid *after)
{
    struct guid id;

    return !after || virDomainGetUUID(dom, id.bytes) || guid_order(&id, after) > 0;
}

/* Moves the wanted to the front, in their order, and ends them with NULL; frees the others. How many. */
static size_t machine_choose(virDomainPtr *doms, int count, const struct lv_known *known,
                             const struct list_part *part)
{
    size_t kept = 0;

    qsort(doms, (size_t)count, sizeof(*doms), by_uuid);
    for (int i = 0; i < count; i++) {
        if ((!part->most || kept < part->most) && machine_after(doms[i], part->after) &&
            machine_titled(doms[i], known, part->title))
            doms[kept++] = doms[i];
        else
            virDomainFree(doms[i]);
    }
    doms[kept] = NULL;
    return kept;
}

static int machine_list_chosen(virDomainPtr *doms, const struct lv_link *link, const struct lv_known *known,
                               struct vm_list *out, struct error *err)
{
    virDomainStatsRecordPtr *records = NULL;
    struct machine_sets sets = { 0 };
    int result = machine_sets_read(&sets, link->conn, err);

    if (result == 0) {
        int count = virDomainListGetStats(doms, MACHINE_STATS, &records,
                                          VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
        result = machine_add_all(records, count, &sets, known, out, err);
    }
    return machine_end(&sets, result, out);
}

static int machine_one(const struct lv_link *link, const struct lv_known *known,
                       const struct list_part *part, struct vm_list *out, struct error *err)
{
    struct error why = { 0 };
    struct vm vm = { 0 };

    if (lv_machine_get(link, known->holds, part->only, &vm, &why)) {
        if (why.code == ERR_NOT_FOUND)
            return 0;
        error_cause(err, "%s", why.cause);
        return error_set(err, why.code, "%s", why.message);
    }
    if (vm_list_take(out, &vm) == 0) {
        vm_list_cut(out, part);
        return 0;
    }
    vm_clear(&vm);
    return error_set(err, ERR_NO_MEMORY, NULL);
}

int lv_machine_part(const struct lv_link *link, const struct lv_known *known, const struct list_part *part,
                    struct vm_list *out, struct error *err)
{
    virDomainPtr *doms = NULL;
    int count, result = 0;

    if (part->only)
        return machine_one(link, known, part, out, err);
    count = virConnectListAllDomains(link->conn, &doms, 0);
    if (count < 0)
        return lv_error_set(err, "list the machines");
    lv_titles_settle(known->titles);
    if (machine_choose(doms, count, known, part))
        result = machine_list_chosen(doms, link, known, out, err);
    for (size_t i = 0; doms[i]; i++)
        virDomainFree(doms[i]);
    free(doms);
    if (result == 0 && out->count)
        vm_list_cut(out, &(struct list_part){ .after = part->after }); /* libvirt's order is its own */
    return result;
}
