/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A list of names, as libvirt's of snapshots or those of the tags in images.
 */
#ifndef CIMSNAPD_LV_NAMES_H
#define CIMSNAPD_LV_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct lv_names {
    char **items;
    size_t count;
};

/* Appends a copy; -1 without memory. */
int lv_names_add(struct lv_names *names, const char *name);
/* Into the order of strcmp(), each once. */
void lv_names_sort(struct lv_names *names);
/* Of a list that was sorted. */
bool lv_names_has(const struct lv_names *names, const char *name);
void lv_names_clear(struct lv_names *names);

#endif
