/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the two files of the store share: store.c for a sound file, store_damage.c for one that is not.
 */
#ifndef CIMSNAPD_CORE_STORE_OWN_H
#define CIMSNAPD_CORE_STORE_OWN_H

#include "core/store.h"

#include <pthread.h>
#include <sqlite3.h>

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
    STATEMENTS
};

#define JOB_COLUMNS                                                                                \
    "id, kind, state, vm, snapshot, owner, title, percent, error, error_text,"                     \
    " submitted_us, started_us, changed_us, ended_us"

extern const char *const store_sql[STATEMENTS];

struct store {
    pthread_mutex_t lock; /* guards everything below */
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    bool damaged; /* as far as is known */
};

/* As store_open(), but for a damaged file: *damaged, and it stays where it is. */
int store_open_file(struct store **out, const char *path, bool *damaged, struct error *err);
/* A row of JOB_COLUMNS. */
int store_job_read(sqlite3_stmt *s, struct job *job, struct error *err);

#endif
