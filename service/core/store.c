/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/store_own.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BUSY_MS = 1000, STAY_COLUMN = 14 /* behind JOB_COLUMNS */ };

/* The exclusive lock keeps a second service away, which would take this one's running jobs for ones
 * that a crash left open. */
static const char setup_sql[] = "PRAGMA locking_mode=EXCLUSIVE;"
                                "PRAGMA journal_mode=WAL;"
                                "PRAGMA synchronous=FULL;"
                                "PRAGMA foreign_keys=ON;";

/* Each makes the next version of the schema out of the one before. Errors are kept by name, as their numbers may
 * change with any new row of errors.def. */
static const char *const schema_sql[] = {
    "CREATE TABLE job("
    " seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL,"
    " state INTEGER NOT NULL, vm TEXT NOT NULL, snapshot TEXT NOT NULL, owner TEXT NOT NULL,"
    " title TEXT NOT NULL, percent INTEGER NOT NULL, error TEXT NOT NULL, error_text TEXT,"
    " submitted_us INTEGER NOT NULL, started_us INTEGER NOT NULL, changed_us INTEGER NOT NULL,"
    " ended_us INTEGER NOT NULL) STRICT;"
    "CREATE INDEX job_order ON job(ended_us, seq);"
    "CREATE TABLE journal("
    " job TEXT PRIMARY KEY REFERENCES job(id) ON DELETE CASCADE, state TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER job_ended AFTER UPDATE ON job WHEN NEW.ended_us <> 0 BEGIN"
    " DELETE FROM journal WHERE job = NEW.id;"
    " END;",
    /* 2: which snapshot was last applied to a machine, in the same step as that job's end. 7 is JOB_COMPLETED, 2
     * JOB_SNAPSHOT_APPLY. */
    "CREATE TABLE applied(vm TEXT PRIMARY KEY, snapshot TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER job_applied AFTER UPDATE ON job WHEN NEW.state = 7 AND NEW.kind = 2 BEGIN"
    " INSERT INTO applied(vm, snapshot) VALUES(NEW.vm, NEW.snapshot)"
    " ON CONFLICT(vm) DO UPDATE SET snapshot=excluded.snapshot;"
    " END;",
    /* 3: jobs that stay another time than the usual one */
    "CREATE TABLE stay("
    " job TEXT PRIMARY KEY REFERENCES job(id) ON DELETE CASCADE, remove INTEGER NOT NULL, us INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;",
    /* 4: machines whose guests are still to be thawed */
    "CREATE TABLE debt(vm TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;",
};

enum { SCHEMA_VERSION = sizeof(schema_sql) / sizeof(schema_sql[0]) };

/* Finds pages that are not what they should be, and jobs whose names no more are GUIDs. */
static const char check_sql[] =
    "SELECT quick_check FROM pragma_quick_check(1) WHERE quick_check <> 'ok' UNION ALL"
    " SELECT 'the job ' || seq || ' has no GUID' FROM job"
    " WHERE length(id) <> 36 OR length(vm) <> 36 OR length(snapshot) <> 36"
    " OR id || vm || snapshot GLOB '*[^0-9A-Fa-f-]*'";

const char *const store_sql[STATEMENTS] = {
    [JOB_PUT] =
        "INSERT INTO job(" JOB_COLUMNS ")"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
        " ON CONFLICT(id) DO UPDATE SET state=excluded.state, percent=excluded.percent,"
        " error=excluded.error, error_text=excluded.error_text, started_us=excluded.started_us,"
        " changed_us=excluded.changed_us, ended_us=excluded.ended_us",
    [JOB_LIST] = "SELECT " JOB_COLUMNS ", stay.remove, stay.us FROM job LEFT JOIN stay ON stay.job = job.id"
                 " ORDER BY ended_us, seq",
    [JOB_DROP] = "DELETE FROM job WHERE id = ?1",
    [STAY_PUT] = "INSERT INTO stay(job, remove, us) SELECT id, ?2, ?3 FROM job WHERE id = ?1"
                 " ON CONFLICT(job) DO UPDATE SET remove=excluded.remove, us=excluded.us",
    [PRUNE] = "DELETE FROM job WHERE seq IN (SELECT seq FROM job WHERE ended_us <> 0"
              " ORDER BY ended_us DESC, seq DESC LIMIT -1 OFFSET ?1)",
    [JOURNAL_PUT] = "INSERT INTO journal(job, state) VALUES(?1, ?2)"
                    " ON CONFLICT(job) DO UPDATE SET state=excluded.state",
    [JOURNAL_GET] = "SELECT state FROM journal WHERE job = ?1",
    [APPLIED_GET] = "SELECT snapshot FROM applied WHERE vm = ?1",
    [APPLIED_FORGET] = "DELETE FROM applied WHERE vm = ?1 AND snapshot = ?2",
    [DEBT_PUT] = "INSERT INTO debt(vm) VALUES(?1) ON CONFLICT(vm) DO NOTHING",
    [DEBT_DROP] = "DELETE FROM debt WHERE vm = ?1",
    [DEBT_LIST] = "SELECT vm FROM debt",
    [BATCH_BEGIN] = "BEGIN IMMEDIATE",
    [BATCH_COMMIT] = "COMMIT",
    [BATCH_ROLLBACK] = "ROLLBACK",
};

int store_error(struct store *store, struct error *err, const char *what)
{
    int code = store->db ? sqlite3_errcode(store->db) & 0xFF : SQLITE_NOMEM; /* primary code */

    if (store->db)
        error_cause(err, "SQLite: %s (%d)", sqlite3_errmsg(store->db),
                    sqlite3_extended_errcode(store->db));
    switch (code) {
    case SQLITE_NOMEM:
        return error_set(err, ERR_NO_MEMORY, NULL);
    case SQLITE_FULL:
        return error_set(err, ERR_NO_SPACE, "There is no space left for the service's own store.");
    case SQLITE_BUSY:
        return error_set(err, ERR_IN_USE, "Another process uses the service's store.");
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        store->damaged = true;
        return error_set(err, ERR_INTERNAL, "The service's store is damaged, or is no store.");
    default:
        return error_set(err, ERR_INTERNAL, "%s", what);
    }
}

static int store_exec(struct store *store, const char *sql, struct error *err)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    return store_error(store, err, "The service's store cannot be set up.");
}

/* The file is made here, as SQLite would make it readable for others. */
static int store_file_make(const char *path, struct error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0) {
        error_cause(err, "%s: %s", path, strerror(errno));
        return error_set(err, ERR_INTERNAL, "The service's store cannot be opened.");
    }
    close(fd);
    return 0;
}

static int store_version(struct store *store, int *version, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(store->db, "PRAGMA user_version", -1, &statement, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        *version = sqlite3_column_int(statement, 0);
    else
        store_error(store, err, "The service's store cannot be read.");
    sqlite3_finalize(statement);
    return rc == SQLITE_ROW ? 0 : -1;
}

/* From the version that is there to the next. */
static int store_migrate(struct store *store, int version, struct error *err)
{
    char pragma[40];

    snprintf(pragma, sizeof(pragma), "PRAGMA user_version=%d", version + 1);
    if (store_exec(store, schema_sql[version], err))
        return -1;
    return store_exec(store, pragma, err);
}

/* Brings a new file or an old one to our version, all the way or not at all. */
static int store_schema(struct store *store, struct error *err)
{
    int version = 0;

    if (store_exec(store, "BEGIN IMMEDIATE", err) || store_version(store, &version, err))
        return -1;
    if (version < 0 || version > SCHEMA_VERSION) {
        error_cause(err, "schema %d, known up to %d", version, SCHEMA_VERSION);
        return error_set(err, ERR_INTERNAL,
                         "The service's store was written by a newer version of the service.");
    }
    for (; version < SCHEMA_VERSION; version++)
        if (store_migrate(store, version, err))
            return -1;
    return store_exec(store, "COMMIT", err);
}

/* Looks at every page: what is wrong shall be known now, not in the middle of a job. */
static int store_check(struct store *store, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(store->db, check_sql, -1, &statement, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        store->damaged = true;
        error_cause(err, "SQLite: %s", (const char *)sqlite3_column_text(statement, 0));
        error_set(err, ERR_INTERNAL, "The service's store is damaged, or is no store.");
    } else if (rc != SQLITE_DONE) {
        store_error(store, err, "The service's store cannot be read.");
    }
    sqlite3_finalize(statement);
    return rc == SQLITE_DONE ? 0 : -1;
}

static int store_setup(struct store *store, struct error *err)
{
    sqlite3_busy_timeout(store->db, BUSY_MS);
    if (store_exec(store, setup_sql, err) || store_schema(store, err) || store_check(store, err))
        return -1;
    for (int i = 0; i < STATEMENTS; i++)
        if (sqlite3_prepare_v3(store->db, store_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &store->statements[i], NULL) != SQLITE_OK)
            return store_error(store, err,
                               "The service's store has not the tables it should have.");
    return 0;
}

/* *damaged: it failed because of what is in the file. */
int store_open_file(struct store **out, const char *path, bool *damaged, struct error *err)
{
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    struct store *store = NULL;

    *out = NULL;
    *damaged = false;
    if (strcmp(path, ":memory:") != 0 && store_file_make(path, err))
        return -1;
    store = calloc(1, sizeof(*store));
    if (!store)
        return error_set(err, ERR_NO_MEMORY, NULL);
    pthread_mutex_init(&store->lock, NULL);
    pthread_cond_init(&store->ended, NULL);
    if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK) {
        store_error(store, err, "The service's store cannot be opened.");
        goto fail;
    }
    if (store_setup(store, err))
        goto fail;
    *out = store;
    return 0;
fail:
    *damaged = store->damaged;
    store_close(store);
    return -1;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    store_batch_close(store);
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    sqlite3_close(store->db);
    pthread_cond_destroy(&store->ended);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

/* Borrowed until store_end(), and so unable to fail. */
static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

/* Copied; should memory be missing, the column stays null and its NOT NULL refuses the row. */
static void bind_guid(sqlite3_stmt *statement, int at, const struct guid *guid)
{
    sqlite3_bind_text(statement, at, GUID_STR(guid), -1, SQLITE_TRANSIENT);
}

static void bind_job(sqlite3_stmt *s, const struct job *job)
{
    bind_guid(s, 1, &job->id);
    sqlite3_bind_int(s, 2, job->kind);
    sqlite3_bind_int(s, 3, job->state);
    bind_guid(s, 4, &job->vm);
    bind_guid(s, 5, &job->snapshot);
    bind_text(s, 6, job->owner ? job->owner : "");
    bind_text(s, 7, job->title ? job->title : "");
    sqlite3_bind_int(s, 8, (int)job->percent);
    bind_text(s, 9, error_row(job->error)->name);
    bind_text(s, 10, job->error_text);
    sqlite3_bind_int64(s, 11, job->submitted_us);
    sqlite3_bind_int64(s, 12, job->started_us);
    sqlite3_bind_int64(s, 13, job->changed_us);
    sqlite3_bind_int64(s, 14, job->ended_us);
}

int store_job_put(struct store *store, const struct job *job, struct error *err)
{
    sqlite3_stmt *s = store_write_begin(store, JOB_PUT);

    bind_job(s, job);
    return store_write_end(store, s, err);
}

int store_job_note(struct store *store, const struct job *job, struct error *err)
{
    sqlite3_stmt *s = store_write_begin(store, JOB_PUT);

    bind_job(s, job);
    return store_note_end(store, s, err);
}

static int column_guid(sqlite3_stmt *statement, int at, struct guid *out)
{
    const char *text = (const char *)sqlite3_column_text(statement, at);

    return text ? guid_parse(out, text) : -1;
}

/* Copies a text; NULL stays NULL. Sets *bad when memory is missing. */
static char *column_text(sqlite3_stmt *statement, int at, bool *bad)
{
    const char *text = (const char *)sqlite3_column_text(statement, at);
    char *copy = text ? strdup(text) : NULL;

    if (!copy && sqlite3_column_type(statement, at) != SQLITE_NULL)
        *bad = true;
    return copy;
}

/* An error that this version does not know any more is still a failure. */
static enum error_code column_error(sqlite3_stmt *statement, int at)
{
    const char *name = (const char *)sqlite3_column_text(statement, at);

    for (int code = ERR_NONE; name && code < ERR_COUNT; code++)
        if (strcmp(name, error_row((enum error_code)code)->name) == 0)
            return (enum error_code)code;
    return ERR_FAILED;
}

int store_job_read(sqlite3_stmt *s, struct job *job, struct error *err)
{
    bool bad = false;

    if (column_guid(s, 0, &job->id) || column_guid(s, 3, &job->vm) ||
        column_guid(s, 4, &job->snapshot))
        return error_set(err, ERR_INTERNAL, "The service's store is damaged: a job has no GUID.");
    job->kind = (enum job_kind)sqlite3_column_int(s, 1);
    job->state = (enum job_state)sqlite3_column_int(s, 2);
    job->owner = column_text(s, 5, &bad);
    job->title = column_text(s, 6, &bad);
    job->percent = (unsigned)sqlite3_column_int(s, 7);
    job->error = column_error(s, 8);
    job->error_text = column_text(s, 9, &bad);
    job->submitted_us = sqlite3_column_int64(s, 10);
    job->started_us = sqlite3_column_int64(s, 11);
    job->changed_us = sqlite3_column_int64(s, 12);
    job->ended_us = sqlite3_column_int64(s, 13);
    return bad ? error_set(err, ERR_NO_MEMORY, NULL) : 0;
}

int store_job_list(struct store *store, struct job_list *out, struct error *err)
{
    sqlite3_stmt *s = store_read_begin(store, JOB_LIST);
    int rc;

    *out = (struct job_list){ 0 };
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct job job = { 0 };
        job.stay.remove = sqlite3_column_int(s, STAY_COLUMN);
        job.stay.us = sqlite3_column_int64(s, STAY_COLUMN + 1);
        if (store_job_read(s, &job, err) || job_list_take(out, &job)) {
            job_clear(&job);
            error_set(err, ERR_NO_MEMORY, NULL);
            break;
        }
    }
    if (rc != SQLITE_DONE) {
        store_error(store, err, "The service's store cannot be read.");
        job_list_clear(out);
    }
    store_read_end(store, s);
    return rc == SQLITE_DONE ? 0 : -1;
}

int store_stay_put(struct store *store, const struct guid *id, const struct job_stay *stay,
                   struct error *err)
{
    sqlite3_stmt *s = store_write_begin(store, STAY_PUT);

    bind_guid(s, 1, id);
    sqlite3_bind_int(s, 2, stay->remove);
    sqlite3_bind_int64(s, 3, stay->us);
    return store_write_end(store, s, err);
}

int store_job_drop(struct store *store, const struct guid *id, struct error *err)
{
    sqlite3_stmt *s = store_write_begin(store, JOB_DROP);

    bind_guid(s, 1, id);
    return store_write_end(store, s, err);
}

int store_prune(struct store *store, long keep, struct error *err)
{
    sqlite3_stmt *s = store_write_begin(store, PRUNE);

    sqlite3_bind_int64(s, 1, keep);
    return store_write_end(store, s, err);
}

static sqlite3_stmt *journal_begin(struct store *store, const struct guid *job, const char *state)
{
    sqlite3_stmt *s = store_write_begin(store, JOURNAL_PUT);

    bind_guid(s, 1, job);
    bind_text(s, 2, state);
    return s;
}

int store_journal_put(struct store *store, const struct guid *job, const char *state,
                      struct error *err)
{
    return store_write_end(store, journal_begin(store, job, state), err);
}

int store_journal_note(struct store *store, const struct guid *job, const char *state, struct error *err)
{
    return store_note_end(store, journal_begin(store, job, state), err);
}

int store_journal_get(struct store *store, const struct guid *job, char **state, struct error *err)
{
    sqlite3_stmt *s = store_read_begin(store, JOURNAL_GET);
    bool bad = false;
    int rc;

    *state = NULL;
    bind_guid(s, 1, job);
    rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        *state = column_text(s, 0, &bad);
    else if (rc != SQLITE_DONE)
        store_error(store, err, "The service's store cannot be read.");
    store_read_end(store, s);
    if (bad)
        error_set(err, ERR_NO_MEMORY, NULL);
    return bad || (rc != SQLITE_ROW && rc != SQLITE_DONE) ? -1 : 0;
}

bool store_applied_get(struct store *store, const struct guid *vm, struct guid *snapshot)
{
    sqlite3_stmt *s = store_read_begin(store, APPLIED_GET);
    bool found;

    bind_guid(s, 1, vm);
    found = sqlite3_step(s) == SQLITE_ROW && column_guid(s, 0, snapshot) == 0;
    store_read_end(store, s);
    return found;
}

int store_applied_forget(struct store *store, const struct guid *vm, const struct guid *snapshot,
                         struct error *err)
{
    sqlite3_stmt *s = store_write_begin(store, APPLIED_FORGET);

    bind_guid(s, 1, vm);
    bind_guid(s, 2, snapshot);
    return store_write_end(store, s, err);
}

int store_debt_put(struct store *store, const struct guid *vm, bool owed, struct error *err)
{
    sqlite3_stmt *s = store_write_begin(store, owed ? DEBT_PUT : DEBT_DROP);

    bind_guid(s, 1, vm);
    return store_write_end(store, s, err);
}

int store_debt_list(struct store *store, struct guid **out, size_t *count, struct error *err)
{
    sqlite3_stmt *s = store_read_begin(store, DEBT_LIST);
    int rc;

    *out = NULL;
    *count = 0;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct guid *items = model_grow(*out, *count, sizeof(*items));
        if (!items)
            break;
        *out = items;
        *count += column_guid(s, 0, &items[*count]) == 0;
    }
    if (rc != SQLITE_DONE && rc != SQLITE_ROW)
        store_error(store, err, "The service's store cannot be read.");
    store_read_end(store, s);
    return rc == SQLITE_DONE ? 0 : rc == SQLITE_ROW ? error_set(err, ERR_NO_MEMORY, NULL) : -1;
}
