/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "core/job.h"

#include <stdlib.h>
#include <string.h>

static void test_copy(void)
{
    struct job job = { .id = guid_random(),
                       .state = JOB_EXCEPTION,
                       .percent = 7,
                       .owner = strdup("anna"),
                       .error_text = strdup("no") };
    struct job copy;

    CU_ASSERT_EQUAL_FATAL(job_copy(&copy, &job), 0);
    CU_ASSERT_TRUE(guid_equal(&copy.id, &job.id));
    CU_ASSERT_EQUAL(copy.percent, 7);
    CU_ASSERT_PTR_NOT_EQUAL(copy.owner, job.owner);
    CU_ASSERT_STRING_EQUAL(copy.owner, "anna");
    CU_ASSERT_PTR_NULL(copy.title);
    CU_ASSERT_STRING_EQUAL(copy.error_text, "no");
    job_clear(&job);
    CU_ASSERT_PTR_NULL(job.owner);
    job_clear(&copy);
    job_clear(&copy);
}

static void test_list(void)
{
    struct job_list list = { 0 };

    for (unsigned i = 0; i < 100; i++) {
        struct job job = { .percent = i, .owner = strdup("anna") };
        CU_ASSERT_EQUAL_FATAL(job_list_take(&list, &job), 0);
        CU_ASSERT_PTR_NULL(job.owner);
    }
    CU_ASSERT_EQUAL(list.count, 100);
    for (unsigned i = 0; i < 100; i++)
        CU_ASSERT_EQUAL(list.items[i].percent, i);
    job_list_clear(&list);
    CU_ASSERT_EQUAL(list.count, 0);
    job_list_clear(&list);
}

static void test_finished(void)
{
    static const struct {
        enum job_state state;
        bool finished;
    } rows[] = {
        { JOB_RUNNING, false }, { JOB_COMPLETED, true }, { JOB_TERMINATED, true },
        { JOB_KILLED, true },   { JOB_EXCEPTION, true },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct job job = { .state = rows[i].state };
        CU_ASSERT_EQUAL(job_finished(&job), rows[i].finished);
    }
}

UNIT_MAIN({ "a copy shares nothing", test_copy }, { "a list keeps order", test_list },
          { "which states are ends", test_finished })
