/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/backend.h"

#include "base/hurry.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct backend {
    const struct backend_ops *ops;
    void *self;
    pthread_mutex_t turn; /* held around every operation of a BACKEND_SERIAL one */
};

static const struct backend_ops *backend_find(const char *module)
{
    for (size_t i = 0; backend_registry[i]; i++)
        if (strcmp(backend_registry[i]->name, module) == 0)
            return backend_registry[i];
    return NULL;
}

int backend_open(struct backend **out, const char *module, const char *uri, struct error *err)
{
    const struct backend_ops *ops = backend_find(module);

    *out = NULL;
    if (!ops)
        return error_set(err, ERR_NOT_SUPPORTED, "There is no backend module '%s'.", module);
    return backend_open_ops(out, ops, uri, err);
}

/* Optional operations may be missing, the others not. */
static bool backend_ops_complete(const struct backend_ops *ops)
{
    return ops->size == sizeof(*ops) && ops->api == BACKEND_API && ops->name && ops->open &&
           ops->close && ops->ping && ops->vm_list && ops->vm_get && ops->vm_capabilities &&
           ops->snapshot_list;
}

int backend_open_ops(struct backend **out, const struct backend_ops *ops, const char *uri,
                     struct error *err)
{
    struct backend *backend;

    *out = NULL;
    if (!backend_ops_complete(ops))
        return error_set(err, ERR_INTERNAL, "The backend module does not fit this service.");
    backend = calloc(1, sizeof(*backend));
    if (!backend)
        return error_set(err, ERR_NO_MEMORY, NULL);
    backend->ops = ops;
    if (ops->open(&backend->self, uri, err)) {
        free(backend);
        return -1;
    }
    pthread_mutex_init(&backend->turn, NULL);
    *out = backend;
    return 0;
}

void backend_close(struct backend *backend)
{
    if (!backend)
        return;
    backend->ops->close(backend->self);
    pthread_mutex_destroy(&backend->turn);
    free(backend);
}

const char *backend_name(const struct backend *backend)
{
    return backend->ops->name;
}

/* Begins an operation. -1: the thread may not wait for it. */
static int backend_enter(struct backend *backend, struct error *err)
{
    if (!backend->ops->prompt && hurry_balk(err))
        return -1;
    if (backend->ops->threads == BACKEND_SERIAL)
        pthread_mutex_lock(&backend->turn);
    return 0;
}

/* Ends an operation: an error without a code would look like success to the caller. */
static int backend_leave(struct backend *backend, int result, struct error *err)
{
    if (backend->ops->threads == BACKEND_SERIAL)
        pthread_mutex_unlock(&backend->turn);
    return result ? error_set(err, ERR_FAILED, NULL) : 0;
}

int backend_ping(struct backend *backend, struct error *err)
{
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->ping(backend->self, err), err);
}

int backend_vm_list(struct backend *backend, struct vm_list *out, struct error *err)
{
    memset(out, 0, sizeof(*out));
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->vm_list(backend->self, out, err), err);
}

int backend_vm_get(struct backend *backend, const struct guid *vm, struct vm *out,
                   struct error *err)
{
    memset(out, 0, sizeof(*out));
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->vm_get(backend->self, vm, out, err), err);
}

int backend_vm_capabilities(struct backend *backend, const struct guid *vm,
                            struct vm_capabilities *out, struct error *err)
{
    memset(out, 0, sizeof(*out));
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->vm_capabilities(backend->self, vm, out, err), err);
}

/* One by one. */
static int backend_look_ahead(struct backend *backend, const struct guid *vm, struct vm_prospect *out,
                              struct error *err)
{
    struct vm_settings settings;

    if (backend_vm_get(backend, vm, &out->vm, err))
        return -1;
    if (backend_vm_capabilities(backend, vm, &out->can, err) || backend_vm_settings(backend, vm, &settings, err)) {
        vm_clear(&out->vm);
        return -1;
    }
    out->policy = settings.policy;
    vm_settings_clear(&settings);
    return 0;
}

int backend_vm_prospect(struct backend *backend, const struct guid *vm, struct vm_prospect *out,
                        struct error *err)
{
    memset(out, 0, sizeof(*out));
    if (!backend->ops->vm_prospect)
        return backend_look_ahead(backend, vm, out, err);
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->vm_prospect(backend->self, vm, out, err), err);
}

int backend_snapshot_list(struct backend *backend, const struct guid *vm, struct snapshot_list *out,
                          struct error *err)
{
    memset(out, 0, sizeof(*out));
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->snapshot_list(backend->self, vm, out, err), err);
}

int backend_vm_part(struct backend *backend, const struct list_part *part, struct vm_list *out,
                    struct error *err)
{
    if (!part || !backend->ops->vm_part) {
        if (backend_vm_list(backend, out, err))
            return -1;
        if (part)
            vm_list_cut(out, part);
        return 0;
    }
    memset(out, 0, sizeof(*out));
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->vm_part(backend->self, part, out, err), err);
}

int backend_snapshot_part(struct backend *backend, const struct guid *vm,
                          const struct list_part *part, struct snapshot_list *out, struct error *err)
{
    if (!part || !backend->ops->snapshot_part) {
        if (backend_snapshot_list(backend, vm, out, err))
            return -1;
        if (part)
            snapshot_list_cut(out, part);
        return 0;
    }
    memset(out, 0, sizeof(*out));
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->snapshot_part(backend->self, vm, part, out, err), err);
}

int backend_hardware(struct backend *backend, const struct guid *vm, const struct guid *snapshot,
                     struct hardware *out, struct error *err)
{
    memset(out, 0, sizeof(*out));
    if (!backend->ops->hardware)
        return error_set(err, ERR_NOT_SUPPORTED, "This hypervisor does not tell what machines are made of.");
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->hardware(backend->self, vm, snapshot, out, err),
                         err);
}

int backend_host(struct backend *backend, struct host *out, struct error *err)
{
    memset(out, 0, sizeof(*out));
    if (!backend->ops->host)
        return error_set(err, ERR_NOT_SUPPORTED, "This hypervisor does not tell of its host.");
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->host(backend->self, out, err), err);
}

int backend_network_list(struct backend *backend, struct network_list *out, struct error *err)
{
    memset(out, 0, sizeof(*out));
    if (!backend->ops->network_list)
        return 0;
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->network_list(backend->self, out, err), err);
}

int backend_snapshot_create(struct backend *backend, const struct backend_call *call,
                            const struct snapshot_spec *spec, struct error *err)
{
    if (!backend->ops->snapshot_create)
        return error_set(err, ERR_NOT_SUPPORTED, "This hypervisor makes no snapshots.");
    if (guid_is_null(&spec->id) || !spec->name)
        return error_set(err, ERR_INVALID_PARAMETER, NULL);
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->snapshot_create(backend->self, call, spec, err),
                         err);
}

int backend_snapshot_recover(struct backend *backend, const struct recovery_order *order,
                             enum recovery *out, struct error *err)
{
    *out = RECOVERY_NONE;
    if (!backend->ops->snapshot_recover)
        return error_set(err, ERR_NOT_SUPPORTED, NULL);
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->snapshot_recover(backend->self, order, out, err),
                         err);
}

int backend_snapshot_apply(struct backend *backend, const struct backend_call *call,
                           const struct snapshot_change *change, struct error *err)
{
    if (!backend->ops->snapshot_apply)
        return error_set(err, ERR_NOT_SUPPORTED, "This hypervisor applies no snapshots.");
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->snapshot_apply(backend->self, call, change, err),
                         err);
}

int backend_snapshot_destroy(struct backend *backend, const struct backend_call *call,
                             const struct snapshot_change *change, struct error *err)
{
    if (!backend->ops->snapshot_destroy)
        return error_set(err, ERR_NOT_SUPPORTED, "This hypervisor removes no snapshots.");
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->snapshot_destroy(backend->self, call, change, err),
                         err);
}

int backend_vm_check(struct backend *backend, const struct guid *vm, bool mend,
                     const struct backend_finding *tell, struct error *err)
{
    if (!backend->ops->vm_check)
        return error_set(err, ERR_NOT_SUPPORTED, "Machines of this hypervisor cannot be checked.");
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->vm_check(backend->self, vm, mend, tell, err), err);
}

int backend_vm_change(struct backend *backend, const struct backend_call *call,
                      const struct guid *vm, enum vm_change change, struct error *err)
{
    if (!backend->ops->vm_change)
        return error_set(err, ERR_NOT_SUPPORTED, NULL);
    if ((unsigned)change >= CHANGES)
        return error_set(err, ERR_INVALID_PARAMETER, NULL);
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->vm_change(backend->self, call, vm, change, err),
                         err);
}

int backend_vm_keys(struct backend *backend, const struct guid *vm, const struct key_event *events,
                    size_t count, struct error *err)
{
    if (!backend->ops->vm_keys)
        return error_set(err, ERR_NOT_SUPPORTED, NULL);
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->vm_keys(backend->self, vm, events, count, err),
                         err);
}

int backend_vm_picture(struct backend *backend, const struct guid *vm, struct picture *out,
                       struct error *err)
{
    memset(out, 0, sizeof(*out));
    if (!backend->ops->vm_picture)
        return error_set(err, ERR_NOT_SUPPORTED, NULL);
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->vm_picture(backend->self, vm, out, err), err);
}

int backend_vm_settings(struct backend *backend, const struct guid *vm, struct vm_settings *out,
                        struct error *err)
{
    *out = (struct vm_settings){ .policy = POLICY_STANDARD };
    if (!backend->ops->vm_settings)
        return 0;
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->vm_settings(backend->self, vm, out, err), err);
}

int backend_vm_edit(struct backend *backend, const struct guid *vm, const struct vm_edit *edit,
                    struct error *err)
{
    if (!backend->ops->vm_edit)
        return error_set(err, ERR_NOT_SUPPORTED, NULL);
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->vm_edit(backend->self, vm, edit, err), err);
}

int backend_snapshot_edit(struct backend *backend, const struct snapshot_edit *edit,
                          struct error *err)
{
    if (!backend->ops->snapshot_edit)
        return error_set(err, ERR_NOT_SUPPORTED, NULL);
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->snapshot_edit(backend->self, edit, err), err);
}

int backend_vm_working(struct backend *backend, const struct guid *vm, bool *out, struct error *err)
{
    *out = false;
    if (!backend->ops->vm_working)
        return 0;
    if (backend_enter(backend, err))
        return -1;
    return backend_leave(backend, backend->ops->vm_working(backend->self, vm, out, err), err);
}

void backend_owes(struct backend *backend, const struct backend_debts *debts)
{
    if (backend->ops->owes)
        backend->ops->owes(backend->self, debts);
}
