/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "faults/alloc.h"

#include <errno.h>
#include <libxml/xmlmemory.h>
#include <malloc.h>
#include <sanitizer/common_interface_defs.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma weak __sanitizer_print_stack_trace /* without a sanitizer (make cov) there is none */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t count, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t count, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);
int __wrap_asprintf(char **out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

bool alloc_done;
static _Thread_local bool on_main;
static bool tracing;
static atomic_int armed;
static atomic_long seen, first_bad, last_bad;

bool alloc_fails(void)
{
    long n;

    if (!(armed & (on_main ? ALLOC_MAIN : ALLOC_OTHERS)))
        return false;
    n = atomic_fetch_add(&seen, 1) + 1;
    if (n < first_bad || n > last_bad)
        return false;
    if (tracing && __sanitizer_print_stack_trace)
        __sanitizer_print_stack_trace();
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return alloc_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return alloc_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return alloc_fails() ? NULL : __real_realloc(p, size);
}

void *__wrap_reallocarray(void *p, size_t count, size_t size)
{
    return alloc_fails() ? NULL : __real_reallocarray(p, count, size);
}

char *__wrap_strdup(const char *text)
{
    return alloc_fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t len)
{
    return alloc_fails() ? NULL : __real_strndup(text, len);
}

int __wrap_asprintf(char **out, const char *fmt, ...)
{
    va_list args;
    int n;

    if (alloc_fails()) {
        *out = (char *)1; /* undefined after an error: whoever uses it is found out */
        return -1;
    }
    va_start(args, fmt);
    n = vasprintf(out, fmt, args);
    va_end(args);
    return n;
}

static void *sqlite_malloc(int size)
{
    return __wrap_malloc((size_t)size);
}

static void *sqlite_realloc(void *p, int size)
{
    return __wrap_realloc(p, (size_t)size);
}

static int sqlite_size(void *p)
{
    return (int)malloc_usable_size(p);
}

static int sqlite_roundup(int size)
{
    return size;
}

static int sqlite_nothing(void *opaque)
{
    (void)opaque;
    return SQLITE_OK;
}

static void sqlite_end(void *opaque)
{
    (void)opaque;
}

int alloc_init(bool trace, bool within_libraries)
{
    static const sqlite3_mem_methods methods = {
        .xMalloc = sqlite_malloc,
        .xFree = free,
        .xRealloc = sqlite_realloc,
        .xSize = sqlite_size,
        .xRoundup = sqlite_roundup,
        .xInit = sqlite_nothing,
        .xShutdown = sqlite_end,
    };

    on_main = true;
    tracing = trace;
    if (!within_libraries)
        return 0;
    /* Without lookaside each small piece is an allocation of its own. */
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) ||
        sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0))
        return -1;
    return xmlMemSetup(free, __wrap_malloc, __wrap_realloc, __wrap_strdup);
}

void alloc_arm(enum alloc_threads threads, long first, long most)
{
    seen = 0;
    first_bad = first;
    last_bad = first + most - 1;
    armed = (int)threads;
}

bool alloc_disarm(void)
{
    armed = 0;
    return seen >= first_bad;
}

bool alloc_wanted(const char *name, char **only)
{
    for (char **one = only; *one; one++)
        if (strcmp(*one, name) == 0)
            return true;
    return !*only;
}
