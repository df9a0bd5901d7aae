/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Keys in Windows' numbers, as text and as scan codes.
 */
#include "unit.h"

#include "classes/hyperv/keys.h"

#include <string.h>

static void test_windows(void)
{
    CU_ASSERT_EQUAL(keys_of_windows('A'), 0x1E);
    CU_ASSERT_EQUAL(keys_of_windows(0x0D), 0x1C);
    CU_ASSERT_EQUAL(keys_of_windows(0x2E), 0xD3); /* delete: extended */
    CU_ASSERT_EQUAL(keys_of_windows(0xA3), 0x9D); /* right control */
    CU_ASSERT_EQUAL(keys_of_windows(0x07), 0);
    CU_ASSERT_EQUAL(keys_of_windows(256), 0);
    CU_ASSERT_EQUAL(keys_of_windows(~0ul), 0);
}

/* Every character that ASCII has is typed, but for control characters. */
static void test_text(void)
{
    struct key_event events[16];
    size_t bad;

    for (int c = 1; c < 128; c++) {
        const char text[] = { (char)c, '\0' };
        size_t n = keys_of_text(text, events, &bad);
        if ((c >= ' ' && c < 127) || c == '\n' || c == '\t' || c == '\r') {
            CU_ASSERT_TRUE(n == 2 || n == 4);
            CU_ASSERT_TRUE(n != 4 || (events[0].code == 0x2A && events[0].down &&
                                      events[3].code == 0x2A && !events[3].down));
        } else {
            CU_ASSERT_EQUAL(n, 0);
        }
    }
    CU_ASSERT_EQUAL(keys_of_text("aB", events, &bad), 6);
    CU_ASSERT_EQUAL(events[0].code, 0x1E);
    CU_ASSERT_EQUAL(events[3].code, 0x30);
    CU_ASSERT_EQUAL(keys_of_text("a\xC3\xA4", events, &bad), 0);
    CU_ASSERT_EQUAL(bad, 1);
    CU_ASSERT_EQUAL(keys_of_text("\n", events, &bad), 2);
    CU_ASSERT_EQUAL(events[0].code, 0x1C);
    CU_ASSERT_EQUAL(keys_of_text("\\|", events, &bad), 6);
    CU_ASSERT_EQUAL(events[0].code, 0x2B);
}

static void test_scancodes(void)
{
    static const unsigned char octets[] = { 0x1E, 0x9E, 0xE0, 0x1D, 0xE0, 0x9D, 0xE1, 0x1D, 0x45, 0xE1, 0x9D, 0xC5 };
    static const struct key_event wanted[] = { { 0x1E, true },  { 0x1E, false }, { 0x9D, true },
                                               { 0x9D, false }, { 0xC6, true },  { 0xC6, false } };
    struct key_event events[16];

    CU_ASSERT_EQUAL(keys_of_scancodes(octets, sizeof(octets), events), 6);
    for (size_t i = 0; i < 6; i++)
        CU_ASSERT_TRUE(events[i].code == wanted[i].code && events[i].down == wanted[i].down);
    CU_ASSERT_EQUAL(keys_of_scancodes(octets, 3, events), -1);
    CU_ASSERT_EQUAL(keys_of_scancodes(octets, 8, events), -1);
    CU_ASSERT_EQUAL(keys_of_scancodes(octets, 0, events), 0);
}

UNIT_MAIN({ "Windows' numbers", test_windows }, { "text", test_text }, { "scan codes", test_scancodes })
