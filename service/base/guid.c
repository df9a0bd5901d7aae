/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/guid.h"

#include <string.h>
#include <uuid/uuid.h>

struct guid guid_random(void)
{
    struct guid g;

    uuid_generate_random(g.bytes);
    return g;
}

struct guid guid_derive(const struct guid *space, const char *name)
{
    struct guid g;

    uuid_generate_sha1(g.bytes, space->bytes, name, strlen(name));
    return g;
}

int guid_parse(struct guid *out, const char *text)
{
    char bare[GUID_TEXT];
    size_t len = strlen(text);

    if (len == GUID_TEXT + 1 && text[0] == '{' && text[len - 1] == '}') {
        text++;
        len -= 2;
    }
    if (len != GUID_TEXT - 1)
        return -1;
    memcpy(bare, text, len);
    bare[len] = '\0';
    return uuid_parse(bare, out->bytes) == 0 ? 0 : -1;
}

char *guid_format(const struct guid *g, char out[GUID_TEXT])
{
    uuid_unparse_upper(g->bytes, out);
    return out;
}

bool guid_equal(const struct guid *a, const struct guid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool guid_is_null(const struct guid *g)
{
    return uuid_is_null(g->bytes) != 0;
}
