/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_home.h"

#include <errno.h>
#include <libxml/uri.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As the driver's start-up has them (libvirt's qemu_conf.c); {C} and {K} stand for a user's folders of configurations
 * and of caches, {R} for the root of an embedded driver. */
static const struct {
    const char *path; /* of the URI */
    const char *config, *snapshots, *saves, *logs;
} places[] = {
    { "/system", "/etc/libvirt/qemu", "/var/lib/libvirt/qemu/snapshot", "/var/lib/libvirt/qemu/save",
      "/var/log/libvirt/qemu" },
    { "/session", "{C}/libvirt/qemu", "{C}/libvirt/qemu/snapshot", "{C}/libvirt/qemu/save", "{K}/libvirt/qemu/log" },
    { "/embed", "{R}/etc/qemu", "{R}/lib/qemu/snapshot", "{R}/lib/qemu/save", "{R}/log/qemu" },
};

/* A user's folder by the XDG Base Directory Specification: that of the variable, or one below $HOME. */
static char *user_folder(const char *variable, const char *below_home)
{
    const char *set = getenv(variable), *user = getenv("HOME");
    char *made = NULL;

    if (set && set[0] == '/')
        return strdup(set);
    if (!user || user[0] != '/' || asprintf(&made, "%s/%s", user, below_home) < 0)
        return NULL;
    return made;
}

/* The value of the parameter `root`; NULL without. */
static char *root_of(const xmlURI *uri)
{
    const char *at = uri->query_raw;

    while (at && *at) {
        size_t length = strcspn(at, "&;");
        if (length > 5 && strncmp(at, "root=", 5) == 0)
            return xmlURIUnescapeString(at + 5, (int)length - 5, NULL);
        at += length + (at[length] != '\0');
    }
    return NULL;
}

/* The folder that a mark of the table stands for, to be freed; NULL when it is unknown. */
static char *folder_of(char mark, const xmlURI *uri)
{
    switch (mark) {
    case 'C':
        return user_folder("XDG_CONFIG_HOME", ".config");
    case 'K':
        return user_folder("XDG_CACHE_HOME", ".cache");
    default:
        return root_of(uri);
    }
}

/* The place with its mark filled in; NULL when that is unknown. */
static char *fill(const char *place, const xmlURI *uri)
{
    char *folder, *made = NULL;

    if (place[0] != '{')
        return strdup(place);
    folder = folder_of(place[1], uri);
    if (!folder || asprintf(&made, "%s%s", folder, place + 3) < 0)
        made = NULL;
    free(folder);
    return made;
}

void lv_home_find(struct lv_home *home, const char *uri)
{
    xmlURIPtr parsed = xmlParseURI(uri);
    bool here = parsed && parsed->path && parsed->scheme && strncmp(parsed->scheme, "qemu", 4) == 0 &&
                (!parsed->server || !parsed->server[0]);

    *home = (struct lv_home){ 0 };
    for (size_t i = 0; here && i < sizeof(places) / sizeof(places[0]); i++)
        if (strcmp(parsed->path, places[i].path) == 0)
            *home = (struct lv_home){ fill(places[i].config, parsed), fill(places[i].snapshots, parsed),
                                      fill(places[i].saves, parsed), fill(places[i].logs, parsed) };
    xmlFreeURI(parsed);
}

void lv_home_clear(struct lv_home *home)
{
    free(home->config);
    free(home->snapshots);
    free(home->saves);
    free(home->logs);
    *home = (struct lv_home){ 0 };
}

/* Where this process may not look it is believed to be where libvirt puts it. */
static bool is_there(const char *path)
{
    return access(path, F_OK) == 0 || errno == EACCES;
}

/* A copy of a folder that is there. */
static int tell_folder(const char *folder, char **out)
{
    if (!folder || !is_there(folder))
        return 0;
    *out = strdup(folder);
    return *out ? 0 : -1;
}

/* The file at that place below a folder, and the folder, when it is there. */
static int tell_file(const char *folder, const char *file, struct hw_home *out)
{
    char *path = NULL;
    int result = 0;

    if (!folder)
        return 0;
    if (asprintf(&path, "%s/%s", folder, file) < 0)
        return -1;
    if (is_there(path)) {
        out->config = strdup(folder);
        out->config_file = strdup(file);
        result = out->config && out->config_file ? 0 : -1;
    }
    free(path);
    return result;
}

int lv_home_tell(const struct lv_home *home, virDomainPtr dom, const char *snapshot, struct hw_home *out)
{
    const char *name = virDomainGetName(dom);
    char *file = NULL;
    int result;

    if (!name || (snapshot ? asprintf(&file, "%s/%s.xml", name, snapshot) : asprintf(&file, "%s.xml", name)) < 0)
        return -1;
    result = tell_file(snapshot ? home->snapshots : home->config, file, out) ||
             tell_folder(home->snapshots, &out->snapshots) || tell_folder(home->saves, &out->saves) ||
             tell_folder(home->logs, &out->logs);
    free(file);
    return result ? -1 : 0;
}
