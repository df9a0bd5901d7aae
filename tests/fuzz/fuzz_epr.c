/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libFuzzer target: the input is the content of a parameter that is a reference.
 */
#include "fuzz/decode.h"

#include "base/strbuf.h"
#include "wsman/names.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char before[] =
    "<s:Envelope xmlns:s='" NS_S "' xmlns:a='" NS_A "' xmlns:w='" NS_W "'>"
    "<s:Body><p:CreateSnapshot_INPUT xmlns:p='http://schemas.x/p'><p:AffectedSystem>";
static const char after[] = "</p:AffectedSystem></p:CreateSnapshot_INPUT></s:Body></s:Envelope>";

static void check(const struct cim_ref *ref)
{
    if (!ref->class)
        abort();
    for (size_t i = 0; i < ref->key_count; i++) {
        if (!ref->keys[i].name || (!ref->keys[i].text && !ref->keys[i].ref))
            abort();
        if (ref->keys[i].ref)
            check(ref->keys[i].ref);
    }
}

static void read_reference(const struct any *value)
{
    struct arena arena = ARENA_INIT;
    struct error err = { 0 };
    const struct cim_ref *ref = any_reference(value, "Msvm_ComputerSystem", &arena, &err);

    if (!ref != (err.code != ERR_NONE))
        abort();
    if (ref)
        check(ref);
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct decoder *decoder = fuzz_decoder();
    struct strbuf xml = STRBUF_INIT;
    struct request request;

    strbuf_puts(&xml, before);
    strbuf_add(&xml, (const char *)data, size);
    strbuf_puts(&xml, after);
    if (strbuf_ok(&xml) && fuzz_decode(decoder, strbuf_str(&xml), xml.len, &request)) {
        if (request.kind == BODY_INVOKE)
            for (size_t i = 0; i < request.body.invoke.count; i++)
                read_reference(request.body.invoke.inputs[i].value);
        decode_end(decoder);
    }
    strbuf_free(&xml);
    return 0;
}
