/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "temp.h"

#include "libvirt/lv_home.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void check(const char *uri, const char *config, const char *logs)
{
    struct lv_home home;

    lv_home_find(&home, uri);
    if (config) {
        CU_ASSERT_STRING_EQUAL(home.config, config);
        CU_ASSERT_STRING_EQUAL(home.logs, logs);
    } else {
        CU_ASSERT_PTR_NULL(home.config);
        CU_ASSERT_PTR_NULL(home.logs);
    }
    lv_home_clear(&home);
}

static void test_places(void)
{
    setenv("HOME", "/home/u", 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("XDG_CACHE_HOME");
    check("qemu:///system", "/etc/libvirt/qemu", "/var/log/libvirt/qemu");
    check("qemu+unix:///system?socket=/s", "/etc/libvirt/qemu", "/var/log/libvirt/qemu");
    check("qemu:///session", "/home/u/.config/libvirt/qemu", "/home/u/.cache/libvirt/qemu/log");
    setenv("XDG_CONFIG_HOME", "/c", 1);
    setenv("XDG_CACHE_HOME", "/k", 1);
    check("qemu+unix:///session?socket=/s", "/c/libvirt/qemu", "/k/libvirt/qemu/log");
    check("qemu:///embed?a=b&root=/r%20s", "/r s/etc/qemu", "/r s/log/qemu");
}

/* What cannot be known is not told. */
static void test_unknown(void)
{
    check("qemu:///embed", NULL, NULL);
    check("qemu:///embed?root=", NULL, NULL);
    check("qemu+ssh://host/system", NULL, NULL);
    check("test:///default", NULL, NULL);
    check("xen:///system", NULL, NULL);
    check("qemu", NULL, NULL);
    unsetenv("HOME");
    unsetenv("XDG_CONFIG_HOME");
    setenv("XDG_CACHE_HOME", "relative", 1);
    check("qemu:///session", NULL, NULL);
}

static void tell(const struct lv_home *home, virDomainPtr dom, const char *snapshot, const char *config, const char *file)
{
    struct hardware out = { 0 };

    CU_ASSERT_EQUAL(lv_home_tell(home, dom, snapshot, &out.home), 0);
    if (file) {
        CU_ASSERT_STRING_EQUAL_FATAL(out.home.config_file, file);
        CU_ASSERT_STRING_EQUAL_FATAL(out.home.config, config);
        CU_ASSERT_STRING_EQUAL_FATAL(out.home.snapshots, home->snapshots);
    } else {
        CU_ASSERT_PTR_NULL(out.home.config);
        CU_ASSERT_PTR_NULL(out.home.config_file);
    }
    CU_ASSERT_PTR_NULL(out.home.saves); /* no such folder */
    hardware_clear(&out);
}

/* What there is, in the order in which it is made. */
static const struct {
    const char *path;
    bool folder;
} all[] = { { "etc", true }, { "etc/qemu", true }, { "lib", true }, { "lib/qemu", true }, { "lib/qemu/snapshot", true },
            { "lib/qemu/snapshot/test", true }, { "etc/qemu/test.xml", false }, { "lib/qemu/snapshot/test/s.xml", false } };
enum { FOLDERS = 6, CONFIG = 6, SNAPSHOT = 7 };

static const char *below(const struct temp *temp, const char *path)
{
    static char full[PATH_MAX];

    snprintf(full, sizeof(full), "%s/%s", temp->directory, path);
    return full;
}

static void make(const struct temp *temp, size_t i)
{
    const char *path = below(temp, all[i].path);
    int fd = all[i].folder ? mkdir(path, 0700) : open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    CU_ASSERT_TRUE_FATAL(fd >= 0);
    if (!all[i].folder)
        close(fd);
}

/* Only what is there is told of. */
static void test_tell(void)
{
    virConnectPtr conn = virConnectOpen("test:///default");
    virDomainPtr dom = conn ? virDomainLookupByName(conn, "test") : NULL;
    char uri[PATH_MAX], config[PATH_MAX];
    struct lv_home home;
    struct temp temp;

    CU_ASSERT_PTR_NOT_NULL_FATAL(dom);
    temp_open(&temp);
    snprintf(uri, sizeof(uri), "qemu:///embed?root=%s", temp.directory);
    snprintf(config, sizeof(config), "%s/etc/qemu", temp.directory);
    for (size_t i = 0; i < FOLDERS; i++)
        make(&temp, i);
    lv_home_find(&home, uri);
    tell(&home, dom, NULL, NULL, NULL);
    make(&temp, CONFIG);
    tell(&home, dom, NULL, config, "test.xml");
    tell(&home, dom, "s", NULL, NULL);
    make(&temp, SNAPSHOT);
    tell(&home, dom, "s", home.snapshots, "test/s.xml");
    lv_home_clear(&home);
    tell(&home, dom, NULL, NULL, NULL);
    for (size_t i = sizeof(all) / sizeof(all[0]); i-- > 0;)
        CU_ASSERT_EQUAL(remove(below(&temp, all[i].path)), 0);
    temp_close(&temp);
    virDomainFree(dom);
    virConnectClose(conn);
}

UNIT_MAIN({ "places", test_places }, { "what is unknown", test_unknown }, { "what is there", test_tell })
