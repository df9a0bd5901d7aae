/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/refusals.h"

#include "base/clock.h"
#include "temp.h"
#include "unit.h"

#include <string.h>

static struct temp temp;
static struct refusals refusals;
static int kept;

/* The log goes to a file from here on. */
static void begin(void)
{
    int fd;

    temp_open(&temp);
    temp_write(&temp, "", 0);
    fflush(stderr);
    kept = dup(STDERR_FILENO);
    fd = open(temp.path, O_WRONLY | O_APPEND | O_CLOEXEC);
    CU_ASSERT_TRUE_FATAL(kept >= 0 && fd >= 0 && dup2(fd, STDERR_FILENO) >= 0);
    close(fd);
    refusals_init(&refusals);
}

static void end(void)
{
    dup2(kept, STDERR_FILENO);
    close(kept);
    temp_close(&temp);
}

static int lines(const char *containing)
{
    static char text[65536];
    int count = 0;

    temp_read(&temp, text, sizeof(text));
    for (const char *at = text; (at = strstr(at, containing)); at++)
        count++;
    return count;
}

static void test_one_line_a_second(void)
{
    begin();
    CU_ASSERT_FALSE(refusals_any_held(&refusals));
    for (int i = 0; i < 1000; i++)
        refusals_connection(&refusals, i < 999 ? "10.0.0.1:1" : "10.0.0.2:2", "full");
    for (int i = 0; i < 10; i++)
        refusals_request(&refusals, "10.0.0.3:3", 503, "busy", NULL);
    /* The first of each kind at once; more only if this machine slept a second. */
    CU_ASSERT_TRUE(lines("event=connection_refused") >= 1);
    CU_ASSERT_TRUE(lines("event=connection_refused") <= 5);
    CU_ASSERT_TRUE(lines("event=refused") <= 5);
    CU_ASSERT_EQUAL(lines("peer=\"10.0.0.1:1\" reason=\"full\"\n"), 1);
    CU_ASSERT_EQUAL(lines("peer=\"10.0.0.3:3\" status=\"503\" reason=\"busy\"\n"), 1);
    CU_ASSERT_TRUE(refusals_any_held(&refusals));
    refusals_tell(&refusals, clock_mono_ms() + 1000);
    CU_ASSERT_FALSE(refusals_any_held(&refusals));
    CU_ASSERT_EQUAL(lines("peer=\"10.0.0.2:2\" reason=\"full\" count=\"999\""), 1);
    CU_ASSERT_EQUAL(lines("reason=\"busy\" count=\"9\""), 1);
    CU_ASSERT_EQUAL(refusals.counts[REFUSAL_CONNECTION], 1000);
    CU_ASSERT_EQUAL(refusals.counts[REFUSAL_BUSY], 10);
    /* What is left at the end is told. */
    refusals_connection(&refusals, "10.0.0.9:9", "last");
    refusals_destroy(&refusals);
    CU_ASSERT_EQUAL(lines("peer=\"10.0.0.9:9\" reason=\"last\"\n"), 1);
    end();
}

static void test_requests(void)
{
    begin();
    for (int i = 0; i < 5; i++) {
        refusals_request(&refusals, "10.0.0.1:1", 401, "wrong password", "eve");
        refusals_request(&refusals, "10.0.0.1:1", 401, "no credentials", NULL);
        refusals_request(&refusals, "10.0.0.1:1", 413, "too large", NULL);
    }
    CU_ASSERT_EQUAL(lines("level=warning event=refused peer=\"10.0.0.1:1\" status=\"401\" "
                          "reason=\"wrong password\" user=\"eve\"\n"),
                    5);
    CU_ASSERT_EQUAL(lines("level=info"), 10);
    CU_ASSERT_EQUAL(refusals.counts[REFUSAL_LOGIN], 10);
    CU_ASSERT_EQUAL(refusals.counts[REFUSAL_REQUEST], 5);
    refusals_destroy(&refusals);
    end();
}

UNIT_MAIN({ "one line a second", test_one_line_a_second }, { "requests", test_requests })
