/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libFuzzer target: parses the input as time and as duration; what is one must survive being
 * written and read again.
 */
#include "cim/datetime.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_INIT;
    const char *text = arena_strndup(&arena, (const char *)data, size);
    int64_t us = 0, again = 0;

    if (!cim_datetime_parse(text, &us) && us != 0 &&
        (cim_datetime_parse(cim_datetime(us, &arena), &again) || again != us))
        abort();
    if (!cim_duration_parse(text, &us) &&
        (cim_duration_parse(cim_interval(us, &arena), &again) || again != us))
        abort();
    arena_free(&arena);
    return 0;
}
