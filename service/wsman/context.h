/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Enumeration contexts: what an Enumerate found and has not yet been pulled. Each belongs to the user
 * who made it; its name is good for one Pull and a fresh one is given with each answer, as Windows
 * does. Bounded in number, in all and for each user, and in time.
 */
#ifndef CIMSNAPD_WSMAN_CONTEXT_H
#define CIMSNAPD_WSMAN_CONTEXT_H

#include "cim/class.h"
#include "wsman/request.h"

enum item_mode { ITEM_OBJECT, ITEM_EPR, ITEM_OBJECT_AND_EPR };

struct context {
    struct context *next;
    struct guid id;
    char owner[128];
    struct arena arena; /* instances live here */
    struct cim_instance *instances;
    size_t count, room, position;
    enum item_mode mode;
    enum uri_form form;
    const char *const *columns; /* of a SELECT list; column_count 0: whole instances */
    size_t column_count;
    int64_t expires_ms; /* monotonic */
};

struct context_table;

struct context_table *context_table_new(size_t most, long seconds);
void context_table_free(struct context_table *table);

struct context *context_new(const struct principal *who);
void context_free(struct context *context);

/* Puts a context away under a new name, which is written to `name`; the table owns it then and may free it
 * at any time. ERR_QUOTA when the table is full (the caller still owns it). */
int context_put(struct context_table *table, struct context *context, char name[GUID_TEXT],
                struct error *err);
/* Takes it out again: the caller owns it. ERR_BAD_CONTEXT when the name is unknown, used up, expired or
 * another user's. `text` is the name with or without "uuid:". */
struct context *context_take(struct context_table *table, const char *text,
                             const struct principal *who, struct error *err);

#endif
