/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libFuzzer target: parses the input as an embedded instance.
 */
#include "cim/embedded.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_INIT;
    struct error err = { 0 };
    const struct cim_embedded *instance =
        cim_embedded_parse(arena_strndup(&arena, (const char *)data, size), &arena, &err);

    if (!instance != (err.code != ERR_NONE))
        abort();
    for (size_t i = 0; instance && i < instance->count; i++)
        if (cim_embedded_find(instance, instance->properties[i].name) != &instance->properties[i])
            abort();
    arena_free(&arena);
    return 0;
}
