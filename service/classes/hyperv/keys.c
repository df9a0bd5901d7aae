/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "classes/hyperv/keys.h"

#include <string.h>

enum { SHIFT = 0x2A, PAUSE = 0xC6 };

/* Virtual-key codes as in Windows' WinUser.h. */
static const unsigned char windows[256] = {
    [0x08] = 0x0E, [0x09] = 0x0F, [0x0D] = 0x1C, [0x10] = 0x2A, [0x11] = 0x1D, [0x12] = 0x38,
    [0x13] = PAUSE, [0x14] = 0x3A, [0x1B] = 0x01, [0x20] = 0x39,
    /* page up, page down, end, home, left, up, right, down */
    [0x21] = 0xC9, [0x22] = 0xD1, [0x23] = 0xCF, [0x24] = 0xC7, [0x25] = 0xCB, [0x26] = 0xC8,
    [0x27] = 0xCD, [0x28] = 0xD0, [0x2C] = 0xB7, [0x2D] = 0xD2, [0x2E] = 0xD3,
    ['0'] = 0x0B, ['1'] = 0x02, ['2'] = 0x03, ['3'] = 0x04, ['4'] = 0x05, ['5'] = 0x06,
    ['6'] = 0x07, ['7'] = 0x08, ['8'] = 0x09, ['9'] = 0x0A,
    ['A'] = 0x1E, ['B'] = 0x30, ['C'] = 0x2E, ['D'] = 0x20, ['E'] = 0x12, ['F'] = 0x21,
    ['G'] = 0x22, ['H'] = 0x23, ['I'] = 0x17, ['J'] = 0x24, ['K'] = 0x25, ['L'] = 0x26,
    ['M'] = 0x32, ['N'] = 0x31, ['O'] = 0x18, ['P'] = 0x19, ['Q'] = 0x10, ['R'] = 0x13,
    ['S'] = 0x1F, ['T'] = 0x14, ['U'] = 0x16, ['V'] = 0x2F, ['W'] = 0x11, ['X'] = 0x2D,
    ['Y'] = 0x15, ['Z'] = 0x2C,
    /* Windows' own keys, the menu, sleep */
    [0x5B] = 0xDB, [0x5C] = 0xDC, [0x5D] = 0xDD, [0x5F] = 0xDF,
    /* the number pad, from 0 */
    [0x60] = 0x52, [0x61] = 0x4F, [0x62] = 0x50, [0x63] = 0x51, [0x64] = 0x4B, [0x65] = 0x4C,
    [0x66] = 0x4D, [0x67] = 0x47, [0x68] = 0x48, [0x69] = 0x49, [0x6A] = 0x37, [0x6B] = 0x4E,
    [0x6D] = 0x4A, [0x6E] = 0x53, [0x6F] = 0xB5,
    /* F1 to F12 */
    [0x70] = 0x3B, [0x71] = 0x3C, [0x72] = 0x3D, [0x73] = 0x3E, [0x74] = 0x3F, [0x75] = 0x40,
    [0x76] = 0x41, [0x77] = 0x42, [0x78] = 0x43, [0x79] = 0x44, [0x7A] = 0x57, [0x7B] = 0x58,
    [0x90] = 0x45, [0x91] = 0x46,
    /* shift, control and alt: left and right */
    [0xA0] = 0x2A, [0xA1] = 0x36, [0xA2] = 0x1D, [0xA3] = 0x9D, [0xA4] = 0x38, [0xA5] = 0xB8,
    /* ; = , - . / ` [ \ ] ' and the one beside the left shift */
    [0xBA] = 0x27, [0xBB] = 0x0D, [0xBC] = 0x33, [0xBD] = 0x0C, [0xBE] = 0x34, [0xBF] = 0x35,
    [0xC0] = 0x29, [0xDB] = 0x1A, [0xDC] = 0x2B, [0xDD] = 0x1B, [0xDE] = 0x28, [0xE2] = 0x56,
};

unsigned keys_of_windows(unsigned long key)
{
    return key < sizeof(windows) ? windows[key] : 0;
}

/* The rows of the keyboard, from the scan code on; a blank stands for a key that types nothing. */
static const struct {
    unsigned char first;
    const char *plain, *shifted;
} typed[] = {
    { 0x02, "1234567890-=", "!@#$%^&*()_+" },
    { 0x10, "qwertyuiop[]\n", "QWERTYUIOP{}" },
    { 0x1E, "asdfghjkl;'`", "ASDFGHJKL:\"~" },
    { 0x2B, "\\zxcvbnm,./", "|ZXCVBNM<>?" },
    { 0x39, " ", "" },
    { 0x0F, "\t", "" },
    { 0x1C, "\r", "" },
};

/* The scan code that types c; 0 for none. */
static unsigned char code_of(char c, bool *shifted)
{
    for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
        const char *at = strchr(typed[i].plain, c);
        *shifted = !at;
        if (at)
            return (unsigned char)(typed[i].first + (at - typed[i].plain));
        at = strchr(typed[i].shifted, c);
        if (at)
            return (unsigned char)(typed[i].first + (at - typed[i].shifted));
    }
    return 0;
}

size_t keys_of_text(const char *text, struct key_event *out, size_t *bad)
{
    size_t n = 0;

    for (size_t i = 0; text[i]; i++) {
        bool shifted;
        unsigned char code = code_of(text[i], &shifted);
        *bad = i;
        if (!code)
            return 0;
        if (shifted)
            out[n++] = (struct key_event){ SHIFT, true };
        out[n++] = (struct key_event){ code, true };
        out[n++] = (struct key_event){ code, false };
        if (shifted)
            out[n++] = (struct key_event){ SHIFT, false };
    }
    return n;
}

long keys_of_scancodes(const unsigned char *octets, size_t count, struct key_event *out)
{
    long n = 0;

    for (size_t i = 0; i < count; i++) {
        bool extended = octets[i] == 0xE0;
        if (octets[i] == 0xE1) { /* E1 1D 45 and E1 9D C5: Pause */
            if (count - i < 3)
                return -1;
            out[n++] = (struct key_event){ PAUSE, !(octets[i + 1] & 0x80) };
            i += 2;
            continue;
        }
        if (extended && ++i == count)
            return -1;
        out[n++] = (struct key_event){ (uint8_t)((octets[i] & 0x7F) | (extended ? 0x80 : 0)),
                                       !(octets[i] & 0x80) };
    }
    return n;
}
