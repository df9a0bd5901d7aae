/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libFuzzer target: parses the input as a query and runs it on the small world of the unit tests.
 */
#include "cim/query.h"
#include "unit/fake_classes.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fake_sink taken = FAKE_SINK;
    struct fake_call fake;
    const struct cim_query *query;

    fake_begin(&fake);
    query = cim_query_parse(arena_strndup(&fake.arena, (const char *)data, size), &fake.arena,
                            &fake.err);
    /* Exactly what fails has an error. */
    if (!query != (fake.err.code != ERR_NONE))
        abort();
    if (query && cim_query_run(query, &fake.call, CIM_NS_V2, &taken.sink) && !fake.err.code)
        abort();
    arena_free(&fake.arena);
    return 0;
}
