/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_console.h"

#include "libvirt/lv_error.h"
#include "libvirt/lv_qmp.h"

#include <ctype.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    KEYS_AT_ONCE = 6, /* an emulated keyboard's buffer is small */
    KEYS_PAUSE_MS = 20,
    KEY_HELD_MS = 20,
    SCREEN_MOST = 64 * 1024 * 1024, /* octets of a picture */
    SIDE_MOST = 16384,              /* points */
};

static void keys_pause(void)
{
    const struct timespec pause = { .tv_nsec = KEYS_PAUSE_MS * 1000000L };

    nanosleep(&pause, NULL);
}

/* Keys go down and up apart, which only QEMU's own command can do. */
static int keys_qemu(virDomainPtr dom, const struct key_event *events, size_t count,
                     struct error *err)
{
    for (size_t i = 0; i < count; i += KEYS_AT_ONCE) {
        size_t some = count - i < KEYS_AT_ONCE ? count - i : KEYS_AT_ONCE;
        if (i)
            keys_pause();
        if (lv_qmp_keys(dom, events + i, some, err))
            return -1;
    }
    return 0;
}

/* Other drivers press and release at once: at the moment of the press. */
static int keys_other(virDomainPtr dom, const struct key_event *events, size_t count,
                      struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        unsigned code = events[i].code;
        if (events[i].down &&
            virDomainSendKey(dom, VIR_KEYCODE_SET_QNUM, KEY_HELD_MS, &code, 1, 0))
            return lv_error_set(err, "send keys to the machine");
    }
    return 0;
}

int lv_console_keys(struct lv_conn *conn, const struct guid *vm, const struct key_event *events,
                    size_t count, struct error *err)
{
    struct lv_link link;
    virDomainPtr dom;
    int result = -1;

    if (lv_conn_get(conn, &link, err))
        return -1;
    dom = lv_conn_machine(&link, vm, err);
    if (dom && link.driver == LV_QEMU)
        result = keys_qemu(dom, events, count, err);
    else if (dom)
        result = keys_other(dom, events, count, err);
    if (dom)
        virDomainFree(dom);
    lv_conn_put(&link);
    return result;
}

/* ---- the screen ---- */

/* A number of the head; what is none is 0. Steps over it and the blank behind. */
static unsigned ppm_number(const uint8_t **at, const uint8_t *end)
{
    unsigned number = 0;

    while (*at < end && isspace(**at))
        (*at)++;
    while (*at < end && isdigit(**at) && number <= SIDE_MOST)
        number = number * 10 + (unsigned)(*(*at)++ - '0');
    return *at < end && isspace(**at) ? number : 0;
}

static int screen_ppm(const uint8_t *data, size_t len, struct picture *out, struct error *err)
{
    const uint8_t *at = data + 2, *end = data + len;
    unsigned most;
    size_t size;

    out->width = ppm_number(&at, end);
    out->height = ppm_number(&at, end);
    most = ppm_number(&at, end);
    size = (size_t)out->width * out->height * 3;
    if (!size || out->width > SIDE_MOST || out->height > SIDE_MOST || most != 255 ||
        (size_t)(end - at) < size + 1)
        return error_set(err, ERR_FAILED, "The picture of the screen is not whole.");
    out->points = malloc(size);
    if (!out->points)
        return error_set(err, ERR_NO_MEMORY, NULL);
    memcpy(out->points, at + 1, size);
    return 0;
}

static int screen_png(const uint8_t *data, size_t len, struct picture *out, struct error *err)
{
    png_image png = { .version = PNG_IMAGE_VERSION };

    if (!png_image_begin_read_from_memory(&png, data, len))
        return error_set(err, ERR_FAILED, "The picture of the screen is not whole.");
    png.format = PNG_FORMAT_RGB;
    if (png.width <= SIDE_MOST && png.height <= SIDE_MOST)
        out->points = malloc(PNG_IMAGE_SIZE(png));
    if (!out->points) {
        png_image_free(&png);
        return error_set(err, ERR_NO_MEMORY, NULL);
    }
    out->width = png.width;
    out->height = png.height;
    if (png_image_finish_read(&png, NULL, out->points, 0, NULL))
        return 0;
    return error_set(err, ERR_FAILED, "The picture of the screen is not whole.");
}

int lv_console_read(const uint8_t *data, size_t len, struct picture *out, struct error *err)
{
    static const struct {
        const char *magic;
        int (*read)(const uint8_t *data, size_t len, struct picture *out, struct error *err);
    } forms[] = { { "P6", screen_ppm }, { "\x89PNG", screen_png } };

    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        size_t magic = strlen(forms[i].magic);
        if (len < magic || memcmp(data, forms[i].magic, magic) != 0)
            continue;
        if (forms[i].read(data, len, out, err) == 0)
            return 0;
        picture_clear(out);
        return -1;
    }
    return error_set(err, ERR_NOT_SUPPORTED, "The screen comes in a form that is not known here.");
}

struct screen {
    uint8_t *data;
    size_t len, room;
};

static int screen_take(virStreamPtr stream, const char *data, size_t len, void *opaque)
{
    struct screen *screen = opaque;

    (void)stream;
    if (len > SCREEN_MOST - screen->len)
        return -1;
    if (len > screen->room - screen->len) {
        size_t room = (screen->len + len) * 2;
        uint8_t *grown = realloc(screen->data, room);
        if (!grown)
            return -1;
        screen->data = grown;
        screen->room = room;
    }
    memcpy(screen->data + screen->len, data, len);
    screen->len += len;
    return (int)len;
}

static int screen_read(const struct lv_link *link, virDomainPtr dom, struct screen *screen,
                       struct error *err)
{
    virStreamPtr stream = virStreamNew(link->conn, 0);
    char *type = NULL;
    int result = 0;

    if (stream)
        type = virDomainScreenshot(dom, stream, 0, 0);
    if (!type || virStreamRecvAll(stream, screen_take, screen) || virStreamFinish(stream)) {
        result = lv_error_set(err, "take a picture of the screen");
        if (type)
            virStreamAbort(stream);
    }
    free(type);
    if (stream)
        virStreamFree(stream);
    return result;
}

int lv_console_picture(struct lv_conn *conn, const struct guid *vm, struct picture *out,
                       struct error *err)
{
    struct screen screen = { 0 };
    struct lv_link link;
    virDomainPtr dom;
    int result = -1;

    if (lv_conn_get(conn, &link, err))
        return -1;
    dom = lv_conn_machine(&link, vm, err);
    /* libvirt's mock shows a screen of machines that are off, too */
    if (dom && virDomainIsActive(dom) == 0)
        error_set(err, ERR_INVALID_STATE, "The machine is off.");
    else if (dom && screen_read(&link, dom, &screen, err) == 0)
        result = lv_console_read(screen.data, screen.len, out, err);
    free(screen.data);
    if (dom)
        virDomainFree(dom);
    lv_conn_put(&link);
    return result;
}
