/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "classes/hyperv/hyperv.h"

#include "classes/hyperv/device.h"

#include "cim/list.h"
#include "cim/reference.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SETTINGS_PREFIX "Microsoft:"

void hv_text(struct cim_value *out, struct arena *arena, const char *text)
{
    out->text = arena_strdup(arena, text);
}

void hv_number(struct cim_value *out, struct arena *arena, unsigned long long number)
{
    out->text = arena_printf(arena, "%llu", number);
}

void hv_list(struct cim_value *out, struct arena *arena, const char *const *texts, size_t count)
{
    const char **items = arena_alloc(arena, (count + 1) * sizeof(*items));

    if (!items)
        return;
    for (size_t i = 0; i < count; i++) {
        items[i] = arena_strdup(arena, texts[i]);
        if (!items[i])
            return; /* no memory, here or where the text was made: the arena tells */
    }
    out->items = items;
    out->count = count;
}

void hv_guid(struct cim_value *out, struct arena *arena, const struct guid *id)
{
    out->text = arena_strdup(arena, GUID_STR(id));
}

const char *hv_settings_id(const struct guid *id, struct arena *arena)
{
    char *text = arena_alloc(arena, sizeof(SETTINGS_PREFIX) + GUID_TEXT);

    if (text)
        guid_format(id, stpcpy(text, SETTINGS_PREFIX));
    return text;
}

int hv_id_parse(const char *text, struct guid *id)
{
    const char *colon = strrchr(text, ':');

    return guid_parse(id, colon ? colon + 1 : text);
}

int hv_emit_service(struct cim_call *call, const struct cim_class *class, struct cim_sink *sink)
{
    struct hv_service *service = arena_alloc(call->arena, sizeof(*service));
    struct cim_instance instance = { class, service };

    if (!service)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    service->host = core_host_name(call->core);
    return sink->emit(sink, &instance);
}

const struct cim_ref *hv_ref(const char *class, const char *key, const char *value,
                             struct arena *arena)
{
    struct cim_ref *ref = arena_alloc(arena, sizeof(*ref));
    struct cim_key *keys = arena_alloc(arena, sizeof(*keys));

    if (!ref || !keys || !value)
        return NULL;
    *keys = (struct cim_key){ .name = key, .text = value };
    *ref = (struct cim_ref){ .ns = CIM_NS_V2, .class = class, .keys = keys, .key_count = 1 };
    return ref;
}

/* An object in the call's arena that is cleared with it. */
static void *hold(struct cim_call *call, size_t size, void (*clear)(void *object))
{
    void *object = arena_alloc(call->arena, size);

    if (object && arena_defer(call->arena, clear, object) == 0)
        return object;
    error_set(call->err, ERR_NO_MEMORY, NULL);
    return NULL;
}

/* What cannot be found is no error here. */
static bool found(struct cim_call *call, int rc, const struct error *err)
{
    if (rc != 0 && err->code != ERR_NOT_FOUND)
        *call->err = *err;
    return rc == 0;
}

static void clear_vms(void *p)
{
    vm_list_clear(p);
}

static void clear_jobs(void *p)
{
    job_list_clear(p);
}

static void clear_vm(void *p)
{
    vm_clear(p);
}

static void clear_job(void *p)
{
    job_clear(p);
}

static void clear_snapshot(void *p)
{
    snapshot_clear(p);
}

const struct vm_list *hv_vms(struct cim_call *call, const struct list_part *part)
{
    struct vm_list *list = hold(call, sizeof(*list), clear_vms);

    return list && core_vm_list(call->core, call->who, part, list, call->err) == 0 ? list : NULL;
}

const struct job_list *hv_jobs(struct cim_call *call)
{
    struct job_list *list = hold(call, sizeof(*list), clear_jobs);

    return list && core_job_list(call->core, call->who, list, call->err) == 0 ? list : NULL;
}

/* What was asked for in a call, asked for once: an association may come to it again and again. */
enum memo_kind { MEMO_SNAPSHOTS, MEMO_CURRENT, MEMO_SAID, MEMO_HARDWARE, MEMO_KINDS };

/* Of a machine, or one of its snapshots. */
struct memo_item {
    struct memo_item *next;
    struct guid vm, snapshot; /* snapshot null: of the machine as it is */
    union {
        struct snapshot_list snapshots; /* MEMO_CURRENT: one or none */
        struct vm_settings said;
        struct hardware hardware;
    };
};

struct memo {
    struct memo_item *items[MEMO_KINDS];
    struct host *host;
    struct network_list *networks;
};

static void clear_snapshots_memo(void *p)
{
    snapshot_list_clear(&((struct memo_item *)p)->snapshots);
}

static void clear_said_memo(void *p)
{
    vm_settings_clear(&((struct memo_item *)p)->said);
}

static void clear_hardware_memo(void *p)
{
    hardware_clear(&((struct memo_item *)p)->hardware);
}

/* NULL without memory. */
static struct memo *memo_of(struct cim_call *call)
{
    if (!call->memo)
        call->memo = arena_alloc(call->arena, sizeof(struct memo));
    if (!call->memo)
        error_set(call->err, ERR_NO_MEMORY, NULL);
    return call->memo;
}

/* Fills in an item's thing: 0, or -1 with err. */
typedef int memo_ask(struct cim_call *call, struct memo_item *item, struct error *err);

static int ask_snapshots(struct cim_call *call, struct memo_item *item, struct error *err)
{
    return core_snapshot_list(call->core, call->who, &item->vm, NULL, &item->snapshots, err);
}

static int ask_current(struct cim_call *call, struct memo_item *item, struct error *err)
{
    const struct list_part current = { .current = true };

    return core_snapshot_list(call->core, call->who, &item->vm, &current, &item->snapshots, err);
}

static int ask_said(struct cim_call *call, struct memo_item *item, struct error *err)
{
    return core_vm_settings(call->core, call->who, &item->vm, &item->said, err);
}

static int ask_hardware(struct cim_call *call, struct memo_item *item, struct error *err)
{
    return core_hardware_get(call->core, call->who, &item->vm,
                             guid_is_null(&item->snapshot) ? NULL : &item->snapshot, &item->hardware, err);
}

static const struct {
    memo_ask *ask;
    void (*clear)(void *item);
} memos[MEMO_KINDS] = {
    [MEMO_SNAPSHOTS] = { ask_snapshots, clear_snapshots_memo },
    [MEMO_CURRENT] = { ask_current, clear_snapshots_memo },
    [MEMO_SAID] = { ask_said, clear_said_memo },
    [MEMO_HARDWARE] = { ask_hardware, clear_hardware_memo },
};

/* NULL with err. snapshot NULL: of the machine as it is. */
static const struct memo_item *memo_get(struct cim_call *call, enum memo_kind kind, const struct guid *vm,
                                        const struct guid *snapshot, struct error *err)
{
    static const struct guid now = { { 0 } };
    const struct guid *when = snapshot ? snapshot : &now;
    struct memo *all = memo_of(call);
    struct memo_item *item = all ? all->items[kind] : NULL;

    for (; item; item = item->next)
        if (guid_equal(&item->vm, vm) && guid_equal(&item->snapshot, when))
            return item;
    item = all ? hold(call, sizeof(*item), memos[kind].clear) : NULL;
    if (!item) {
        *err = *call->err;
        return NULL;
    }
    item->vm = *vm;
    item->snapshot = *when;
    if (memos[kind].ask(call, item, err) != 0)
        return NULL;
    item->next = all->items[kind];
    all->items[kind] = item;
    return item;
}

const struct snapshot_list *hv_snapshots(struct cim_call *call, const struct guid *vm)
{
    struct error err = { 0 };
    const struct memo_item *item = memo_get(call, MEMO_SNAPSHOTS, vm, NULL, &err);

    if (!item)
        *call->err = err;
    return item ? &item->snapshots : NULL;
}

/* The same for getters: what has gone meanwhile has no value. */
static const struct memo_item *memo_part(struct cim_call *call, enum memo_kind kind, const struct guid *vm,
                                         const struct guid *snapshot)
{
    struct error err = { 0 };
    const struct memo_item *item = memo_get(call, kind, vm, snapshot, &err);

    return found(call, item ? 0 : -1, &err) ? item : NULL;
}

const struct guid *hv_current(struct cim_call *call, const struct guid *vm)
{
    const struct memo_item *item = memo_part(call, MEMO_CURRENT, vm, NULL);

    return item && item->snapshots.count ? &item->snapshots.items[0].id : NULL;
}

const struct vm_settings *hv_said(struct cim_call *call, const struct guid *vm)
{
    const struct memo_item *item = memo_part(call, MEMO_SAID, vm, NULL);

    return item ? &item->said : NULL;
}

const struct hardware *hv_hardware(struct cim_call *call, const struct guid *vm,
                                   const struct guid *snapshot)
{
    const struct memo_item *item = memo_part(call, MEMO_HARDWARE, vm, snapshot);

    return item ? &item->hardware : NULL;
}

static void clear_snapshots(void *p)
{
    snapshot_list_clear(p);
}

const struct snapshot_list *hv_snapshots_part(struct cim_call *call, const struct guid *vm,
                                              const struct list_part *part)
{
    struct snapshot_list *list = hold(call, sizeof(*list), clear_snapshots);

    if (!list || core_snapshot_list(call->core, call->who, vm, part, list, call->err) != 0)
        return NULL;
    return list;
}

static void clear_host(void *p)
{
    host_clear(p);
}

static void clear_networks(void *p)
{
    network_list_clear(p);
}

const struct host *hv_host(struct cim_call *call)
{
    struct memo *all = memo_of(call);
    struct host *host = all ? all->host : NULL;

    if (host || !all)
        return host;
    host = hold(call, sizeof(*host), clear_host);
    if (!host || core_host_get(call->core, call->who, host, call->err) != 0)
        return NULL;
    all->host = host;
    return host;
}

const struct network_list *hv_networks(struct cim_call *call)
{
    struct memo *all = memo_of(call);
    struct network_list *list = all ? all->networks : NULL;

    if (list || !all)
        return list;
    list = hold(call, sizeof(*list), clear_networks);
    if (!list || core_network_list(call->core, call->who, list, call->err) != 0)
        return NULL;
    all->networks = list;
    return list;
}

const struct snapshot *hv_snapshot_of(struct cim_call *call, const struct guid *vm,
                                      const struct guid *id)
{
    const struct snapshot_list *list = hv_snapshots(call, vm);

    for (size_t i = 0; list && i < list->count; i++)
        if (guid_equal(&list->items[i].id, id))
            return &list->items[i];
    if (!list && call->err->code == ERR_NOT_FOUND) /* the machine is gone */
        error_clear(call->err);
    return NULL;
}

const struct vm *hv_vm(struct cim_call *call, const struct guid *id)
{
    struct vm *vm = hold(call, sizeof(*vm), clear_vm);
    struct error err = { 0 };

    return vm && found(call, core_vm_get(call->core, call->who, id, vm, &err), &err) ? vm : NULL;
}

const struct job *hv_job(struct cim_call *call, const struct guid *id)
{
    struct job *job = hold(call, sizeof(*job), clear_job);
    struct error err = { 0 };

    return job && found(call, core_job_get(call->core, call->who, id, job, &err), &err) ? job : NULL;
}

const struct snapshot *hv_snapshot(struct cim_call *call, const struct guid *id)
{
    struct snapshot *snapshot = hold(call, sizeof(*snapshot), clear_snapshot);
    struct error err = { 0 };

    if (!snapshot || !found(call, core_snapshot_get(call->core, call->who, id, snapshot, &err), &err))
        return NULL;
    return snapshot;
}

int hv_not_supported(struct cim_call *call, const struct cim_instance *self,
                     const struct cim_argument *in, struct cim_value *out, unsigned *ret)
{
    (void)self;
    (void)in;
    (void)out;
    (void)ret;
    return error_set(call->err, ERR_NOT_SUPPORTED, NULL);
}
