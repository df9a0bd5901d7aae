/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Files of a test in a directory of their own, removed at its end.
 */
#ifndef CIMSNAPD_TESTS_TEMP_H
#define CIMSNAPD_TESTS_TEMP_H

#include "unit.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct temp {
    char directory[PATH_MAX / 2];
    char path[PATH_MAX]; /* of the one file in it */
};

static inline void temp_open(struct temp *temp)
{
    const char *base = getenv("TMPDIR");

    snprintf(temp->directory, sizeof(temp->directory), "%s/unit-XXXXXX", base ? base : P_tmpdir);
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(temp->directory));
    snprintf(temp->path, sizeof(temp->path), "%s/file", temp->directory);
}

static inline void temp_write(const struct temp *temp, const char *text, size_t len)
{
    int fd = open(temp->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    CU_ASSERT_TRUE_FATAL(fd >= 0);
    CU_ASSERT_EQUAL_FATAL(write(fd, text, len), (ssize_t)len);
    close(fd);
}

/* The file's text, at most size - 1 octets. */
static inline const char *temp_read(const struct temp *temp, char *text, size_t size)
{
    int fd = open(temp->path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, size - 1);

    CU_ASSERT_TRUE_FATAL(len >= 0);
    text[len] = '\0';
    close(fd);
    return text;
}

static inline void temp_close(struct temp *temp)
{
    unlink(temp->path);
    CU_ASSERT_EQUAL(rmdir(temp->directory), 0); /* nothing else was left there */
}

#endif
