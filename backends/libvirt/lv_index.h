/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where in an array things stand, by a name: what keeps a tree of thousands of snapshots from being gone through for
 * each of them.
 */
#ifndef CIMSNAPD_LV_INDEX_H
#define CIMSNAPD_LV_INDEX_H

#include <stdbool.h>
#include <stddef.h>

struct lv_index {
    struct lv_index_entry {
        const char *name; /* borrowed */
        size_t at;
    } * items; /* by name, then by place */
    size_t count;
};

/* Of count things; name_of tells the name of one of them, NULL for none. Zeroed on error. -1 without memory. */
int lv_index_make(struct lv_index *out, const void *things, size_t count,
                  const char *(*name_of)(const void *things, size_t at));
/* The first entry of that name; index->count for none. Those behind it that have it too follow. */
size_t lv_index_first(const struct lv_index *index, const char *name);
/* Whether the entry at `place` is there and has that name. */
bool lv_index_is(const struct lv_index *index, size_t place, const char *name);
void lv_index_clear(struct lv_index *index);

#endif
