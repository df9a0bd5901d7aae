/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the suite and the other uses of the contract program share.
 */
#ifndef CIMSNAPD_TESTS_CONTRACT_H
#define CIMSNAPD_TESTS_CONTRACT_H

#include "core/backend.h"

/* The one under test, open. */
extern struct backend *contract_backend;

/* What one create is to suffer, and what it reported. */
struct contract_trace {
    unsigned percent; /* the last one */
    bool backwards;
    int journalled;
    int fail_at; /* the entry that cannot be written; 0 for none */
    int die_at;  /* the entry after which the process prints it and ends */
    bool cancel; /* an action that can end early is to */
};

/* backend_snapshot_create() with such a trace. Clears err first. */
int contract_create(struct contract_trace *trace, const struct snapshot_spec *spec,
                    struct error *err);
/* Tests of the suite, in parts.c. */
void contract_vm_parts(void);
void contract_snapshot_parts(void);
/* backend_snapshot_apply() and _destroy() with such a trace. */
typedef int contract_change_fn(struct backend *backend, const struct backend_call *call,
                               const struct snapshot_change *change, struct error *err);
int contract_change(contract_change_fn *act, struct contract_trace *trace,
                    const struct snapshot_change *change, struct error *err);
/* backend_vm_change() with one. */
int contract_power(struct contract_trace *trace, const struct guid *vm, enum vm_change change,
                   struct error *err);
/* The exit status. */
int contract_suite(void);
int contract_life(void); /* the part about what is done to snapshots that are there (life.c) */

/* What both parts look with. */
struct snapshot_spec contract_spec(const struct guid *vm, enum snapshot_kind kind);
/* The machine of that name; false when the backend has none, and the test is not for it. */
bool contract_find(const char *name, struct guid *id, enum vm_state *state);
struct snapshot_list contract_snapshots(const struct guid *vm);
const struct snapshot *contract_snapshot_of(const struct snapshot_list *list,
                                            const struct guid *id);
size_t contract_snapshot_count(const struct guid *vm);
enum vm_state contract_state(const struct guid *vm);
/* Makes it, and everything about the new snapshot is right. */
void contract_expect_created(const struct snapshot_spec *spec);

/* The same for what is done to machines, and for names and notes (machines.c). */
int contract_machines(void);

#endif
