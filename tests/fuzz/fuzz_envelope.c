/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libFuzzer target: a whole request through the guard, gSOAP's stubs, and what reads their trees.
 */
#include "fuzz/decode.h"

#include "wsman/target.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct decoder *decoder = fuzz_decoder();
    struct arena arena = ARENA_INIT;
    struct error err = { 0 };
    struct request request;

    if (!fuzz_decode(decoder, (const char *)data, size, &request))
        return 0;
    for (size_t i = 0; i < request.headers.selector_count; i++)
        fuzz_walk(any_at(request.headers.selectors, i));
    if (request.headers.resource_uri)
        target_parse(&request.headers, &request.target, &arena, &err);
    if (request.kind == BODY_INVOKE)
        for (size_t i = 0; i < request.body.invoke.count; i++)
            fuzz_walk(request.body.invoke.inputs[i].value);
    arena_free(&arena);
    decode_end(decoder);
    return 0;
}
