/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/jobtable.h"

#include <stdlib.h>
#include <string.h>

/* GUIDs of jobs and snapshots are random: any piece of one is a hash. */
static size_t jobtable_slot(const struct job_table *table, const struct guid *guid)
{
    uint64_t hash;

    memcpy(&hash, guid->bytes, sizeof(hash));
    return (size_t)hash & table->mask;
}

int jobtable_init(struct job_table *table, size_t capacity)
{
    size_t buckets = 64;

    while (buckets < capacity)
        buckets *= 2;
    table->mask = buckets - 1;
    table->finished_count = 0;
    TAILQ_INIT(&table->finished);
    /* All octets zero is an empty LIST_HEAD. */
    table->by_id = calloc(buckets, sizeof(*table->by_id));
    table->by_snapshot = calloc(buckets, sizeof(*table->by_snapshot));
    if (table->by_id && table->by_snapshot)
        return 0;
    jobtable_clear(table);
    return -1;
}

void jobtable_clear(struct job_table *table)
{
    jobtable_prune(table, 0);
    free(table->by_id);
    free(table->by_snapshot);
    table->by_id = table->by_snapshot = NULL;
}

void jobtable_add(struct job_table *table, struct job_entry *entry)
{
    pthread_cond_init(&entry->ended, NULL);
    LIST_INSERT_HEAD(&table->by_id[jobtable_slot(table, &entry->job.id)], entry, by_id);
    if (job_kind_row(entry->job.kind)->promises)
        LIST_INSERT_HEAD(&table->by_snapshot[jobtable_slot(table, &entry->job.snapshot)], entry,
                         by_snapshot);
}

void jobtable_finish(struct job_table *table, struct job_entry *entry)
{
    TAILQ_INSERT_TAIL(&table->finished, entry, order);
    table->finished_count++;
}

void jobtable_drop(struct job_entry *entry)
{
    LIST_REMOVE(entry, by_id);
    if (job_kind_row(entry->job.kind)->promises)
        LIST_REMOVE(entry, by_snapshot);
    job_clear(&entry->job);
    pthread_cond_destroy(&entry->ended);
    free(entry);
}

size_t jobtable_prune(struct job_table *table, size_t keep)
{
    struct job_entry *entry = TAILQ_FIRST(&table->finished);
    size_t gone = 0;

    while (entry && table->finished_count > keep) {
        struct job_entry *next = TAILQ_NEXT(entry, order);
        if (entry->waiters == 0) {
            TAILQ_REMOVE(&table->finished, entry, order);
            table->finished_count--;
            jobtable_drop(entry);
            gone++;
        }
        entry = next;
    }
    return gone;
}

bool jobtable_forget(struct job_table *table, struct job_entry *entry)
{
    if (entry->waiters)
        return false;
    TAILQ_REMOVE(&table->finished, entry, order);
    table->finished_count--;
    jobtable_drop(entry);
    return true;
}

struct job_entry *jobtable_find(const struct job_table *table, const struct guid *id)
{
    struct job_entry *entry;

    LIST_FOREACH(entry, &table->by_id[jobtable_slot(table, id)], by_id)
    if (guid_equal(&entry->job.id, id))
        return entry;
    return NULL;
}

struct job_entry *jobtable_find_snapshot(const struct job_table *table, const struct guid *snapshot)
{
    struct job_entry *entry;

    LIST_FOREACH(entry, &table->by_snapshot[jobtable_slot(table, snapshot)], by_snapshot)
    if (guid_equal(&entry->job.snapshot, snapshot))
        return entry;
    return NULL;
}
