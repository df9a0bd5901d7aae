/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Keys in the numbers that Msvm_Keyboard takes, as events of a PC keyboard.
 */
#ifndef CIMSNAPD_CLASSES_KEYS_H
#define CIMSNAPD_CLASSES_KEYS_H

#include "core/model.h"

#include <stddef.h>

/* The scan code (0x80: extended) of a Windows virtual-key code; 0 for what no keyboard has. */
unsigned keys_of_windows(unsigned long key);
/* Text of a keyboard of the United States as presses and releases, at most 4 for each character: how many. 0 with
 * text left: *bad is the place of a character that such a keyboard cannot type. */
size_t keys_of_text(const char *text, struct key_event *out, size_t *bad);
/* Octets of scan code set 1, prefixes E0 and E1 too, at most one event for each: how many, or -1 when they end
 * in the middle. */
long keys_of_scancodes(const unsigned char *octets, size_t count, struct key_event *out);

#endif
