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
    void (*release)(void *p); /* a deferred release has a block of its own, with no room */
    void *p;
    _Alignas(max_align_t) char data[];
};

static struct arena_block *arena_block_new(struct arena *a, size_t size)
{
    struct arena_block *block = calloc(1, sizeof(*block) + size);

    if (!block) {
        a->failed = true;
        return NULL;
    }
    block->size = size;
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
    if (!block || block->release || block->size - block->used < size)
        block = arena_block_new(a, size > BLOCK_SIZE ? size : BLOCK_SIZE);
    if (!block)
        return NULL;
    p = block->data + block->used;
    block->used += size;
    a->used += size;
    return p;
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
    char *text = NULL;
    int n;

    va_start(args, fmt);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, args);
    if (n >= 0)
        text = arena_alloc(a, (size_t)n + 1);
    if (text)
        vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(again);
    va_end(args);
    return text;
}

int arena_defer(struct arena *a, void (*release)(void *p), void *p)
{
    struct arena_block *block = arena_block_new(a, 0);

    if (!block) {
        release(p);
        return -1;
    }
    block->release = release;
    block->p = p;
    return 0;
}

bool arena_ok(const struct arena *a)
{
    return !a->failed;
}

void arena_free(struct arena *a)
{
    struct arena_block *block = a->blocks;

    while (block) {
        struct arena_block *next = block->next;
        if (block->release)
            block->release(block->p);
        free(block);
        block = next;
    }
    *a = (struct arena)ARENA_INIT;
}
