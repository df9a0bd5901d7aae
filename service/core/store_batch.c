/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes of many threads go to the disk together: a commit takes as long for one of them as for all.
 */
#include "core/store_own.h"

/* A write that has been run, of a thread that waits for its commit. */
struct store_write {
    struct store_write *next;
    struct error why; /* when it has ended: why it failed, if it did */
    bool ended;
};

/* 0, or SQLite's code when it has failed. */
static int statement_reset(sqlite3_stmt *statement)
{
    int rc = sqlite3_reset(statement);

    sqlite3_clear_bindings(statement);
    return rc;
}

sqlite3_stmt *store_write_begin(struct store *store, enum statement which)
{
    atomic_fetch_add(&store->coming, 1);
    pthread_mutex_lock(&store->lock);
    atomic_fetch_sub(&store->coming, 1);
    return store->statements[which];
}

/* Runs a statement that answers nothing; 0, or SQLite's primary code with err. */
static int batch_run(struct store *store, sqlite3_stmt *statement, struct error *err)
{
    int rc = sqlite3_step(statement);

    if (rc != SQLITE_DONE)
        store_error(store, err, "The service cannot write its store.");
    statement_reset(statement);
    return rc == SQLITE_DONE ? 0 : rc & 0xFF;
}

static bool batch_open(const struct store *store)
{
    return !sqlite3_get_autocommit(store->db);
}

/* Tells all who wait how it ended. */
static void batch_tell(struct store *store, const struct error *err)
{
    for (struct store_write *write = store->batch; write; write = write->next) {
        write->why = *err;
        write->ended = true;
    }
    store->batch = NULL;
    pthread_cond_broadcast(&store->ended);
}

/* After an error, unless it has ended the transaction by itself. */
static void batch_roll_back(struct store *store, const struct error *err)
{
    if (batch_open(store))
        batch_run(store, store->statements[BATCH_ROLLBACK], NULL);
    batch_tell(store, err);
}

sqlite3_stmt *store_read_begin(struct store *store, enum statement which)
{
    pthread_mutex_lock(&store->lock);
    while (store->batch)
        pthread_cond_wait(&store->ended, &store->lock);
    return store->statements[which];
}

/* A transaction in which reading has failed has only been noted in. */
void store_read_end(struct store *store, sqlite3_stmt *statement)
{
    if (statement_reset(statement))
        batch_roll_back(store, NULL);
    pthread_mutex_unlock(&store->lock);
}

static void batch_commit(struct store *store)
{
    struct error err = { 0 };

    if (batch_run(store, store->statements[BATCH_COMMIT], &err))
        batch_roll_back(store, &err);
    else
        batch_tell(store, &err);
}

/* Runs it in the transaction that is open, or a new one. What breaks a rule of the schema leaves the others as they are; of
 * a transaction in which reading or writing has failed SQLite promises nothing. */
static int batch_add(struct store *store, sqlite3_stmt *statement, struct error *err)
{
    int rc = batch_open(store) ? 0 : batch_run(store, store->statements[BATCH_BEGIN], err);

    if (rc)
        statement_reset(statement);
    else
        rc = batch_run(store, statement, err);
    if (rc && rc != SQLITE_CONSTRAINT)
        batch_roll_back(store, err);
    return rc ? -1 : 0;
}

/* Commits what somebody waits for, if no one else will. */
static void batch_settle(struct store *store)
{
    if (store->batch && atomic_load(&store->coming) == 0)
        batch_commit(store);
}

static int batch_result(const struct error *why, struct error *err)
{
    if (!why->code)
        return 0;
    if (err && !err->code)
        *err = *why;
    return -1;
}

int store_write_end(struct store *store, sqlite3_stmt *statement, struct error *err)
{
    struct store_write own = { .next = store->batch };

    if (batch_add(store, statement, &own.why) == 0)
        store->batch = &own;
    batch_settle(store);
    while (!own.why.code && !own.ended)
        pthread_cond_wait(&store->ended, &store->lock);
    pthread_mutex_unlock(&store->lock);
    return batch_result(&own.why, err);
}

int store_note_end(struct store *store, sqlite3_stmt *statement, struct error *err)
{
    struct error why = { 0 };

    batch_add(store, statement, &why);
    batch_settle(store);
    pthread_mutex_unlock(&store->lock);
    return batch_result(&why, err);
}

void store_batch_close(struct store *store)
{
    if (store->statements[BATCH_COMMIT] && batch_open(store))
        batch_commit(store);
}
