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
};

/* backend_snapshot_create() with such a trace. Clears err first. */
int contract_create(struct contract_trace *trace, const struct snapshot_spec *spec,
                    struct error *err);
/* Tests of the suite, in parts.c. */
void contract_vm_parts(void);
void contract_snapshot_parts(void);
/* The exit status. */
int contract_suite(void);

#endif
