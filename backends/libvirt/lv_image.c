/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_image.h"

#include "base/strbuf.h"
#include "libvirt/lv_error.h"
#include "libvirt/lv_qmp.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IMAGE_OUTPUT = 1 << 20 }; /* octets of qemu-img's output that are kept */

/* A child with its standard output and error in out, and no signal blocked. */
static int image_spawn(char *const argv[], int out, pid_t *pid)
{
    static char locale[] = "LC_ALL=C";
    char *const env[] = { locale, NULL };
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none;
    int result;

    sigemptyset(&none);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    posix_spawn_file_actions_init(&files);
    result = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0) ||
             posix_spawn_file_actions_adddup2(&files, out, 1) ||
             posix_spawn_file_actions_adddup2(&files, out, 2) ||
             posix_spawnp(pid, argv[0], &files, &attr, argv, env);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return result ? -1 : 0;
}

/* Reads to the end, so that the child never blocks, and keeps the beginning. */
static void image_read(int fd, struct strbuf *output)
{
    char chunk[4096];
    ssize_t n;

    do {
        n = read(fd, chunk, sizeof(chunk));
        if (n > 0 && output->len < IMAGE_OUTPUT)
            strbuf_add(output, chunk, (size_t)n);
    } while (n > 0 || (n < 0 && errno == EINTR));
}

/* what: to follow "could not". */
static int image_run(char *const argv[], const char *what, struct strbuf *output, struct error *err)
{
    int pipe_fds[2], status = -1, spawned;
    enum error_code code = ERR_FAILED;
    const char *cause = "";
    pid_t pid;

    if (pipe2(pipe_fds, O_CLOEXEC))
        return error_set(err, ERR_FAILED, NULL);
    spawned = image_spawn(argv, pipe_fds[1], &pid);
    close(pipe_fds[1]);
    if (spawned == 0) {
        image_read(pipe_fds[0], output);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            continue;
    }
    close(pipe_fds[0]);
    if (spawned == 0 && status == 0 && strbuf_ok(output))
        return 0;
    error_cause(err, "%s %s: %s", argv[0], argv[1],
                spawned ? "could not be started" : strbuf_str(output));
    if (strbuf_ok(output))
        cause = lv_error_cause(strbuf_str(output), &code);
    return error_set(err, code, "A disk image of the machine could not be %s%s.", what, cause);
}

/* What qemu-img says of an image without opening what it stands on. */
static struct json_object *image_info(const char *file, struct error *err)
{
    /* The format is given, so that an image's content never chooses it. */
    const char *argv[] = { "qemu-img", "info", "-f", "qcow2", "--output=json", file, NULL };
    struct strbuf output = STRBUF_INIT;
    struct json_object *info = NULL;

    if (image_run((char *const *)argv, "examined", &output, err) == 0) {
        info = json_tokener_parse(strbuf_str(&output));
        if (!info)
            error_set(err, ERR_FAILED, NULL);
    }
    strbuf_free(&output);
    return info;
}

int lv_image_read(struct lv_disk *disk, const char *tag, struct error *err)
{
    struct json_object *info, *data;

    disk->tags = -1;
    if (disk->file[0] != '/' || access(disk->file, R_OK))
        return 0;
    info = image_info(disk->file, err);
    if (!info)
        return -1;
    data = json_object_object_get(json_object_object_get(info, "format-specific"), "data");
    disk->tags = lv_qmp_count(json_object_object_get(info, "snapshots"), tag);
    lv_qmp_names(json_object_object_get(info, "snapshots"), disk->names);
    disk->bitmaps = lv_qmp_length(json_object_object_get(data, "bitmaps")) > 0;
    json_object_put(info);
    return 0;
}

/* what: -c or -d. */
static int image_change(const char *file, const char *what, const char *tag, struct error *err)
{
    const char *argv[] = { "qemu-img", "snapshot", what, tag, file, NULL };
    struct strbuf output = STRBUF_INIT;
    int result;

    if (file[0] != '/')
        return error_set(err, ERR_FAILED, NULL);
    result = image_run((char *const *)argv, "changed", &output, err);
    strbuf_free(&output);
    return result;
}

int lv_image_take(const char *file, const char *tag, struct error *err)
{
    return image_change(file, "-c", tag, err);
}

int lv_image_drop(const char *file, const char *tag, struct error *err)
{
    return image_change(file, "-d", tag, err);
}
