/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Enumeration contexts: what an Enumerate asked for, how far it has been taken, and a page of items
 * made ready. Each belongs to the user who made it; its name is good for one Pull and a fresh one is given
 * with each answer, as Windows does. Bounded in number, in all and for each user, in time, and by the page in memory.
 */
#ifndef CIMSNAPD_WSMAN_CONTEXT_H
#define CIMSNAPD_WSMAN_CONTEXT_H

#include "cim/class.h"
#include "wsman/filter.h"
#include "wsman/request.h"

enum item_mode { ITEM_OBJECT, ITEM_EPR, ITEM_OBJECT_AND_EPR };

/* DSP0227: what becomes of instances of subclasses. */
enum polymorphism { POLY_INCLUDE, POLY_EXCLUDE, POLY_NONE };

struct context {
    struct context *next;
    struct guid id;
    char owner[128];
    int64_t expires_ms; /* monotonic */
    bool timed;         /* the client asked for it: not put off by a Pull */

    struct arena arena; /* what the members below point to */
    const char *ns, *class;
    enum uri_form form;
    enum item_mode mode;
    enum polymorphism polymorphism;
    const struct filter *filter; /* NULL: everything of the class */

    struct cim_cursor cursor;
    size_t total;       /* items made so far */
    bool done;          /* nothing comes after the page */
    struct strbuf page; /* encoded items */
    size_t *ends;       /* octets up to the end of each */
    size_t count, room, position;
};

struct context_table;

struct context_table *context_table_new(size_t most, long seconds);
void context_table_free(struct context_table *table);

struct context *context_new(const struct principal *who);
void context_free(struct context *context); /* NULL is legal */

/* Puts a context away under a new name, which is written to `name`; the table owns it then and may free it
 * at any time. ERR_QUOTA when the table is full (the caller still owns it). */
int context_put(struct context_table *table, struct context *context, char name[GUID_TEXT],
                struct error *err);
/* Takes it out again: the caller owns it. ERR_BAD_CONTEXT when the name is unknown, used up, expired or
 * another user's. `text` is the name with or without "uuid:". */
struct context *context_take(struct context_table *table, const char *text,
                             const struct principal *who, struct error *err);
/* Puts back what was just taken, under the name and with the time it had. */
void context_return(struct context_table *table, struct context *context);

/* Milliseconds the context is given from now on: what was asked for, at most what the service allows;
 * asked 0: that. */
int64_t context_extend(const struct context_table *table, struct context *context,
                       int64_t asked_ms);

#endif
