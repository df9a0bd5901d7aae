/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libFuzzer target: encrypted messages. Up to the first NUL it is a Content-Type, then the body.
 * Parts lie within the body, behind each other, and end with it.
 */
#include "net/sealed.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct media_type *media, unsigned char *body, size_t len)
{
    struct sealed_reader reader;
    struct sealed_part part;
    unsigned char *before = body;
    const char *reason;

    sealed_begin(&reader, media, body, len);
    while (!(reason = sealed_next(&reader, &part)) && !reader.ended) {
        if (part.signature.data < before || part.data < part.signature.data + part.signature.len ||
            part.data + part.len > body + len || !part.charset || part.signature.len == 0)
            abort();
        before = part.data + part.len;
        if (part.len)
            part.data[0] ^= 1; /* as decryption does */
    }
    if (!reason && reader.left)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\0', size) : NULL;
    size_t head = end ? (size_t)(end - data) : 0, len = end ? size - head - 1 : 0;
    unsigned char *body = malloc(len ? len : 1);
    struct media_type media;

    if (!body)
        abort();
    if (len)
        memcpy(body, end + 1, len);
    if (media_parse((struct token){ (const char *)data, head }, &media) == MEDIA_SEALED) {
        if (!media.type || !media.protocol || media.boundary.len == 0)
            abort();
        read_all(&media, body, len);
    }
    free(body);
    return 0;
}
