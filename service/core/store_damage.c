/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A store whose file is damaged is moved aside, and what can be read of it is taken over.
 */
#include "core/store_own.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Takes over the jobs that can still be read, and the journals of those that are open: what became
 * of them the recovery finds out. Nothing here can fail, there is only less to take. */
static long store_salvage(struct store *store, const char *path)
{
    struct store old = { 0 };
    sqlite3_stmt *s = NULL;
    long taken = 0;

    pthread_mutex_init(&old.lock, NULL);
    if (sqlite3_open_v2(path, &old.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
        SQLITE_OK) {
        sqlite3_prepare_v2(old.db, store_sql[JOURNAL_GET], -1, &old.statements[JOURNAL_GET],
                           NULL);
        /* no index: that may be what is broken */
        sqlite3_prepare_v2(old.db, "SELECT " JOB_COLUMNS " FROM job NOT INDEXED", -1, &s, NULL);
    }
    while (s && sqlite3_step(s) == SQLITE_ROW) {
        struct job job = { 0 };
        char *journal = NULL;
        if (store_job_read(s, &job, NULL) == 0 && store_job_put(store, &job, NULL) == 0) {
            taken++;
            if (!job_finished(&job) && old.statements[JOURNAL_GET] &&
                store_journal_get(&old, &job.id, &journal, NULL) == 0 && journal)
                store_journal_put(store, &job.id, journal, NULL);
        }
        free(journal);
        job_clear(&job);
    }
    sqlite3_finalize(s);
    sqlite3_finalize(old.statements[JOURNAL_GET]);
    sqlite3_close(old.db);
    pthread_mutex_destroy(&old.lock);
    return taken;
}

/* True for what a damaged store may look like. Some other file that the configuration names by
 * mistake is left alone. */
static bool store_is_ours(const char *path)
{
    static const char magic[] = "SQLite format 3";
    const char *end = strrchr(path, '.');
    char head[sizeof(magic)] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool ours = fd >= 0 && read(fd, head, sizeof(head)) == (ssize_t)sizeof(head) &&
                memcmp(head, magic, sizeof(magic)) == 0;

    if (fd >= 0)
        close(fd);
    return ours || (end && strcmp(end, ".db") == 0);
}

/* Renames the file and what SQLite keeps beside it; `aside` is the new name. */
static int store_set_aside(const char *path, char *aside, size_t size, struct error *err)
{
    static const char *const parts[] = { "-wal", "-shm", "" };
    time_t now = (time_t)(clock_now_us() / 1000000);
    char when[32], from[PATH_MAX], to[PATH_MAX];
    struct tm tm;

    if (!gmtime_r(&now, &tm) || strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm) == 0)
        snprintf(when, sizeof(when), "%lld", (long long)now);
    snprintf(aside, size, "%s.damaged-%s", path, when);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        snprintf(from, sizeof(from), "%s%s", path, parts[i]);
        snprintf(to, sizeof(to), "%s%s", aside, parts[i]);
        if (rename(from, to) == 0 || (errno == ENOENT && parts[i][0]))
            continue;
        error_cause(err, "%s: %s", from, strerror(errno));
        return error_set(err, ERR_INTERNAL,
                         "The service's store is damaged, and cannot be moved aside.");
    }
    return 0;
}

int store_open(struct store **out, const char *path, struct error *err)
{
    struct error why = { 0 };
    char aside[PATH_MAX], taken[24];
    bool damaged;

    if (store_open_file(out, path, &damaged, &why) == 0)
        return 0;
    if (!damaged || !store_is_ours(path)) {
        if (err)
            *err = why;
        return -1;
    }
    if (store_set_aside(path, aside, sizeof(aside), err) ||
        store_open_file(out, path, &damaged, err))
        return -1;
    snprintf(taken, sizeof(taken), "%ld", store_salvage(*out, aside));
    log_event(LOG_ERROR_, "store-damaged", "moved_to", aside, "jobs_saved", taken, "cause",
              why.cause, NULL);
    return 0;
}
