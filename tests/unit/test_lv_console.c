/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Pictures of screens as QEMU sends them, whole and broken.
 */
#include "unit.h"

#include "libvirt/lv_console.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t points[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 250, 251, 252 }; /* 2 by 2 */

static void expect(const void *data, size_t len, enum error_code code)
{
    struct error err = { 0 };
    struct picture picture;
    void *copy = malloc(len ? len : 1); /* to the octet, for AddressSanitizer */

    memcpy(copy, data, len);
    CU_ASSERT_EQUAL(lv_console_read(copy, len, &picture, &err), code == ERR_NONE ? 0 : -1);
    CU_ASSERT_EQUAL(err.code, code);
    CU_ASSERT_EQUAL(picture.points != NULL, code == ERR_NONE);
    if (picture.points) {
        CU_ASSERT_EQUAL(picture.width, 2);
        CU_ASSERT_EQUAL(picture.height, 2);
        CU_ASSERT_EQUAL(memcmp(picture.points, points, sizeof(points)), 0);
    }
    picture_clear(&picture);
    free(copy);
}

static void test_pixmaps(void)
{
    static const struct {
        const char *head;
        enum error_code code;
    } rows[] = {
        { "P6\n2 2\n255\n", ERR_NONE },
        { "P6 2\t2 255 ", ERR_NONE },
        { "P6\n2 3\n255\n", ERR_FAILED },
        { "P6\n99999999999 99999999999\n255\n", ERR_FAILED },
        { "P6\n16384 16384\n255\n", ERR_FAILED },
        { "P6\n0 2\n255\n", ERR_FAILED },
        { "P6\n-2 2\n255\n", ERR_FAILED },
        { "P6\n2 2\n65535\n", ERR_FAILED },
        { "P6\n2", ERR_FAILED },
        { "P6", ERR_FAILED },
        { "P3\n2 2\n255\n", ERR_NOT_SUPPORTED },
        { "P", ERR_NOT_SUPPORTED },
        { "", ERR_NOT_SUPPORTED },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char data[128];
        size_t len = strlen(rows[i].head);
        memcpy(data, rows[i].head, len);
        memcpy(data + len, points, sizeof(points));
        /* what breaks off breaks off */
        expect(data, len && data[len - 1] <= ' ' ? len + sizeof(points) : len, rows[i].code);
    }
    expect("P6\n2 2\n255\n1234567890", 20, ERR_FAILED);
}

static void test_pngs(void)
{
    png_image png = { .version = PNG_IMAGE_VERSION, .width = 2, .height = 2, .format = PNG_FORMAT_RGB };
    uint8_t data[1024];
    png_alloc_size_t len = sizeof(data);

    CU_ASSERT_NOT_EQUAL_FATAL(png_image_write_to_memory(&png, data, &len, 0, points, 0, NULL), 0);
    expect(data, len, ERR_NONE);
    for (size_t some = 4; some < len - 16; some++) /* the last chunk is not waited for */
        expect(data, some, ERR_FAILED);
    data[18] = 0xFF; /* width */
    expect(data, len, ERR_FAILED);
}

UNIT_MAIN({ "portable pixmaps", test_pixmaps }, { "PNGs", test_pngs })
