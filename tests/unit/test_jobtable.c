/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "core/jobtable.h"

#include <stdlib.h>

enum { ENTRIES = 300 }; /* more than there are buckets */

static struct job_table table;
static struct job_entry *entries[ENTRIES];

static void fill(void)
{
    CU_ASSERT_EQUAL_FATAL(jobtable_init(&table, 1), 0);
    for (size_t i = 0; i < ENTRIES; i++) {
        entries[i] = calloc(1, sizeof(*entries[i]));
        CU_ASSERT_PTR_NOT_NULL_FATAL(entries[i]);
        entries[i]->job.id = guid_random();
        entries[i]->job.snapshot = guid_random();
        entries[i]->job.kind = JOB_SNAPSHOT_CREATE;
        jobtable_add(&table, entries[i]);
    }
}

static void test_find(void)
{
    struct guid none = guid_random();

    fill();
    for (size_t i = 0; i < ENTRIES; i++) {
        CU_ASSERT_PTR_EQUAL(jobtable_find(&table, &entries[i]->job.id), entries[i]);
        CU_ASSERT_PTR_EQUAL(jobtable_find_snapshot(&table, &entries[i]->job.snapshot), entries[i]);
    }
    CU_ASSERT_PTR_NULL(jobtable_find(&table, &none));
    CU_ASSERT_PTR_NULL(jobtable_find(&table, &entries[0]->job.snapshot));
    for (size_t i = 0; i < ENTRIES; i++)
        jobtable_finish(&table, entries[i]);
    jobtable_clear(&table);
}

static void test_prune(void)
{
    struct guid first, second, third;

    fill();
    first = entries[0]->job.id;
    second = entries[1]->job.id;
    third = entries[2]->job.id;
    for (size_t i = 0; i < ENTRIES; i++)
        jobtable_finish(&table, entries[i]);
    entries[0]->waiters = 1;
    CU_ASSERT_EQUAL(jobtable_prune(&table, ENTRIES), 0);
    CU_ASSERT_EQUAL(jobtable_prune(&table, ENTRIES - 1), 1);
    CU_ASSERT_PTR_NOT_NULL(jobtable_find(&table, &first)); /* somebody waits for it */
    CU_ASSERT_PTR_NULL(jobtable_find(&table, &second));
    CU_ASSERT_PTR_NOT_NULL(jobtable_find(&table, &third));
    CU_ASSERT_EQUAL(jobtable_prune(&table, 0), ENTRIES - 2);
    CU_ASSERT_EQUAL(table.finished_count, 1);
    entries[0]->waiters = 0;
    jobtable_clear(&table);
}

UNIT_MAIN({ "finding by either GUID", test_find }, { "pruning", test_prune })
