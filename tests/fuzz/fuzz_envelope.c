/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libFuzzer target: guard, gSOAP's stubs, selectors and endpoint references. What the guard lets through
 * must be decoded or refused without a step outside, and every reference in it read or refused.
 */
#include "wsman/any.h"
#include "wsman/decode.h"
#include "wsman/guard.h"
#include "wsman/target.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const struct guard_limits limits = { .depth = 64, .attributes = 64, .namespaces = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct request *request)
{
    struct arena arena = ARENA_INIT;
    struct target target = { 0 };
    struct error err = { 0 };

    if ((target_parse(&request->headers, &target, &arena, &err) != 0) != (err.code != ERR_NONE))
        abort();
    for (size_t i = 0; request->kind == BODY_INVOKE && i < request->body.invoke.count; i++) {
        const struct any *value = request->body.invoke.inputs[i].value;
        error_clear(&err);
        if (!any_reference(value, "Msvm_ComputerSystem", &arena, &err) != (err.code != ERR_NONE))
            abort();
        any_is_nil(value);
    }
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct decoder *decoder;
    struct request request;
    struct error err = { 0 };
    char *copy;

    if (!decoder)
        decoder = decoder_new();
    copy = malloc(size + !size);
    if (!decoder || !copy)
        return 0;
    memcpy(copy, data, size);
    if (guard_check(copy, size, &limits, &err) == 0) {
        if (decode_begin(decoder, copy, size, &request, &err) == 0)
            read_all(&request);
        decode_end(decoder);
    }
    free(copy);
    return 0;
}
