/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/put.h"

#include <string.h>

void put_text(char *out, size_t size, const char *text)
{
    size_t len = strnlen(text, size - 1);

    memcpy(out, text, len);
    out[len] = '\0';
}

char *put_number(char out[PUT_NUMBER], unsigned long number)
{
    char digits[PUT_NUMBER], *to = digits + sizeof(digits) - 1;

    *to = '\0';
    do {
        *--to = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    return memcpy(out, to, (size_t)(digits + sizeof(digits) - to));
}
