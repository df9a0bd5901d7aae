/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory of one request (or one enumeration context): many small pieces, freed together.
 * Errors are sticky: when memory runs out, calls return NULL and arena_ok() stays false.
 * Threads: one at a time.
 */
#ifndef CIMSNAPD_BASE_ARENA_H
#define CIMSNAPD_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena {
    struct arena_block *blocks;
    struct arena_release *releases;
    size_t used; /* octets handed out, for budgets */
    bool failed;
};

#define ARENA_INIT { NULL, NULL, 0, false }

void *arena_alloc(struct arena *a, size_t size); /* zeroed, aligned for any type */
char *arena_strdup(struct arena *a, const char *text); /* NULL for NULL */
char *arena_strndup(struct arena *a, const char *text, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The arena frees p with release(p) at its end; at once when memory for the note is missing. */
int arena_defer(struct arena *a, void (*release)(void *p), void *p);
bool arena_ok(const struct arena *a);
void arena_free(struct arena *a);

#endif
