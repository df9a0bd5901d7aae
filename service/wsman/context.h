/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Enumeration contexts: what an Enumerate asked for, how far it has been taken, and a page of items
 * made ready. Each belongs to the user who made it; its name is good for one Pull and a fresh one is given
 * with each answer, as Windows does. Bounded in number and octets, in all and for each user, and in time.
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
    bool kept, busy; /* in the table; in use by one request, and not to be had for another */
    size_t octets;   /* that it takes, since it was put away */
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

/* One that is in use by the caller, until context_put() or context_drop(). */
struct context *context_new(const struct principal *who);

/* Puts a context away under a new name, which is written to `name`; the table may free it from then on.
 * ERR_QUOTA when there is no room for a new one, or for what this one has grown to (it stays in use). */
int context_put(struct context_table *table, struct context *context, char name[GUID_TEXT],
                struct error *err);
/* Takes it into use again; its place is kept. ERR_BAD_CONTEXT when the name is unknown, used up, expired,
 * in use or another user's. `text` is the name with or without "uuid:". */
struct context *context_take(struct context_table *table, const char *text,
                             const struct principal *who, struct error *err);
/* Ends the use of what was just taken; it has the name and the time it had. */
void context_return(struct context_table *table, struct context *context);
/* Frees one that is in use. */
void context_drop(struct context_table *table, struct context *context);

/* Milliseconds the context is given from now on: what was asked for, at most what the service allows;
 * asked 0: that. */
int64_t context_extend(const struct context_table *table, struct context *context,
                       int64_t asked_ms);

#endif
