/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The calls of library.def and calls.def count as allocations (alloc.h) and fail like these. All take integers and
 * pointers, six at most, so that one shape of function does for all (x86-64 and arm64 pass these in registers).
 */
#include "base/arena.h"
#include "calls/calls.h"
#include "faults/alloc.h"

#include <errno.h>
#include <openssl/hmac.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define STAND_IN(name, otherwise)                                                                  \
    long __real_##name(long, long, long, long, long, long);                                        \
    long __wrap_##name(long, long, long, long, long, long);                                        \
    long __wrap_##name(long a, long b, long c, long d, long e, long f)                             \
    {                                                                                              \
        if (!alloc_fails())                                                                        \
            return __real_##name(a, b, c, d, e, f);                                                \
        otherwise                                                                                  \
    }

/* Most of an arena's pieces are cut from what it has; each could be the one that needs more. */
#define ARENA(name, parameters, arguments)                                                         \
    char *__real_##name parameters;                                                                \
    char *__wrap_##name parameters;                                                                \
    char *__wrap_##name parameters                                                                 \
    {                                                                                              \
        if (!alloc_fails())                                                                        \
            return __real_##name arguments;                                                        \
        a->failed = true;                                                                          \
        return NULL;                                                                               \
    }
ARENA(arena_alloc, (struct arena * a, size_t size), (a, size))
ARENA(arena_strdup, (struct arena * a, const char *text), (a, text))
ARENA(arena_strndup, (struct arena * a, const char *text, size_t len), (a, text, len))

char *__wrap_arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *__wrap_arena_printf(struct arena *a, const char *fmt, ...)
{
    char *text = NULL, *copy = NULL;
    va_list args;

    va_start(args, fmt);
    if (alloc_fails() || vasprintf(&text, fmt, args) < 0)
        a->failed = true;
    else
        copy = __real_arena_strdup(a, text);
    va_end(args);
    free(text);
    return copy;
}

/* It has an argument too many for what follows. */
unsigned char *__real_HMAC(const EVP_MD *, const void *, int, const unsigned char *, size_t, unsigned char *, unsigned *);
unsigned char *__wrap_HMAC(const EVP_MD *, const void *, int, const unsigned char *, size_t, unsigned char *, unsigned *);
unsigned char *__wrap_HMAC(const EVP_MD *kind, const void *key, int key_len, const unsigned char *data, size_t len,
                           unsigned char *out, unsigned *out_len)
{
    return alloc_fails() ? NULL : __real_HMAC(kind, key, key_len, data, len, out, out_len);
}

#define LIBRARY(name, result) STAND_IN(name, return (result);)
#include "faults/library.def"

#define CALL_system(name, when, result, error)                                                     \
    STAND_IN(name, if ((when) == AFTER) __real_##name(a, b, c, d, e, f); errno = (error); return (result);)
#define CALL_sqlite(name, when, result, error)                                                     \
    STAND_IN(name, if ((when) == AFTER) __real_##name(a, b, c, d, e, f); return (result);)
/* libvirt makes an error that virGetLastError() knows where it gets no object. What may fail although it was done
 * does so in the runs that ask for it. */
#define CALL_libvirt(name, when, result, error)                                                    \
    STAND_IN(name,                                                                                 \
             if ((when) == AFTER || (alloc_done && (when) == BOTH)) __real_##name(a, b, c, d, e, f); \
             if ((when) != SKIP) __real_##name(0, b, c, d, e, f);                                  \
             return (result);)
#define CALL(group, name, when, result, error) CALL_##group(name, when, result, error)
#include "calls/calls.def"
