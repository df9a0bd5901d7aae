/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The host and its networks. Plain data, as in model.h.
 */
#ifndef CIMSNAPD_CORE_HOST_H
#define CIMSNAPD_CORE_HOST_H

#include "base/guid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host {
    struct guid id; /* null when unknown */
    char *arch;     /* as x86_64 */
    char *cpu;      /* model of its processors */
    unsigned mhz, processors; /* logical ones, in all */
    unsigned sockets, cores, threads; /* sockets in all, cores of each, threads of each core */
    uint64_t memory_kib, free_kib;
};

struct network {
    struct guid id;
    char *name;
    bool active;
};

struct network_list {
    struct network *items;
    size_t count;
};

void host_clear(struct host *host);
void network_list_clear(struct network_list *list);
/* Appends *network and takes its strings; -1 without memory (then the caller still owns them). */
int network_list_take(struct network_list *list, struct network *network);

#endif
