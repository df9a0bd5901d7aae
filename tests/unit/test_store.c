/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "core/store.h"
#include "fake.h"

#include <fcntl.h>
#include <glob.h>
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

/* 4096 octets of nonsense from there on; closes fd. */
static void overwrite(int fd, off_t at)
{
    char junk[4096];

    CU_ASSERT_TRUE_FATAL(fd >= 0);
    memset(junk, 'z', sizeof(junk));
    CU_ASSERT_EQUAL(pwrite(fd, junk, sizeof(junk), at), (ssize_t)sizeof(junk));
    close(fd);
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

    snprintf(missing, sizeof(missing), "%s/notes.txt", fake_dir);
    fd = open(missing, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    overwrite(fd, 0);
    check_refused(missing, "damaged");
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
    sql(path, "DROP TRIGGER job_applied; DROP TABLE applied; DROP TABLE stay; DROP TABLE debt; PRAGMA user_version=1;");
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

/* Debts outlive the process; each is there once, and goes when it is paid. */
static void test_debts(void)
{
    const char *path = fake_store_path();
    struct store *store = open_store(path);
    struct guid one = guid_random(), other = guid_random(), *left;
    size_t count;

    CU_ASSERT_EQUAL(store_debt_put(store, &one, true, NULL), 0);
    CU_ASSERT_EQUAL(store_debt_put(store, &one, true, NULL), 0);
    CU_ASSERT_EQUAL(store_debt_put(store, &other, true, NULL), 0);
    store_close(store);
    store = open_store(path);
    CU_ASSERT_EQUAL_FATAL(store_debt_list(store, &left, &count, NULL), 0);
    CU_ASSERT_EQUAL(count, 2);
    free(left);
    CU_ASSERT_EQUAL(store_debt_put(store, &one, false, NULL), 0);
    CU_ASSERT_EQUAL(store_debt_put(store, &one, false, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(store_debt_list(store, &left, &count, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    CU_ASSERT_TRUE(guid_equal(&left[0], &other));
    free(left);
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

/* The name that a damaged file got; "" for none. Removes it. */
static void take_aside(char *name, size_t size)
{
    glob_t found = { 0 };
    char pattern[400];

    name[0] = '\0';
    snprintf(pattern, sizeof(pattern), "%s/*.damaged-*Z", fake_dir);
    if (glob(pattern, 0, NULL, &found) == 0) {
        CU_ASSERT_EQUAL(found.gl_pathc, 1);
        snprintf(name, size, "%s", found.gl_pathv[0]);
        unlink(name);
    }
    globfree(&found);
}

static void test_no_database(void)
{
    char *path = fake_store_path(), aside[400];
    struct store *store = open_store(path);
    struct job job = full_job();
    struct job_list list;

    store_job_put(store, &job, NULL);
    store_close(store);
    overwrite(open(path, O_WRONLY | O_TRUNC), 0);
    store = open_store(path);
    CU_ASSERT_EQUAL_FATAL(store_job_list(store, &list, NULL), 0);
    CU_ASSERT_EQUAL(list.count, 0);
    CU_ASSERT_EQUAL(store_job_put(store, &job, NULL), 0);
    store_close(store);
    take_aside(aside, sizeof(aside));
    CU_ASSERT_NOT_EQUAL(aside[0], '\0');
    store = open_store(path);
    CU_ASSERT_EQUAL_FATAL(store_job_list(store, &list, NULL), 0);
    CU_ASSERT_EQUAL(list.count, 1);
    job_list_clear(&list);
    store_close(store);
    take_aside(aside, sizeof(aside));
    CU_ASSERT_STRING_EQUAL(aside, "");
}

/* A hundred jobs, and one page of them overwritten: most are saved, an open one with its journal.
 */
static void test_damaged_page(void)
{
    char *path = fake_store_path(), aside[400], *state = NULL;
    struct store *store = open_store(path);
    struct job first = full_job();
    struct job_list list;

    store_job_put(store, &first, NULL);
    store_journal_put(store, &first.id, "halfway", NULL);
    for (int i = 0; i < 100; i++) {
        struct job job = full_job();
        job.state = JOB_COMPLETED;
        job.ended_us = i + 10;
        store_job_put(store, &job, NULL);
    }
    store_close(store);
    overwrite(open(path, O_WRONLY), 40960);
    store = open_store(path);
    CU_ASSERT_EQUAL_FATAL(store_job_list(store, &list, NULL), 0);
    CU_ASSERT_TRUE(list.count > 20);
    CU_ASSERT_TRUE(list.count && guid_equal(&list.items[0].id, &first.id));
    CU_ASSERT_EQUAL(store_journal_get(store, &first.id, &state, NULL), 0);
    CU_ASSERT_PTR_NOT_NULL(state);
    CU_ASSERT_STRING_EQUAL(state ? state : "", "halfway");
    free(state);
    job_list_clear(&list);
    store_close(store);
    take_aside(aside, sizeof(aside));
    CU_ASSERT_NOT_EQUAL(aside[0], '\0');
}

static void test_damaged_row(void)
{
    char *path = fake_store_path(), aside[400];
    struct store *store = open_store(path);
    struct job job = full_job(), other = full_job();
    struct job_list list;

    store_job_put(store, &job, NULL);
    store_job_put(store, &other, NULL);
    store_close(store);
    sql(path, "UPDATE job SET vm='x' WHERE seq=1");
    store = open_store(path);
    CU_ASSERT_EQUAL_FATAL(store_job_list(store, &list, NULL), 0);
    CU_ASSERT_EQUAL(list.count, 1);
    CU_ASSERT_TRUE(list.count && guid_equal(&list.items[0].id, &other.id));
    job_list_clear(&list);
    store_close(store);
    take_aside(aside, sizeof(aside));
    CU_ASSERT_NOT_EQUAL(aside[0], '\0');
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
          { "missing, held, newer and foreign files are refused", test_refusals },
          { "an old file is brought to our version", test_migration },
          { "debts", test_debts }, { "the snapshot last applied", test_applied },
          { "what is no database any more is moved aside", test_no_database },
          { "of a damaged one what can be read is saved", test_damaged_page },
          { "a job without a GUID is not", test_damaged_row },
          { "a full disk is told, and got over", test_disk_full })
