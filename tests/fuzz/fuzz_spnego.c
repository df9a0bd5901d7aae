/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libFuzzer target: SPNEGO tokens. What is found lies within the token, and what we write is read
 * as it was meant.
 */
#include "auth/spnego.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct bytes part, struct bytes whole)
{
    if (part.len && (part.data < whole.data || part.data + part.len > whole.data + whole.len))
        abort();
}

static void check_again(const struct spnego_response *response)
{
    struct strbuf text = STRBUF_INIT;
    struct spnego_response again;

    spnego_write(&text, SPNEGO_INCOMPLETE, true, response->token, response->mic);
    if (!strbuf_ok(&text) ||
        !spnego_read_response(&again, (struct bytes){ (unsigned char *)text.data, text.len }) ||
        again.token.len != response->token.len || again.mic.len != response->mic.len)
        abort();
    strbuf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned char *copy = malloc(size ? size : 1);
    struct bytes token = { copy, size };
    struct spnego_response response;
    struct spnego_init init;

    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    spnego_kind(token);
    if (spnego_read_init(&init, token)) {
        check_inside(init.token, token);
        check_inside(init.mic, token);
        check_inside(init.mechanisms, token);
        if (init.mechanisms.len < 2 || spnego_kind(token) != SPNEGO_INIT)
            abort();
    }
    if (spnego_read_response(&response, token)) {
        check_inside(response.token, token);
        check_inside(response.mic, token);
        check_again(&response);
    }
    free(copy);
    return 0;
}
