/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/systemd.h"

#include "temp.h"
#include "unit.h"

#include <sys/socket.h>
#include <sys/un.h>

static int sockets(const char *pid, const char *count, struct error *err)
{
    if (pid)
        setenv("LISTEN_PID", pid, 1);
    else
        unsetenv("LISTEN_PID");
    if (count)
        setenv("LISTEN_FDS", count, 1);
    else
        unsetenv("LISTEN_FDS");
    return systemd_sockets(err);
}

static void test_sockets(void)
{
    static const char *const nonsense[] = {
        "-1", "x", "2x", "", " 2", "65", "99999999999999999999"
    };
    char pid[24], other[24];

    snprintf(pid, sizeof(pid), "%ld", (long)getpid());
    snprintf(other, sizeof(other), "%ld", (long)getpid() + 1);
    CU_ASSERT_EQUAL(sockets(NULL, NULL, NULL), 0);
    CU_ASSERT_EQUAL(sockets(pid, NULL, NULL), 0);
    CU_ASSERT_EQUAL(sockets(NULL, "2", NULL), 0);
    CU_ASSERT_EQUAL(sockets(other, "2", NULL), 0);
    CU_ASSERT_EQUAL(sockets("x", "2", NULL), 0);
    CU_ASSERT_EQUAL(sockets(pid, "2", NULL), 2);
    CU_ASSERT_EQUAL(sockets(pid, "0", NULL), 0);
    CU_ASSERT_EQUAL(sockets(pid, "64", NULL), 64);
    for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
        struct error err = { 0 };
        CU_ASSERT_EQUAL(sockets(pid, nonsense[i], &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_INVALID_PARAMETER);
    }
    sockets(NULL, NULL, NULL);
}

static void test_names(void)
{
    static const struct {
        const char *names;
        const char *expected[3];
    } cases[] = {
        { NULL, { "", "", "" } },
        { "", { "", "", "" } },
        { "https", { "https", "", "" } },
        { "https:http:mutual", { "https", "http", "mutual" } },
        { "::x", { "", "", "x" } },
        { "a-name-that-is-longer-than-the-room:http", { "", "http", "" } },
    };
    char name[16];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (cases[i].names)
            setenv("LISTEN_FDNAMES", cases[i].names, 1);
        for (size_t j = 0; j < 3; j++) {
            systemd_socket_name(j, name, sizeof(name));
            CU_ASSERT_STRING_EQUAL(name, cases[i].expected[j]);
        }
    }
    unsetenv("LISTEN_FDNAMES");
}

static void test_watchdog(void)
{
    static const char *const nonsense[] = { "", "x", "-1", "0", "1e6", "99999999999999999999" };
    char pid[24];

    unsetenv("WATCHDOG_USEC");
    CU_ASSERT_EQUAL(systemd_watchdog_ms(), 0);
    setenv("WATCHDOG_USEC", "30000000", 1);
    CU_ASSERT_EQUAL(systemd_watchdog_ms(), 15000);
    setenv("WATCHDOG_PID", "1", 1);
    CU_ASSERT_EQUAL(systemd_watchdog_ms(), 0);
    snprintf(pid, sizeof(pid), "%ld", (long)getpid());
    setenv("WATCHDOG_PID", pid, 1);
    CU_ASSERT_EQUAL(systemd_watchdog_ms(), 15000);
    setenv("WATCHDOG_USEC", "1", 1);
    CU_ASSERT_EQUAL(systemd_watchdog_ms(), 1);
    for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
        setenv("WATCHDOG_USEC", nonsense[i], 1);
        CU_ASSERT_EQUAL(systemd_watchdog_ms(), 0);
    }
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

/* What arrives at a manager of our own under this name. */
static void check_notify(const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t len = (socklen_t)(sizeof(address) - sizeof(address.sun_path) + strlen(name));
    char text[200] = "";

    memcpy(address.sun_path, name, strlen(name));
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    CU_ASSERT_EQUAL_FATAL(bind(manager, (const void *)&address, len), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    systemd_notify("READY=1");
    CU_ASSERT_EQUAL(recv(manager, text, sizeof(text) - 1, 0), 7);
    CU_ASSERT_STRING_EQUAL(text, "READY=1");
    systemd_notify_reloading();
    CU_ASSERT_TRUE(recv(manager, text, sizeof(text) - 1, 0) > 0);
    CU_ASSERT_EQUAL(strncmp(text, "RELOADING=1\nMONOTONIC_USEC=", 27), 0);
    CU_ASSERT_TRUE(strtoll(text + 27, NULL, 10) > 0);
    close(manager);
}

static void test_notify(void)
{
    struct temp temp;
    char abstract[64];

    temp_open(&temp);
    check_notify(temp.path);
    snprintf(abstract, sizeof(abstract), "@test_systemd-%ld", (long)getpid());
    check_notify(abstract);
    setenv("NOTIFY_SOCKET", "relative", 1);
    systemd_notify("READY=1");
    unsetenv("NOTIFY_SOCKET");
    systemd_notify("READY=1");
    temp_close(&temp);
}

UNIT_MAIN({ "sockets", test_sockets }, { "names of sockets", test_names },
          { "watchdog", test_watchdog }, { "notifications", test_notify })
