/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of the store share: store.c for a sound file, store_damage.c for one that is not, store_batch.c
 * for writes of many threads.
 */
#ifndef CIMSNAPD_CORE_STORE_OWN_H
#define CIMSNAPD_CORE_STORE_OWN_H

#include "core/store.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

enum statement {
    JOB_PUT,
    JOB_LIST,
    JOB_DROP,
    STAY_PUT,
    PRUNE,
    JOURNAL_PUT,
    JOURNAL_GET,
    APPLIED_GET,
    APPLIED_FORGET,
    DEBT_PUT,
    DEBT_DROP,
    DEBT_LIST,
    BATCH_BEGIN,
    BATCH_COMMIT,
    BATCH_ROLLBACK,
    STATEMENTS
};

#define JOB_COLUMNS                                                                                \
    "id, kind, state, vm, snapshot, owner, title, percent, error, error_text,"                     \
    " submitted_us, started_us, changed_us, ended_us"

extern const char *const store_sql[STATEMENTS];

struct store {
    atomic_uint coming;   /* threads that wait for the lock to write */
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t ended; /* a batch has */
    struct store_write *batch; /* what is not committed yet */
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    bool damaged; /* as far as is known */
};

/* Turns what SQLite said last into an error; `what` is a sentence for the user. */
int store_error(struct store *store, struct error *err, const char *what);

/* Locks and hands out a statement; the other takes both back. A reader sees what is on the disk, no less and no more. */
sqlite3_stmt *store_read_begin(struct store *store, enum statement which);
void store_read_end(struct store *store, sqlite3_stmt *statement);
/* The same, for a statement that writes and answers nothing; runs it. On return it is on the disk, together with what others
 * wrote meanwhile: threads that wait for the lock are let in before the batch is committed, by the last of them. */
sqlite3_stmt *store_write_begin(struct store *store, enum statement which);
int store_write_end(struct store *store, sqlite3_stmt *statement, struct error *err);
/* Runs it too, and does not wait: it is on the disk no later than the next write. */
int store_note_end(struct store *store, sqlite3_stmt *statement, struct error *err);
/* Commits what has only been noted. */
void store_batch_close(struct store *store);

/* As store_open(), but for a damaged file: *damaged, and it stays where it is. */
int store_open_file(struct store **out, const char *path, bool *damaged, struct error *err);
/* A row of JOB_COLUMNS. */
int store_job_read(sqlite3_stmt *s, struct job *job, struct error *err);

#endif
