/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/context.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct context_table {
    pthread_mutex_t lock; /* guards everything below; no other lock is taken under it */
    struct context *first;
    size_t count, most, most_each; /* in all; of one user, so that nobody keeps others out */
    int64_t life_ms;
};

struct context_table *context_table_new(size_t most, long seconds)
{
    struct context_table *table = calloc(1, sizeof(*table));

    if (!table)
        return NULL;
    pthread_mutex_init(&table->lock, NULL);
    table->most = most;
    table->most_each = most > 4 ? most / 4 : most;
    table->life_ms = (int64_t)seconds * 1000;
    return table;
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

    if (context)
        snprintf(context->owner, sizeof(context->owner), "%s", who->name);
    return context;
}

void context_free(struct context *context)
{
    if (!context)
        return;
    arena_free(&context->arena);
    strbuf_free(&context->page);
    free(context->ends);
    free(context);
}

int64_t context_extend(const struct context_table *table, struct context *context,
                       int64_t asked_ms)
{
    int64_t given = asked_ms && asked_ms < table->life_ms ? asked_ms : table->life_ms;

    context->expires_ms = clock_mono_ms() + given;
    context->timed = asked_ms != 0;
    return given;
}

/* Called with the lock held. Returns what has expired, for the caller to free without the lock. */
static struct context *context_expired(struct context_table *table)
{
    int64_t now = clock_mono_ms();
    struct context *dead = NULL;

    for (struct context **at = &table->first; *at;) {
        struct context *context = *at;
        if (context->expires_ms > now) {
            at = &context->next;
            continue;
        }
        *at = context->next;
        context->next = dead;
        dead = context;
        table->count--;
    }
    return dead;
}

static void context_free_all(struct context *dead)
{
    while (dead) {
        struct context *next = dead->next;
        context_free(dead);
        dead = next;
    }
}

/* Called with the lock held. */
static size_t context_owned(const struct context_table *table, const char *owner)
{
    size_t count = 0;

    for (const struct context *c = table->first; c; c = c->next)
        count += strcmp(c->owner, owner) == 0;
    return count;
}

int context_put(struct context_table *table, struct context *context, char name[GUID_TEXT],
                struct error *err)
{
    struct context *dead;
    int rc = 0;

    context->id = guid_random();
    guid_format(&context->id, name);
    if (!context->timed)
        context_extend(table, context, 0);
    pthread_mutex_lock(&table->lock);
    dead = context_expired(table);
    if (table->count < table->most && context_owned(table, context->owner) < table->most_each) {
        context->next = table->first;
        table->first = context;
        table->count++;
    } else {
        rc = error_set(err, ERR_QUOTA, "Too many enumerations are open; finish or release some.");
    }
    pthread_mutex_unlock(&table->lock);
    context_free_all(dead);
    return rc;
}

void context_return(struct context_table *table, struct context *context)
{
    pthread_mutex_lock(&table->lock);
    context->next = table->first;
    table->first = context;
    table->count++;
    pthread_mutex_unlock(&table->lock);
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
    dead = context_expired(table);
    for (struct context **at = &table->first; *at; at = &(*at)->next) {
        if (!guid_equal(&(*at)->id, &id) || !access_owns(who, (*at)->owner))
            continue;
        found = *at;
        *at = found->next;
        table->count--;
        break;
    }
    pthread_mutex_unlock(&table->lock);
    context_free_all(dead);
    if (!found)
        error_set(err, ERR_BAD_CONTEXT, NULL);
    return found;
}
