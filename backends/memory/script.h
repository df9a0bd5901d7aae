/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The script of the memory backend, read from its URI; the grammar is in memory.h.
 */
#ifndef CIMSNAPD_MEMORY_SCRIPT_H
#define CIMSNAPD_MEMORY_SCRIPT_H

#include "base/error.h"
#include "core/backend.h"
#include "core/model.h"
#include "memory/order.h"

enum script_op {
    SCRIPT_NONE,
    SCRIPT_CREATE,
    SCRIPT_LIST,
    SCRIPT_CAPABILITIES,
    SCRIPT_PING,
    SCRIPT_APPLY,
    SCRIPT_DESTROY,
    SCRIPT_CHANGE,
    SCRIPT_EDIT,
    SCRIPT_SCREEN,
};

struct script_machine {
    struct vm vm;
    struct vm_capabilities capabilities;
    unsigned disks, cds, nics, serials; /* how many of each it has */
    struct vm_settings settings;
    bool deaf; /* the guest does not shut down when it is asked to */
    struct snapshot_list snapshots; /* parents before children; grows while the backend is open */
    struct order order, names;      /* of the snapshots, by id and by name: see lists.h */
};

struct script {
    struct script_machine *machines;
    size_t count;
    struct order order, names; /* of the machines, by id and by title */
    long delay_ms;
    long snapshots; /* that each machine begins with */
    enum script_op fail;
    enum error_code fail_code;
    long fail_after;
};

/* 0, or -1 with err and out cleared. */
int script_read(struct script *out, const char *uri, struct error *err);
void script_clear(struct script *script);

#endif
