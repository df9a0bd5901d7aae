/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the service knows of machines and snapshots. Plain data; strings are owned by the struct and
 * freed by its _clear(). Times are microseconds since 1970 UTC, 0 when unknown.
 */
#ifndef CIMSNAPD_CORE_MODEL_H
#define CIMSNAPD_CORE_MODEL_H

#include "base/guid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vm_state {
    VM_UNKNOWN,
    VM_RUNNING,
    VM_PAUSED,
    VM_OFF,
    VM_SAVED, /* off, with a managed save image: its memory waits on disk */
    VM_STOPPING,
    VM_CRASHED,
};

struct vm {
    struct guid id;
    char *name;  /* the hypervisor's unique name */
    char *title; /* what people see: the title, else the name; never NULL */
    enum vm_state state;
    bool persistent;
    uint32_t pid; /* of the emulator, 0 when off or unknown */
    unsigned vcpus;
    uint64_t memory_kib;
    int64_t started_us;
};

/* Which things of a list, which is then in the order of their ids: so a long one can be had in parts, and goes on
 * where it stood whatever comes or goes meanwhile. Zeroed: all. */
struct list_part {
    const struct guid *only;  /* this one, if it is there */
    const struct guid *after; /* those with a greater id */
    size_t most;              /* so many of them, the first ones; 0: all */
    bool current;             /* of snapshots: the current one, if there is one */
};

struct vm_list {
    struct vm *items;
    size_t count;
};

/* Values are kept in descriptions and in the store: never renumber. */
enum snapshot_kind {
    SNAPSHOT_FULL = 2,     /* memory and disks; of a machine that is off: disks */
    SNAPSHOT_DISK = 3,     /* disks only */
    SNAPSHOT_RECOVERY = 4, /* disks only, marked Recovery: for backup programs */
};

struct snapshot {
    struct guid id;
    struct guid vm;
    char *name;  /* ElementName; never NULL */
    char *notes; /* NULL for none */
    enum snapshot_kind kind;
    bool has_memory;
    bool current; /* the newest node of the branch the machine runs on */
    bool applied; /* the last one that this service applied to its machine; told by core */
    bool has_parent;
    struct guid parent; /* valid if has_parent */
    int64_t created_us;
};

struct snapshot_list {
    struct snapshot *items;
    size_t count;
};

/* What can be done to a machine; each is a kind of job. Values are kept in the store: never renumber. What else
 * there is to know of each is in job.c. */
enum job_kind {
    JOB_SNAPSHOT_CREATE = 1,
    JOB_SNAPSHOT_APPLY = 2,
    JOB_SNAPSHOT_DESTROY = 3,
    JOB_SNAPSHOT_DESTROY_TREE = 4, /* the snapshot and all that derive from it */
};

enum consistency {
    CONSISTENCY_ANY = 0,         /* quiesce if the guest agent answers, else crash consistent */
    CONSISTENCY_APPLICATION = 1, /* the guest agent must freeze the file systems */
    CONSISTENCY_CRASH = 2,
};

void vm_clear(struct vm *vm);
void vm_list_clear(struct vm_list *list);
/* Appends *vm and takes its strings; -1 without memory (then the caller still owns them). */
int vm_list_take(struct vm_list *list, struct vm *vm);
void snapshot_clear(struct snapshot *snapshot);
void snapshot_list_clear(struct snapshot_list *list);
int snapshot_list_take(struct snapshot_list *list, struct snapshot *snapshot);
/* Leaves of a whole list what the part says. */
void vm_list_cut(struct vm_list *list, const struct list_part *part);
void snapshot_list_cut(struct snapshot_list *list, const struct list_part *part);

/* Room for one more item: the array doubles whenever count is a power of two, so that no capacity
 * needs keeping. NULL without memory; items is valid all the same. */
void *model_grow(void *items, size_t count, size_t size);

#endif
