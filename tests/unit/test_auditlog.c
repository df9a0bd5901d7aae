/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/auditlog.h"

#include "base/clock.h"
#include "temp.h"
#include "unit.h"

#include <stdio.h>

static void test_file(void)
{
    char text[1000], moved[PATH_MAX + 8];
    struct error err = { 0 };
    struct temp temp;

    temp_open(&temp);
    clock_freeze(INT64_C(1788264000123456));
    CU_ASSERT_EQUAL_FATAL(auditlog_open(temp.path, &err), 0);
    auditlog_event("login", "user", "al\"ice\nevent=forged", "how", NULL, "peer", "x", NULL);
    CU_ASSERT_STRING_EQUAL(temp_read(&temp, text, sizeof(text)),
                           "time=2026-09-01T12:00:00.123456Z audit=login "
                           "user=\"al\\\"ice\\x0aevent=forged\" peer=\"x\"\n");
    /* As logrotate does it: moved, and opened anew on a signal. */
    snprintf(moved, sizeof(moved), "%s.1", temp.path);
    CU_ASSERT_EQUAL(rename(temp.path, moved), 0);
    auditlog_event("one", NULL);
    CU_ASSERT_NOT_EQUAL(access(temp.path, F_OK), 0);
    CU_ASSERT_EQUAL(auditlog_reopen(&err), 0);
    auditlog_event("two", NULL);
    CU_ASSERT_STRING_EQUAL(temp_read(&temp, text, sizeof(text)),
                           "time=2026-09-01T12:00:00.123456Z audit=two\n");
    auditlog_close();
    clock_freeze(0);
    unlink(moved);
    temp_close(&temp);
}

/* What cannot be opened leaves the old one; a link is not followed. */
static void test_errors(void)
{
    char text[100];
    struct error err = { 0 };
    struct temp temp;

    CU_ASSERT_EQUAL(auditlog_open("/nonexistent/audit", &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_FAILED);
    temp_open(&temp);
    CU_ASSERT_EQUAL_FATAL(auditlog_open(temp.path, NULL), 0);
    unlink(temp.path);
    CU_ASSERT_EQUAL_FATAL(symlink("/dev/null", temp.path), 0);
    CU_ASSERT_EQUAL(auditlog_reopen(NULL), -1);
    unlink(temp.path);
    CU_ASSERT_EQUAL(auditlog_reopen(NULL), 0);
    auditlog_event("again", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(temp_read(&temp, text, sizeof(text)), "audit=again\n"));
    auditlog_close();
    temp_close(&temp);
}

UNIT_MAIN({ "a file", test_file }, { "files that cannot be", test_errors })
