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

/* What can be done to a machine; each is a kind of job. Values are kept in the store: never renumber. What else
 * there is to know of each is in job.c. */
enum job_kind {
    JOB_SNAPSHOT_CREATE = 1,
    JOB_SNAPSHOT_APPLY = 2,
    JOB_SNAPSHOT_DESTROY = 3,
    JOB_SNAPSHOT_DESTROY_TREE = 4, /* the snapshot and all that derive from it */
    JOB_SNAPSHOT_EDIT = 5,
    JOB_VM_EDIT = 6,
    JOB_VM_CHANGE = 32, /* and behind it one for each enum vm_change */
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
    /* Filled in by core. */
    enum job_kind doing;      /* the job that is under way, 0 for none */
    enum job_kind asked; /* the last change of its state that was asked for here, 0 for none */
};

/* Which things of a list, which is then in the order of their ids: so a long one can be had in parts, and goes on
 * where it stood whatever comes or goes meanwhile. Zeroed: all. */
struct list_part {
    const struct guid *only;  /* this one, if it is there */
    const struct guid *after; /* those with a greater id */
    size_t most;              /* so many of them, the first ones; 0: all */
    const char *title;        /* those with this title, or snapshots with this name, by strcasecmp(); NULL: any */
    bool current;             /* of snapshots: the current one, if there is one */
};

/* What can be asked of a machine. Values are part of a kind of job: never renumber. */
enum vm_change {
    CHANGE_START, /* from off, or from its saved memory */
    CHANGE_RESUME,
    CHANGE_PAUSE,
    CHANGE_SAVE,   /* to VM_SAVED */
    CHANGE_FORGET, /* drops the saved memory: off */
    CHANGE_OFF,    /* as if the power went */
    CHANGE_SHUTDOWN, /* asks the guest, by its agent or the power button */
    CHANGE_REBOOT,   /* the same */
    CHANGE_RESET,    /* as if the reset button was pressed */
    CHANGES
};

/* Whether a machine in this state can be asked for it. */
bool vm_change_allowed(enum vm_state state, enum vm_change change);

/* What a plain snapshot of a machine is to be. Values are Msvm's UserSnapshotType, and are kept. */
enum snapshot_policy {
    POLICY_DISABLED = 2,
    POLICY_PRODUCTION_FIRST = 3, /* disks that the guest has made consistent, else POLICY_STANDARD */
    POLICY_PRODUCTION = 4,       /* that, or none */
    POLICY_STANDARD = 5,         /* with memory */
};

/* What users have said of a machine. */
struct vm_settings {
    char *notes; /* NULL for none */
    enum snapshot_policy policy;
    bool autostart; /* with the host */
};

/* Which of them, and the title, a change is about. */
enum { SETTING_TITLE = 1, SETTING_NOTES = 2, SETTING_POLICY = 4, SETTING_AUTOSTART = 8 };

/* A key going down or up: PC scan code set 1, the extended ones with 0x80. */
struct key_event {
    uint8_t code;
    bool down;
};

/* What a screen shows: rows from the top, three octets (red, green, blue) a point. */
struct picture {
    unsigned width, height;
    uint8_t *points; /* owned */
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
    char *left_out; /* the machine's disks that it does not cover, as "vdb vdc"; NULL for none */
    enum snapshot_kind kind;
    bool has_memory;
    bool current; /* the newest node of the branch the machine runs on */
    bool has_parent;
    struct guid parent; /* valid if has_parent */
    int64_t created_us;
};

struct snapshot_list {
    struct snapshot *items;
    size_t count;
};

enum consistency {
    CONSISTENCY_ANY = 0,         /* quiesce if the guest agent answers, else crash consistent */
    CONSISTENCY_APPLICATION = 1, /* the guest agent must freeze the file systems */
    CONSISTENCY_CRASH = 2,
};

void vm_clear(struct vm *vm);
void vm_settings_clear(struct vm_settings *settings);
void picture_clear(struct picture *picture);
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
