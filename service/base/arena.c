/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 16 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    _Alignas(max_align_t) char data[];
};

struct arena_release {
    struct arena_release *next;
    void (*release)(void *p);
    void *p;
};

static struct arena_block *arena_block_new(struct arena *a, size_t size)
{
    struct arena_block *block = malloc(sizeof(*block) + size);

    if (!block) {
        a->failed = true;
        return NULL;
    }
    *block = (struct arena_block){ .size = size };
    block->next = a->blocks;
    a->blocks = block;
    return block;
}

void *arena_alloc(struct arena *a, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    struct arena_block *block = a->blocks;
    void *p;

    if (a->failed || size > SIZE_MAX / 2)
        return NULL;
    size = (size + align - 1) / align * align;
    if (!block || block->size - block->used < size)
        block = arena_block_new(a, size > BLOCK_SIZE ? size : BLOCK_SIZE);
    if (!block)
        return NULL;
    p = block->data + block->used;
    block->used += size;
    a->used += size;
    /* Here and not with the block, of which most requests use a little. */
    return memset(p, 0, size);
}

char *arena_strndup(struct arena *a, const char *text, size_t len)
{
    char *copy = arena_alloc(a, len + 1);

    if (copy)
        memcpy(copy, text, len);
    return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
    return text ? arena_strndup(a, text, strlen(text)) : NULL;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list args, again;
    char *text = NULL, most[128];
    int n;

    va_start(args, fmt);
    va_copy(again, args);
    n = vsnprintf(most, sizeof(most), fmt, args);
    if (n >= 0)
        text = arena_alloc(a, (size_t)n + 1);
    if (text && n < (int)sizeof(most))
        memcpy(text, most, (size_t)n);
    else if (text)
        vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(again);
    va_end(args);
    return text;
}

int arena_defer(struct arena *a, void (*release)(void *p), void *p)
{
    struct arena_release *row = arena_alloc(a, sizeof(*row));

    if (!row) {
        release(p);
        return -1;
    }
    *row = (struct arena_release){ a->releases, release, p };
    a->releases = row;
    return 0;
}

bool arena_ok(const struct arena *a)
{
    return !a->failed;
}

void arena_free(struct arena *a)
{
    struct arena_block *block = a->blocks;

    /* The rows stand in the blocks; what is deferred last goes first. */
    for (struct arena_release *row = a->releases; row; row = row->next)
        row->release(row->p);
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    *a = (struct arena)ARENA_INIT;
}
