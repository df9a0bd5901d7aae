/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/context.h"

#include "base/clock.h"
#include "base/put.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { OCTETS_EACH = 256 * 1024 /* of a context, on the average */ };

struct quota {
    size_t count, octets;
};

struct context_table {
    pthread_mutex_t lock; /* guards everything below; no other lock is taken under it */
    struct context *first;
    struct quota used, most, most_each; /* in all; of one user, so that nobody keeps others out */
    int64_t life_ms;
};

struct context_table *context_table_new(size_t most, long seconds)
{
    struct context_table *table = calloc(1, sizeof(*table));

    if (!table)
        return NULL;
    pthread_mutex_init(&table->lock, NULL);
    table->most = (struct quota){ most, most * OCTETS_EACH };
    most = most > 4 ? most / 4 : most;
    table->most_each = (struct quota){ most, most * OCTETS_EACH };
    table->life_ms = (int64_t)seconds * 1000;
    return table;
}

static void context_free(struct context *context)
{
    arena_free(&context->arena);
    strbuf_free(&context->page);
    free(context->ends);
    free(context);
}

void context_table_free(struct context_table *table)
{
    if (!table)
        return;
    while (table->first) {
        struct context *next = table->first->next;
        context_free(table->first);
        table->first = next;
    }
    pthread_mutex_destroy(&table->lock);
    free(table);
}

struct context *context_new(const struct principal *who)
{
    struct context *context = calloc(1, sizeof(*context));

    if (!context)
        return NULL;
    put_text(context->owner, sizeof(context->owner), who->name);
    context->busy = true;
    return context;
}

int64_t context_extend(const struct context_table *table, struct context *context,
                       int64_t asked_ms)
{
    int64_t given = asked_ms && asked_ms < table->life_ms ? asked_ms : table->life_ms;

    context->expires_ms = clock_mono_ms() + given;
    context->timed = asked_ms != 0;
    return given;
}

/* The functions below, up to context_put(), are called with the lock held. */

static void unlink_at(struct context_table *table, struct context **at)
{
    struct context *context = *at;

    *at = context->next;
    table->used.count--;
    table->used.octets -= context->octets;
    context->kept = false;
}

/* Takes out what has expired, for the caller to free without the lock. */
static struct context *unlink_expired(struct context_table *table)
{
    int64_t now = clock_mono_ms();
    struct context *dead = NULL;

    for (struct context **at = &table->first; *at;) {
        struct context *context = *at;
        if (context->busy || context->expires_ms > now) {
            at = &context->next;
            continue;
        }
        unlink_at(table, at);
        context->next = dead;
        dead = context;
    }
    return dead;
}

static struct quota owned(const struct context_table *table, const char *owner)
{
    struct quota sum = { 0, 0 };

    for (const struct context *c = table->first; c; c = c->next) {
        if (strcmp(c->owner, owner) != 0)
            continue;
        sum.count++;
        sum.octets += c->octets;
    }
    return sum;
}

static bool over(struct quota used, struct quota more, struct quota most)
{
    return used.count + more.count > most.count || used.octets + more.octets > most.octets;
}

/* Counts the context in as it is now; false when it does not fit. */
static bool account(struct context_table *table, struct context *context)
{
    size_t octets = sizeof(*context) + context->arena.used + context->page.cap +
                    context->room * sizeof(*context->ends);
    struct quota more = { context->kept ? 0 : 1, octets > context->octets ? octets - context->octets : 0 };

    if (over(table->used, more, table->most) ||
        over(owned(table, context->owner), more, table->most_each))
        return false;
    table->used.count += more.count;
    table->used.octets += octets - context->octets;
    context->octets = octets;
    return true;
}

static void context_free_all(struct context *dead)
{
    while (dead) {
        struct context *next = dead->next;
        context_free(dead);
        dead = next;
    }
}

int context_put(struct context_table *table, struct context *context, char name[GUID_TEXT],
                struct error *err)
{
    struct context *dead;
    int rc = 0;

    if (!context->timed)
        context_extend(table, context, 0);
    pthread_mutex_lock(&table->lock);
    dead = unlink_expired(table);
    if (!account(table, context)) {
        rc = error_set(err, ERR_QUOTA, "Too many enumerations are open; finish or release some.");
    } else {
        context->id = guid_random();
        guid_format(&context->id, name);
        if (!context->kept) {
            context->next = table->first;
            table->first = context;
        }
        context->kept = true;
        context->busy = false;
    }
    pthread_mutex_unlock(&table->lock);
    context_free_all(dead);
    return rc;
}

void context_return(struct context_table *table, struct context *context)
{
    pthread_mutex_lock(&table->lock);
    context->busy = false;
    pthread_mutex_unlock(&table->lock);
}

void context_drop(struct context_table *table, struct context *context)
{
    if (context->kept) {
        pthread_mutex_lock(&table->lock);
        for (struct context **at = &table->first; *at; at = &(*at)->next) {
            if (*at == context) {
                unlink_at(table, at);
                break;
            }
        }
        pthread_mutex_unlock(&table->lock);
    }
    context_free(context);
}

struct context *context_take(struct context_table *table, const char *text,
                             const struct principal *who, struct error *err)
{
    struct context *found = NULL, *dead;
    struct guid id;

    if (!text || guid_parse(&id, strncasecmp(text, "uuid:", 5) == 0 ? text + 5 : text) != 0) {
        error_set(err, ERR_BAD_CONTEXT, NULL);
        return NULL;
    }
    pthread_mutex_lock(&table->lock);
    dead = unlink_expired(table);
    for (struct context *c = table->first; c && !found; c = c->next)
        if (!c->busy && guid_equal(&c->id, &id) && access_owns(who, c->owner))
            found = c;
    if (found)
        found->busy = true;
    pthread_mutex_unlock(&table->lock);
    context_free_all(dead);
    if (!found)
        error_set(err, ERR_BAD_CONTEXT, NULL);
    return found;
}
