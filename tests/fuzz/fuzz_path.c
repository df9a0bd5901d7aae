/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libFuzzer target: parses the input as a WMI path; what is one must survive being written and read
 * again.
 */
#include "cim/reference.h"
#include "unit/fake_classes.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fake_call fake;
    struct cim_instance found;
    const struct cim_ref *ref, *again;

    fake_begin(&fake);
    ref = cim_ref_parse_path(arena_strndup(&fake.arena, (const char *)data, size), &fake.arena,
                             &fake.err);
    if (!ref != (fake.err.code != ERR_NONE))
        abort();
    /* Escapes may make it longer than what is accepted. */
    if (ref && size < 8192) {
        again = cim_ref_parse_path(cim_ref_path(ref, NULL, &fake.arena), &fake.arena, NULL);
        if (!again || strcmp(again->class, ref->class) || again->key_count != ref->key_count)
            abort();
        for (size_t i = 0; i < ref->key_count; i++)
            if (strcmp(again->keys[i].text, ref->keys[i].text))
                abort();
        cim_resolve(&fake.call, CIM_NS_V2, ref, &found);
    }
    arena_free(&fake.arena);
    return 0;
}
