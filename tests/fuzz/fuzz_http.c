/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libFuzzer target: the HTTP reader. Whole or in pieces, the verdict is the same, what it points at
 * lies within what was read, and nothing past that is looked at.
 */
#include "net/http.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct http_limits limits = { .head = 4096, .body = 65536 };

static void check_span(struct http_span span, const struct http_request *r)
{
    if (span.len && (span.at > r->head_len || span.len > r->head_len - span.at))
        abort();
}

static enum http_outcome read_whole(struct http_request *r, const char *data, size_t size)
{
    enum http_outcome outcome = http_read(r, data, size, &limits);

    if (outcome == HTTP_REFUSED && (r->status < 400 || r->status > 599 || !r->reason))
        abort();
    if (r->head_read && (r->head_len > limits.head || r->body_len > limits.body || !r->charset))
        abort();
    if (outcome == HTTP_COMPLETE && r->head_len + r->body_len > size)
        abort();
    if (r->head_read) {
        check_span(r->authorization, r);
        check_span(r->user_agent, r);
    }
    return outcome;
}

/* Each time in memory of its very size, at another place. */
static enum http_outcome read_pieces(struct http_request *r, const char *data, size_t size,
                                     size_t piece)
{
    enum http_outcome outcome = HTTP_MORE;

    for (size_t len = piece < size ? piece : size; outcome == HTTP_MORE;
         len = size - len > piece ? len + piece : size) {
        char *copy = malloc(len + 1);
        if (!copy)
            abort();
        memcpy(copy + 1, data, len);
        outcome = http_read(r, copy + 1, len, &limits);
        free(copy);
        if (len == size)
            break;
    }
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_request whole = { 0 }, pieces = { 0 };
    const char *text = (const char *)data;
    enum http_outcome outcome = read_whole(&whole, text, size);

    if (read_pieces(&pieces, text, size, size % 67 + 1) != outcome ||
        pieces.status != whole.status || pieces.head_read != whole.head_read)
        abort();
    if (whole.head_read &&
        (pieces.head_len != whole.head_len || pieces.body_len != whole.body_len ||
         pieces.authorization.at != whole.authorization.at ||
         pieces.authorization.len != whole.authorization.len || pieces.path != whole.path ||
         pieces.keep_alive != whole.keep_alive || pieces.identify != whole.identify))
        abort();
    return 0;
}
