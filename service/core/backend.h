/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The backend interface: how core reaches a hypervisor. A backend is a const table of operations,
 * listed in backends/registry.c. core calls it through backend_*() below and nowhere else: there state
 * and arguments are checked and an operation a backend lacks becomes ERR_NOT_SUPPORTED.
 *
 * Threads: operations may be called from any thread at once (BACKEND_PARALLEL) or one at a time
 * (BACKEND_SERIAL). Every operation may block, never on a lock held by its caller. At most one
 * action per machine runs at a time; core sees to that.
 * Errors: 0, or -1 with err set; err->message is for remote users, err->cause for the log.
 */
#ifndef CIMSNAPD_CORE_BACKEND_H
#define CIMSNAPD_CORE_BACKEND_H

#include "base/error.h"
#include "core/hardware.h"
#include "core/host.h"
#include "core/model.h"

#define BACKEND_API 1

enum backend_threads { BACKEND_SERIAL, BACKEND_PARALLEL };

/* What a machine can do now; asked per machine, never assumed. */
struct vm_capabilities {
    bool full;     /* SNAPSHOT_FULL */
    bool disk;     /* SNAPSHOT_DISK */
    bool recovery; /* SNAPSHOT_RECOVERY */
    bool partial;  /* SNAPSHOT_DISK and _RECOVERY without the disks that can have none; SNAPSHOT_FULL too of one that is off */
    bool agent;    /* a guest agent is connected */
    char why[256]; /* why a kind is missing, for the user; "" when nothing is */
};

/* What there is to know of a machine before a snapshot is ordered. */
struct vm_prospect {
    struct vm vm; /* owned */
    struct vm_capabilities can;
    enum snapshot_policy policy;
};

/* The order of work to be done. Strings are borrowed for the call. */
struct snapshot_spec {
    struct guid vm;
    struct guid id; /* of the snapshot to be made, chosen by core */
    enum snapshot_kind kind;
    enum consistency consistency;
    bool ignore_unsupported_disks; /* leave them out; never of a snapshot with memory */
    const char *name;  /* ElementName, UTF-8, at most 100 characters */
    const char *notes; /* or NULL */
};

/* What is to be done with a snapshot that is there. */
struct snapshot_change {
    struct guid vm, id;
    bool turn_off; /* apply: a machine that runs is turned off first, else it is refused */
    bool tree;     /* destroy: all that derive from it too */
};

/* What core gives an action while it runs. Callbacks are called from the action's thread. */
struct backend_call {
    void *opaque;
    /* 0..100. */
    void (*progress)(void *opaque, unsigned percent);
    /* Durable before it returns: `state` describes the step about to be taken and is given back to
     * snapshot_recover() after a crash. -1: the step must not be taken. */
    int (*journal)(void *opaque, const char *state, struct error *err);
    /* The same for a step before which the last state would do as well: durable with the next one, or the action's end. */
    int (*note)(void *opaque, const char *state, struct error *err);
    int agent_seconds; /* longest wait for the guest agent */
    /* True once the action should end early, if it can: it fails with ERR_CANCELLED then. */
    bool (*cancelled)(void *opaque);
};

/* New values for a machine (title, see SETTING_TITLE) or a snapshot (its name). Borrowed. */
struct vm_edit {
    unsigned which; /* SETTING_...; only these change */
    const char *title;
    struct vm_settings settings;
};

struct snapshot_edit {
    struct guid vm, id;
    const char *name;  /* NULL: as it is */
    const char *notes; /* the same; "" for none */
};

/* What became of an action: as if it had never been, or all of it. */
enum recovery { RECOVERY_NONE, RECOVERY_WHOLE };

/* An action whose end nobody saw. */
struct recovery_order {
    enum job_kind kind;
    struct guid vm, snapshot;
    const char *state; /* the last one journalled; NULL: none was written, so no step was taken */
};

/* Takes what a check found, for people. */
struct backend_finding {
    void *opaque;
    void (*tell)(void *opaque, const char *text, bool mended);
};

/* What a backend still has to do for a machine when the job has ended, as to thaw a guest whose agent is silent. */
struct backend_debts {
    void *opaque;
    /* Made or paid; durable when it returns, as far as the disk allows. From any thread. */
    void (*note)(void *opaque, const struct guid *vm, bool owed);
    /* Those that another process has left; valid for the call. */
    const struct guid *left;
    size_t count;
};

struct backend_ops {
    size_t size;  /* sizeof(struct backend_ops) */
    unsigned api; /* BACKEND_API */
    const char *name;
    enum backend_threads threads;
    bool prompt; /* ping, lists and gets wait for nothing but a short lock: an event loop may call them */

    /* uri: config key backend.uri, borrowed. *self is handed to every other operation. open must
     * succeed while the hypervisor is away (operations then say ERR_UNAVAILABLE and reconnect by
     * themselves); it fails only for what will never work, as a URI that is none. */
    int (*open)(void **self, const char *uri, struct error *err);
    void (*close)(void *self);
    int (*ping)(void *self, struct error *err);

    /* Copies out; the caller clears them. Unknown machine or snapshot: ERR_NOT_FOUND. */
    int (*vm_list)(void *self, struct vm_list *out, struct error *err);
    int (*vm_get)(void *self, const struct guid *vm, struct vm *out, struct error *err);
    int (*vm_capabilities)(void *self, const struct guid *vm, struct vm_capabilities *out,
                           struct error *err);
    /* Snapshots made by others appear too, with a GUID derived from machine and name. */
    int (*snapshot_list)(void *self, const struct guid *vm, struct snapshot_list *out,
                         struct error *err);

    /* Optional. Makes a snapshot; on error nothing half-made is left behind. */
    int (*snapshot_create)(void *self, const struct backend_call *call,
                           const struct snapshot_spec *spec, struct error *err);
    /* Optional. After a crash, or when the hypervisor was lost on the way: finds out what became of an
     * action and leaves nothing half-done. A snapshot half-made is removed; one half applied or half
     * removed is applied or removed once more. */
    int (*snapshot_recover)(void *self, const struct recovery_order *order, enum recovery *out,
                            struct error *err);
    /* Optional. The machine becomes what it was at the snapshot, which is then the current one: saved when
     * the snapshot has memory, else off. A saved state that the machine has goes. On error the machine
     * is as it was; ERR_UNAVAILABLE after a step was journalled: nobody knows, recover. */
    int (*snapshot_apply)(void *self, const struct backend_call *call,
                          const struct snapshot_change *change, struct error *err);
    /* Optional. Removes it; what derives from it then derives from its parent, or goes too. The machine goes
     * on as it is. */
    int (*snapshot_destroy)(void *self, const struct backend_call *call,
                            const struct snapshot_change *change, struct error *err);
    /* Optional, for long lists: the part of vm_list() or snapshot_list() that is asked for, which costs no more than
     * that. part is never zeroed. */
    int (*vm_part)(void *self, const struct list_part *part, struct vm_list *out, struct error *err);
    int (*snapshot_part)(void *self, const struct guid *vm, const struct list_part *part,
                         struct snapshot_list *out, struct error *err);
    /* Optional. What the machine is made of now, or with snapshot not NULL what it was made of then. */
    int (*hardware)(void *self, const struct guid *vm, const struct guid *snapshot,
                    struct hardware *out, struct error *err);
    /* Optional, both: the host and its networks. */
    int (*host)(void *self, struct host *out, struct error *err);
    int (*network_list)(void *self, struct network_list *out, struct error *err);
    /* Optional. Looks for what is not as it should be with the machine's snapshots, and tells each. mend: puts it right
     * where nothing is lost by that. Nothing else may work on the machine meanwhile. */
    int (*vm_check)(void *self, const struct guid *vm, bool mend, const struct backend_finding *tell,
                    struct error *err);
    /* New fields only below this line. */

    /* Optional. Changes a machine's state and returns when that is done, of CHANGE_SHUTDOWN and
     * CHANGE_REBOOT when the guest has been asked. What the state does not allow: ERR_INVALID_STATE. */
    int (*vm_change)(void *self, const struct backend_call *call, const struct guid *vm,
                     enum vm_change change, struct error *err);
    /* Optional. Presses and releases keys of a running machine, in this order. */
    int (*vm_keys)(void *self, const struct guid *vm, const struct key_event *events, size_t count,
                   struct error *err);
    /* Optional. What the first screen of a running machine shows. */
    int (*vm_picture)(void *self, const struct guid *vm, struct picture *out, struct error *err);
    /* Optional, both or none. All changes are made, or those that were are told by the error. */
    int (*vm_settings)(void *self, const struct guid *vm, struct vm_settings *out,
                       struct error *err);
    int (*vm_edit)(void *self, const struct guid *vm, const struct vm_edit *edit,
                   struct error *err);
    /* Optional. Gives a snapshot another name or other notes, whole or not at all: after a crash it has the
     * old ones or the new ones. */
    int (*snapshot_edit)(void *self, const struct snapshot_edit *edit, struct error *err);
    /* Optional. Whether the hypervisor is at work on the machine's state, as on a save whose caller died. */
    int (*vm_working)(void *self, const struct guid *vm, bool *out, struct error *err);
    /* Optional. Once, before the first action: from here on debts are noted, and those that were left are seen to.
     * NULL: nobody takes notes any more. */
    void (*owes)(void *self, const struct backend_debts *debts);
    /* Optional. vm_get(), vm_capabilities() and the policy of vm_settings() at once, where that costs less. On error
     * nothing is left to clear. */
    int (*vm_prospect)(void *self, const struct guid *vm, struct vm_prospect *out, struct error *err);
};

/* NULL-terminated; defined in backends/registry.c. */
extern const struct backend_ops *const backend_registry[];

struct backend; /* an open backend */

int backend_open(struct backend **out, const char *module, const char *uri, struct error *err);
/* The same for a table that is in no registry (tests). */
int backend_open_ops(struct backend **out, const struct backend_ops *ops, const char *uri,
                     struct error *err);
void backend_close(struct backend *backend);
const char *backend_name(const struct backend *backend);
int backend_ping(struct backend *backend, struct error *err);
int backend_vm_list(struct backend *backend, struct vm_list *out, struct error *err);
/* part NULL: all, in the backend's own order. */
int backend_vm_part(struct backend *backend, const struct list_part *part, struct vm_list *out,
                    struct error *err);
int backend_vm_get(struct backend *backend, const struct guid *vm, struct vm *out,
                   struct error *err);
int backend_vm_capabilities(struct backend *backend, const struct guid *vm,
                            struct vm_capabilities *out, struct error *err);
/* To be cleared by vm_clear(&out->vm). Without the operation: by the three that it stands for. */
int backend_vm_prospect(struct backend *backend, const struct guid *vm, struct vm_prospect *out,
                        struct error *err);
int backend_snapshot_list(struct backend *backend, const struct guid *vm,
                          struct snapshot_list *out, struct error *err);
int backend_snapshot_part(struct backend *backend, const struct guid *vm,
                          const struct list_part *part, struct snapshot_list *out, struct error *err);
int backend_host(struct backend *backend, struct host *out, struct error *err);
/* Without the operation: none. */
int backend_network_list(struct backend *backend, struct network_list *out, struct error *err);
int backend_hardware(struct backend *backend, const struct guid *vm, const struct guid *snapshot,
                     struct hardware *out, struct error *err);
int backend_snapshot_create(struct backend *backend, const struct backend_call *call,
                            const struct snapshot_spec *spec, struct error *err);
int backend_snapshot_recover(struct backend *backend, const struct recovery_order *order,
                             enum recovery *out, struct error *err);
int backend_snapshot_apply(struct backend *backend, const struct backend_call *call,
                           const struct snapshot_change *change, struct error *err);
int backend_snapshot_destroy(struct backend *backend, const struct backend_call *call,
                             const struct snapshot_change *change, struct error *err);
int backend_vm_change(struct backend *backend, const struct backend_call *call,
                      const struct guid *vm, enum vm_change change, struct error *err);
int backend_vm_keys(struct backend *backend, const struct guid *vm, const struct key_event *events,
                    size_t count, struct error *err);
int backend_vm_picture(struct backend *backend, const struct guid *vm, struct picture *out,
                       struct error *err);
/* Without the operation: no notes, POLICY_STANDARD. */
int backend_vm_settings(struct backend *backend, const struct guid *vm, struct vm_settings *out,
                        struct error *err);
int backend_vm_edit(struct backend *backend, const struct guid *vm, const struct vm_edit *edit,
                    struct error *err);
int backend_snapshot_edit(struct backend *backend, const struct snapshot_edit *edit,
                          struct error *err);
void backend_owes(struct backend *backend, const struct backend_debts *debts);
/* Without the operation: never. */
int backend_vm_working(struct backend *backend, const struct guid *vm, bool *out, struct error *err);

int backend_vm_check(struct backend *backend, const struct guid *vm, bool mend,
                     const struct backend_finding *tell, struct error *err);

#endif
