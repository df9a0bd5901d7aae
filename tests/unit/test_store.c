/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "core/store.h"
#include "fake.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

static struct store *open_store(const char *path)
{
    struct store *store = NULL;
    struct error err = { 0 };

    if (store_open(&store, path, &err))
        printf("store_open: %s (%s)\n", err.message, err.cause);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    return store;
}

static void check_refused(const char *path, const char *words)
{
    struct store *store = NULL;
    struct error err = { 0 };

    CU_ASSERT_EQUAL_FATAL(store_open(&store, path, &err), -1);
    CU_ASSERT_PTR_NULL(store);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, words));
    CU_ASSERT_PTR_NULL(strstr(err.message, fake_dir));
}

static void sql(const char *path, const char *text)
{
    sqlite3 *db;

    CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &db), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static struct job full_job(void)
{
    return (struct job){ .id = guid_random(),
                         .kind = JOB_SNAPSHOT_CREATE,
                         .state = JOB_RUNNING,
                         .vm = guid_random(),
                         .snapshot = guid_random(),
                         .owner = (char *)"an'na",
                         .title = (char *)"Snapshot of \xC3\xA4",
                         .percent = 12,
                         .submitted_us = 1,
                         .started_us = 2,
                         .changed_us = 3 };
}

static void check_same(const struct job *a, const struct job *b)
{
    CU_ASSERT_TRUE(guid_equal(&a->id, &b->id));
    CU_ASSERT_EQUAL(a->kind, b->kind);
    CU_ASSERT_EQUAL(a->state, b->state);
    CU_ASSERT_TRUE(guid_equal(&a->vm, &b->vm));
    CU_ASSERT_TRUE(guid_equal(&a->snapshot, &b->snapshot));
    CU_ASSERT_STRING_EQUAL(a->owner, b->owner);
    CU_ASSERT_STRING_EQUAL(a->title, b->title);
    CU_ASSERT_EQUAL(a->percent, b->percent);
    CU_ASSERT_EQUAL(a->error, b->error);
    CU_ASSERT_EQUAL(!a->error_text, !b->error_text);
    if (a->error_text && b->error_text)
        CU_ASSERT_STRING_EQUAL(a->error_text, b->error_text);
    CU_ASSERT_EQUAL(a->submitted_us, b->submitted_us);
    CU_ASSERT_EQUAL(a->started_us, b->started_us);
    CU_ASSERT_EQUAL(a->changed_us, b->changed_us);
    CU_ASSERT_EQUAL(a->ended_us, b->ended_us);
}

static void test_job_survives(void)
{
    const char *path = fake_store_path();
    struct store *store = open_store(path);
    struct job job = full_job();
    struct job_list list;

    CU_ASSERT_EQUAL(store_job_put(store, &job, NULL), 0);
    job.state = JOB_EXCEPTION;
    job.error = ERR_NO_SPACE;
    job.error_text = (char *)"full";
    job.percent = 50;
    job.changed_us = job.ended_us = 4;
    CU_ASSERT_EQUAL(store_job_put(store, &job, NULL), 0);
    store_close(store);
    store = open_store(path);
    CU_ASSERT_EQUAL_FATAL(store_job_list(store, &list, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(list.count, 1);
    check_same(&list.items[0], &job);
    job_list_clear(&list);
    store_close(store);
}

static void test_order_and_prune(void)
{
    static const int64_t ended[] = { 50, 0, 30, 0, 40, 50 };
    static const unsigned listed[] = { 1, 3, 2, 4, 0, 5 }, kept[] = { 1, 3, 0, 5 };
    struct store *store = open_store(":memory:");
    struct job_list list;

    for (unsigned i = 0; i < 6; i++) {
        struct job job = full_job();
        job.percent = i;
        job.ended_us = ended[i];
        job.state = ended[i] ? JOB_COMPLETED : JOB_RUNNING;
        CU_ASSERT_EQUAL(store_job_put(store, &job, NULL), 0);
    }
    CU_ASSERT_EQUAL_FATAL(store_job_list(store, &list, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(list.count, 6);
    for (unsigned i = 0; i < 6; i++)
        CU_ASSERT_EQUAL(list.items[i].percent, listed[i]);
    job_list_clear(&list);
    CU_ASSERT_EQUAL(store_prune(store, 2, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(store_job_list(store, &list, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(list.count, 4);
    for (unsigned i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(list.items[i].percent, kept[i]);
    job_list_clear(&list);
    store_close(store);
}

static void check_journal(struct store *store, const struct guid *job, const char *state)
{
    char *found = NULL;

    CU_ASSERT_EQUAL(store_journal_get(store, job, &found, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(!found, !state);
    if (state)
        CU_ASSERT_STRING_EQUAL(found, state);
    free(found);
}

static void test_journal(void)
{
    struct store *store = open_store(":memory:");
    struct job job = full_job(), other = full_job();

    CU_ASSERT_EQUAL(store_journal_put(store, &job.id, "too early", NULL), -1);
    store_job_put(store, &job, NULL);
    store_job_put(store, &other, NULL);
    check_journal(store, &job.id, NULL);
    CU_ASSERT_EQUAL(store_journal_put(store, &job.id, "one", NULL), 0);
    CU_ASSERT_EQUAL(store_journal_put(store, &other.id, "other", NULL), 0);
    CU_ASSERT_EQUAL(store_journal_put(store, &job.id, "two", NULL), 0);
    store_job_put(store, &job, NULL); /* still running */
    check_journal(store, &job.id, "two");
    job.state = JOB_COMPLETED;
    job.ended_us = 9;
    store_job_put(store, &job, NULL);
    check_journal(store, &job.id, NULL);
    check_journal(store, &other.id, "other");
    store_close(store);
}

static void test_unknown_error_name(void)
{
    const char *path = fake_store_path();
    struct store *store = open_store(path);
    struct job job = full_job();
    struct job_list list;

    store_job_put(store, &job, NULL);
    store_close(store);
    sql(path, "UPDATE job SET error='OF_A_LATER_VERSION'");
    store = open_store(path);
    CU_ASSERT_EQUAL_FATAL(store_job_list(store, &list, NULL), 0);
    CU_ASSERT_EQUAL(list.items[0].error, ERR_FAILED);
    job_list_clear(&list);
    store_close(store);
}

static void test_file(void)
{
    const char *path = fake_store_path();
    struct stat st;
    mode_t before = umask(0);

    store_close(open_store(path));
    umask(before);
    CU_ASSERT_EQUAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
}

static void test_refusals(void)
{
    char missing[400], *path = fake_store_path();
    struct store *store;
    int fd;

    snprintf(missing, sizeof(missing), "%s/none/state.db", fake_dir);
    check_refused(missing, "cannot be opened");
    check_refused(fake_dir, "cannot be opened");

    store = open_store(path);
    check_refused(path, "Another process");
    store_close(store);

    sql(path, "PRAGMA user_version=1000");
    check_refused(path, "newer version");

    fd = open(path, O_WRONLY | O_TRUNC);
    CU_ASSERT_EQUAL_FATAL(write(fd, "this is no database, but long enough to look at....", 50), 50);
    CU_ASSERT_EQUAL(ftruncate(fd, 8192), 0);
    close(fd);
    check_refused(path, "damaged");
}

/* A file of the first version: what it holds is kept. */
static void test_migration(void)
{
    const char *path = fake_store_path();
    struct store *store = open_store(path);
    struct job job = full_job();
    struct guid applied;
    struct job_list list;

    store_job_put(store, &job, NULL);
    store_close(store);
    sql(path, "DROP TRIGGER job_applied; DROP TABLE applied; PRAGMA user_version=1;");
    store = open_store(path);
    CU_ASSERT_EQUAL_FATAL(store_job_list(store, &list, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(list.count, 1);
    check_same(&list.items[0], &job);
    job_list_clear(&list);
    CU_ASSERT_FALSE(store_applied_get(store, &job.vm, &applied));
    store_close(store);
    store = open_store(path); /* and only once */
    store_close(store);
}

static void end_job(struct store *store, struct job *job, enum job_state state)
{
    job->state = JOB_RUNNING;
    job->ended_us = 0;
    CU_ASSERT_EQUAL(store_job_put(store, job, NULL), 0);
    job->state = state;
    job->ended_us = 4;
    CU_ASSERT_EQUAL(store_job_put(store, job, NULL), 0);
}

/* The mark comes with the end of a job that applied, and of no other. */
static void test_applied(void)
{
    const char *path = fake_store_path();
    struct store *store = open_store(path);
    struct job job = full_job();
    struct guid first = job.snapshot, found;

    end_job(store, &job, JOB_COMPLETED);
    CU_ASSERT_FALSE(store_applied_get(store, &job.vm, &found)); /* it was a create */
    job.id = guid_random();
    job.kind = JOB_SNAPSHOT_APPLY;
    end_job(store, &job, JOB_COMPLETED);
    CU_ASSERT_TRUE(store_applied_get(store, &job.vm, &found));
    CU_ASSERT_TRUE(guid_equal(&found, &first));
    job.id = guid_random();
    job.snapshot = guid_random();
    end_job(store, &job, JOB_EXCEPTION);
    CU_ASSERT_TRUE(store_applied_get(store, &job.vm, &found));
    CU_ASSERT_TRUE(guid_equal(&found, &first));
    job.id = guid_random();
    end_job(store, &job, JOB_COMPLETED);
    store_close(store);
    store = open_store(path);
    CU_ASSERT_TRUE(store_applied_get(store, &job.vm, &found));
    CU_ASSERT_TRUE(guid_equal(&found, &job.snapshot));
    CU_ASSERT_EQUAL(store_applied_forget(store, &job.vm, &first, NULL), 0); /* not that one any more */
    CU_ASSERT_TRUE(store_applied_get(store, &job.vm, &found));
    CU_ASSERT_EQUAL(store_applied_forget(store, &job.vm, &job.snapshot, NULL), 0);
    CU_ASSERT_FALSE(store_applied_get(store, &job.vm, &found));
    store_close(store);
}

static void test_damaged_row(void)
{
    const char *path = fake_store_path();
    struct store *store = open_store(path);
    struct job job = full_job();
    struct error err = { 0 };
    struct job_list list;

    store_job_put(store, &job, NULL);
    store_close(store);
    sql(path, "UPDATE job SET vm='x'");
    store = open_store(path);
    CU_ASSERT_EQUAL(store_job_list(store, &list, &err), -1);
    CU_ASSERT_EQUAL(list.count, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "damaged"));
    store_close(store);
}

static void test_disk_full(void)
{
    const char *path = fake_store_path();
    struct store *store = open_store(path);
    struct job job = full_job();
    struct error err = { 0 };
    struct job_list list;

    fake_disk_full(true);
    CU_ASSERT_EQUAL(store_job_put(store, &job, &err), -1);
    fake_disk_full(false);
    CU_ASSERT_NOT_EQUAL(err.code, ERR_NONE);
    CU_ASSERT_NOT_EQUAL(err.cause[0], '\0');
    CU_ASSERT_EQUAL(store_job_list(store, &list, NULL), 0);
    CU_ASSERT_EQUAL(list.count, 0);
    CU_ASSERT_EQUAL(store_job_put(store, &job, NULL), 0);
    CU_ASSERT_EQUAL(store_job_list(store, &list, NULL), 0);
    CU_ASSERT_EQUAL(list.count, 1);
    job_list_clear(&list);
    store_close(store);
}

UNIT_MAIN({ "a job comes back as it was put", test_job_survives },
          { "order, and pruning the oldest ends", test_order_and_prune },
          { "the journal lives as long as its job runs", test_journal },
          { "an unknown error is a failure", test_unknown_error_name },
          { "the file is for its owner only", test_file },
          { "missing, held, newer and damaged files are refused", test_refusals },
          { "an old file is brought to our version", test_migration },
          { "the snapshot last applied", test_applied },
          { "a damaged row is told", test_damaged_row },
          { "a full disk is told, and got over", test_disk_full })
