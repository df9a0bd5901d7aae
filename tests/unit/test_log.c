/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include "temp.h"
#include "unit.h"

#include <errno.h>
#include <sys/stat.h>

static struct temp temp;
static int before;

/* From here to end() standard error is a file. */
static void begin(void)
{
    int fd;

    temp_open(&temp);
    temp_write(&temp, "", 0);
    fd = open(temp.path, O_WRONLY | O_APPEND | O_CLOEXEC);
    before = dup(STDERR_FILENO);
    CU_ASSERT_TRUE_FATAL(fd >= 0 && before >= 0 && dup2(fd, STDERR_FILENO) >= 0);
    close(fd);
}

static void end(char *text, size_t size)
{
    dup2(before, STDERR_FILENO);
    close(before);
    temp_read(&temp, text, size);
    temp_close(&temp);
}

static void test_line(void)
{
    char text[400];

    begin();
    errno = EPIPE;
    log_event(LOG_INFO, "start", "port", "5986", "none", NULL, "text", "a \"b\"\\\n\x7f\xC3\xBC",
              NULL);
    CU_ASSERT_EQUAL(errno, EPIPE);
    end(text, sizeof(text));
    CU_ASSERT_STRING_EQUAL(text, "level=info event=start port=\"5986\" "
                                 "text=\"a \\\"b\\\"\\\\\\x0a\\x7f\xC3\xBC\"\n");
}

static void test_levels(void)
{
    char text[400];

    CU_ASSERT_EQUAL(log_level_parse("warning"), LOG_WARN);
    CU_ASSERT_EQUAL(log_level_parse("debug"), LOG_DEBUG);
    CU_ASSERT_EQUAL(log_level_parse("Info"), -1);
    CU_ASSERT_EQUAL(log_level_parse(""), -1);
    begin();
    log_event(LOG_DEBUG, "unseen", NULL);
    log_set_level(LOG_WARN);
    log_event(LOG_INFO, "unseen", NULL);
    log_event(LOG_ERROR_, "seen", NULL);
    log_set_level(LOG_INFO);
    end(text, sizeof(text));
    CU_ASSERT_STRING_EQUAL(text, "level=error event=seen\n");
}

/* Cut, but still one line. */
static void test_long(void)
{
    char value[9000], text[9000];

    memset(value, 'a', sizeof(value));
    value[sizeof(value) - 1] = '\0';
    begin();
    log_event(LOG_INFO, "long", "a", value, "b", value, NULL);
    end(text, sizeof(text));
    CU_ASSERT_TRUE(strlen(text) < 4100);
    CU_ASSERT_PTR_EQUAL(strchr(text, '\n'), text + strlen(text) - 1);
}

/* Only what systemd connected to the journal gets its levels: not another file it once named. */
static void test_journal(void)
{
    char text[400], stream[80];
    struct stat st;

    begin();
    CU_ASSERT_EQUAL_FATAL(fstat(STDERR_FILENO, &st), 0);
    snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
             (unsigned long long)st.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    log_init();
    log_event(LOG_WARN, "a", NULL);
    log_event(LOG_INFO, "b", NULL);
    setenv("JOURNAL_STREAM", "1:1", 1);
    log_init();
    log_event(LOG_WARN, "c", NULL);
    unsetenv("JOURNAL_STREAM");
    log_init();
    end(text, sizeof(text));
    CU_ASSERT_STRING_EQUAL(text, "<4>level=warning event=a\n<6>level=info event=b\nlevel=warning event=c\n");
}

UNIT_MAIN({ "journal", test_journal }, { "a line", test_line }, { "levels", test_levels }, { "a long line", test_long })
