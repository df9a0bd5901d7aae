/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every operation of a backend on its machine "run", each from a state of its own.
 */
#ifndef CIMSNAPD_TESTS_STEPS_H
#define CIMSNAPD_TESTS_STEPS_H

#include "core/backend.h"

struct world {
    struct backend *backend;
    const char *module, *uri;
    struct guid vm, base, victim; /* base: a snapshot that stays */
    struct error err;             /* of the step */
    char *state;                  /* last journalled by it */
};

struct step {
    const char *name;
    int (*before)(void); /* brings the machine to where the step begins */
    int (*act)(struct error *err);
    bool makes; /* the snapshot world.victim */
};

extern struct world world;
extern const struct step world_steps[]; /* until one without a name */

/* 0, or -1 when that is told on standard error. */
int world_open(const char *module, const char *uri);

#endif
