/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/local.h"

#include "temp.h"
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static struct temp temp;

static void writer(void *opaque, unsigned step, struct strbuf *out)
{
    long size = *(const long *)opaque;

    if (step < 2)
        strbuf_printf(out, "step=%u\n", step);
    if (step == 0)
        for (long i = 0; i < size; i++)
            strbuf_puts(out, "x");
}

/* Of the socket's text, its length; -1 when there is none. */
static long length(const char *path, char *start, size_t size, struct error *err)
{
    FILE *out = tmpfile();
    long len = -1;

    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    if (local_read(path, out, err) == 0) {
        len = ftell(out);
        rewind(out);
        start[fread(start, 1, size - 1, out)] = '\0';
    }
    fclose(out);
    return len;
}

static void test_text(void)
{
    char path[sizeof(temp.directory) + 16], text[64];
    struct error err = { 0 };
    struct local *local;
    struct stat st;
    long size = 0;

    temp_open(&temp);
    snprintf(path, sizeof(path), "%s/new/socket", temp.directory);
    CU_ASSERT_EQUAL_FATAL(local_start(&local, path, writer, &size, &err), 0);
    CU_ASSERT_EQUAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(length(path, text, sizeof(text), &err), 14);
        CU_ASSERT_STRING_EQUAL(text, "step=0\nstep=1\n");
    }
    local_stop(local);
    CU_ASSERT_EQUAL(stat(path, &st), -1);
    CU_ASSERT_EQUAL(length(path, text, sizeof(text), &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "no service is running"));
    size = 3000000;
    CU_ASSERT_EQUAL_FATAL(local_start(&local, path, writer, &size, NULL), 0);
    CU_ASSERT_EQUAL(length(path, text, sizeof(text), NULL), 3000014);
    local_stop(local);
    local_stop(NULL);
    snprintf(path, sizeof(path), "%s/new", temp.directory);
    rmdir(path);
    temp_close(&temp);
}

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t len = strlen(path);

    CU_ASSERT_TRUE_FATAL(len < sizeof(address.sun_path));
    memcpy(address.sun_path, path, len);
    return address;
}

/* A socket that was left behind, as by a kill: bound once, and nobody listens. */
static void leave(const char *path)
{
    const struct sockaddr_un address = address_of(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CU_ASSERT_EQUAL(bind(fd, (const void *)&address, sizeof(address)), 0);
    close(fd);
}

static void test_place_taken(void)
{
    struct local *local = NULL, *second = NULL;
    struct error err = { 0 };
    char text[64];
    long size = 0;

    temp_open(&temp);
    leave(temp.path);
    CU_ASSERT_EQUAL_FATAL(local_start(&local, temp.path, writer, &size, NULL), 0);
    CU_ASSERT_EQUAL(local_start(&second, temp.path, writer, &size, &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "in use"));
    CU_ASSERT_EQUAL(length(temp.path, text, sizeof(text), NULL), 14); /* the first goes on */
    local_stop(local);
    /* A file that is no socket is nobody's to remove. */
    temp_write(&temp, "mine", 4);
    CU_ASSERT_EQUAL(local_start(&second, temp.path, writer, &size, NULL), -1);
    CU_ASSERT_STRING_EQUAL(temp_read(&temp, text, sizeof(text)), "mine");
    temp_close(&temp);
}

static void test_bad_paths(void)
{
    struct local *local = NULL;
    struct error err = { 0 };
    char path[300];
    long size = 0;

    memset(path, 'a', sizeof(path));
    path[0] = '/';
    path[sizeof(path) - 1] = '\0';
    CU_ASSERT_EQUAL(local_start(&local, path, writer, &size, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_INVALID_PARAMETER);
    CU_ASSERT_EQUAL(local_start(&local, "/no/such/folder/here", writer, &size, NULL), -1);
    CU_ASSERT_EQUAL(local_read(path, stdout, NULL), -1);
}

/* Whoever connects and does not read must not keep the service from ending. */
static void test_caller_that_goes(void)
{
    struct sockaddr_un address;
    struct local *local;
    long size = 3000000;
    int fd;

    temp_open(&temp);
    CU_ASSERT_EQUAL_FATAL(local_start(&local, temp.path, writer, &size, NULL), 0);
    address = address_of(temp.path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_EQUAL(connect(fd, (const void *)&address, sizeof(address)), 0);
    CU_ASSERT_EQUAL(recv(fd, &(char){ 0 }, 1, 0), 1); /* it is being served */
    close(fd);
    local_stop(local);
    temp_close(&temp);
}

UNIT_MAIN({ "the text", test_text }, { "a place that is taken", test_place_taken },
          { "bad paths", test_bad_paths }, { "a caller that goes", test_caller_that_goes })
