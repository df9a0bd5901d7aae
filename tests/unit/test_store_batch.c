/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "core/store_own.h"
#include "fake.h"

#include <pthread.h>
#include <sched.h>

enum { WRITERS = 8 };

static unsigned commits;
static int refuse; /* the commit fails */

static int on_commit(void *opaque)
{
    (void)opaque;
    commits++;
    return refuse;
}

static struct store *open_store(const char *path)
{
    struct store *store = NULL;

    CU_ASSERT_EQUAL_FATAL(store_open(&store, path, NULL), 0);
    sqlite3_commit_hook(store->db, on_commit, NULL);
    commits = 0;
    refuse = 0;
    return store;
}

static struct job new_job(void)
{
    return (struct job){ .id = guid_random(), .kind = JOB_SNAPSHOT_CREATE, .state = JOB_RUNNING };
}

static size_t jobs_of(struct store *store)
{
    struct job_list list;
    size_t count;

    CU_ASSERT_EQUAL_FATAL(store_job_list(store, &list, NULL), 0);
    count = list.count;
    job_list_clear(&list);
    return count;
}

/* After a close, so that what was not committed is not there. */
static size_t jobs_on_disk(struct store *store, const char *path)
{
    size_t count;

    store_close(store);
    store = open_store(path);
    count = jobs_of(store);
    store_close(store);
    return count;
}

struct writer {
    struct store *store;
    pthread_t thread;
    struct job job;
    struct error err;
    int result;
};

static void *write_job(void *opaque)
{
    struct writer *writer = opaque;

    writer->result = store_job_put(writer->store, &writer->job, &writer->err);
    return NULL;
}

/* All of them come while the lock is held. */
static void write_together(struct store *store, struct writer *writers)
{
    sqlite3_stmt *held = store_read_begin(store, APPLIED_GET);

    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){ .store = store, .job = new_job() };
        CU_ASSERT_EQUAL_FATAL(pthread_create(&writers[i].thread, NULL, write_job, &writers[i]), 0);
    }
    while (atomic_load(&store->coming) < WRITERS)
        sched_yield();
    store_read_end(store, held);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
}

static void test_together(void)
{
    const char *path = fake_store_path();
    struct store *store = open_store(path);
    struct writer writers[WRITERS];

    write_together(store, writers);
    for (int i = 0; i < WRITERS; i++)
        CU_ASSERT_EQUAL(writers[i].result, 0);
    CU_ASSERT_EQUAL(commits, 1);
    CU_ASSERT_EQUAL(jobs_on_disk(store, path), WRITERS);
}

static void test_commit_fails(void)
{
    const char *path = fake_store_path();
    struct store *store = open_store(path);
    struct writer writers[WRITERS];
    struct job job = new_job();

    refuse = 1;
    write_together(store, writers);
    for (int i = 0; i < WRITERS; i++) {
        CU_ASSERT_EQUAL(writers[i].result, -1);
        CU_ASSERT_EQUAL(writers[i].err.code, ERR_INTERNAL);
        CU_ASSERT_NOT_EQUAL(writers[i].err.cause[0], '\0');
    }
    CU_ASSERT_EQUAL(commits, 1);
    refuse = 0;
    CU_ASSERT_EQUAL(jobs_of(store), 0);
    CU_ASSERT_EQUAL(store_job_put(store, &job, NULL), 0);
    CU_ASSERT_EQUAL(jobs_on_disk(store, path), 1);
}

/* One write that SQLite refuses takes no other with it. */
static void test_one_fails(void)
{
    const char *path = fake_store_path();
    struct store *store = open_store(path);
    const struct guid nobody = guid_random();
    struct job job = new_job();
    struct error err = { 0 };

    CU_ASSERT_EQUAL(store_job_note(store, &job, NULL), 0);
    CU_ASSERT_EQUAL(store_journal_put(store, &nobody, "{}", &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_INTERNAL);
    CU_ASSERT_EQUAL(jobs_on_disk(store, path), 1);
}

/* Of what SQLite cannot carry out it does not say what is left: nothing of that transaction is kept. */
static void test_one_breaks(void)
{
    const char *path = fake_store_path();
    struct store *store = open_store(path);
    struct job noted = new_job(), put = new_job();
    int most = sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, -1);

    CU_ASSERT_EQUAL(store_job_note(store, &noted, NULL), 0);
    sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, 100); /* a row is longer, no column is */
    CU_ASSERT_EQUAL(store_job_put(store, &put, NULL), -1);
    sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, most);
    CU_ASSERT_EQUAL(commits, 0);
    CU_ASSERT_EQUAL(jobs_of(store), 0);
    CU_ASSERT_EQUAL(store_job_put(store, &put, NULL), 0);
    CU_ASSERT_EQUAL(jobs_on_disk(store, path), 1);
}

static void test_note(void)
{
    const char *path = fake_store_path();
    struct store *store = open_store(path);
    struct job noted = new_job(), put = new_job();
    char *state = NULL;

    CU_ASSERT_EQUAL(store_job_note(store, &noted, NULL), 0);
    CU_ASSERT_EQUAL(commits, 0);
    CU_ASSERT_EQUAL(store_job_put(store, &put, NULL), 0);
    CU_ASSERT_EQUAL(commits, 1);
    CU_ASSERT_EQUAL(store_job_note(store, &noted, NULL), 0);
    CU_ASSERT_EQUAL(store_journal_note(store, &put.id, "{}", NULL), 0);
    CU_ASSERT_EQUAL(commits, 1);
    CU_ASSERT_EQUAL(store_journal_get(store, &put.id, &state, NULL), 0);
    CU_ASSERT_STRING_EQUAL(state, "{}");
    free(state);
    CU_ASSERT_EQUAL(jobs_on_disk(store, path), 2);
}

UNIT_MAIN({ "writes that come together are committed together", test_together },
          { "none of them is told to be written when the commit fails", test_commit_fails },
          { "one that is refused takes no other with it", test_one_fails },
          { "one that breaks is followed by none of its transaction", test_one_breaks },
          { "a note gets to the disk with the next write, or at the end", test_note })
