/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libFuzzer target: the HTTP reader. Whole or in pieces, the verdict is the same, what it points at
 * lies within what was read, and nothing past that is looked at.
 */
#include "net/http.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const struct http_limits limits = { .head = 4096, .body = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_span(struct http_span span, size_t size)
{
    if (span.len && (span.at > size || span.len > size - span.at))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_request whole = { 0 }, piecewise = { 0 };
    enum http_outcome one, many = HTTP_MORE;

    one = http_read(&whole, (const char *)data, size, &limits);
    for (size_t len = 1; len <= size && many == HTTP_MORE; len++) {
        char *copy = malloc(len); /* of exact size, so that a step past it is seen */
        if (!copy)
            return 0;
        memcpy(copy, data, len);
        many = http_read(&piecewise, copy, len, &limits);
        free(copy);
    }
    if (size && (one != many || whole.status != piecewise.status))
        abort();
    if (one == HTTP_REFUSED && (whole.status < 400 || !whole.reason))
        abort();
    if (whole.head_read) {
        check_span(whole.authorization, size);
        check_span(whole.user_agent, size);
        if (whole.head_len > size || whole.body_len > limits.body)
            abort();
    }
    return 0;
}
