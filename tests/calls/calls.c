/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands before the calls of calls.def, for the daemon and all its libraries, and lets one fail
 * when the plan says so. All of them take integers and pointers, six at most, so that one shape of
 * function does for all (x86-64 and arm64 pass these in registers).
 */
#include "calls/calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FRAMES = 48 };

typedef long (*call_fn)(long, long, long, long, long, long);

enum group { GROUP_system, GROUP_sqlite, GROUP_libvirt };

struct call {
    const char *name;
    enum group group;
    enum call_when when;
    long result;
    int error;
    call_fn real;
};

enum {
#define CALL(group, name, when, result, error) ROW_##name,
#include "calls/calls.def"
#undef CALL
    ROWS
};
_Static_assert((int)ROWS <= (int)CALLS_MOST, "calls.h has too few places");

static struct call calls[ROWS] = {
#define CALL(group, name, when, result, error) { #name, GROUP_##group, when, result, error, NULL },
#include "calls/calls.def"
#undef CALL
};

static struct calls_plan *plan;

static __thread bool inside; /* what finds the place must not be judged itself */

__attribute__((constructor)) static void calls_begin(void)
{
    const char *path = getenv("CIMSNAPD_CALLS");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *found, *frame;

    if (fd < 0)
        return;
    backtrace(&frame, 1); /* loads what it needs */
    found = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (found != MAP_FAILED)
        plan = found;
}

/* What gcov writes at the very end (make cov) is not the daemon's. */
__attribute__((destructor)) static void calls_end(void)
{
    plan = NULL;
}

static void say(const struct call *call, int when)
{
    void *frames[FRAMES];
    char line[128];
    int len =
        snprintf(line, sizeof(line), "calls: %s fails%s, place %016llx\n", call->name,
                 when == AFTER ? " although it was done" : "", (unsigned long long)plan->last);

    if (write(STDERR_FILENO, line, (size_t)len) == len && getenv("CIMSNAPD_CALLS_TRACE"))
        backtrace_symbols_fd(frames, backtrace(frames, FRAMES), STDERR_FILENO);
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * 0x100000001b3u;
}

/* The same in each process, wherever its libraries lie. */
static uint64_t place_of_caller(void)
{
    void *frames[FRAMES];
    int count = backtrace(frames, FRAMES);
    uint64_t hash = 0xcbf29ce484222325u;

    for (int i = 0; i < count; i++) {
        Dl_info info;
        if (!dladdr(frames[i], &info))
            continue;
        for (const char *at = info.dli_fname; *at; at++)
            hash = mix(hash, (unsigned char)*at);
        hash = mix(hash, (uint64_t)((char *)frames[i] - (char *)info.dli_fbase));
    }
    return hash;
}

static bool is_known(const struct calls_plan *p, uint64_t place)
{
    for (int64_t i = 0; i < p->count; i++)
        if (p->places[i] == place)
            return true;
    return false;
}

/* One thread gets the turn of a place. */
static bool claim(struct calls_plan *p, int row, uint64_t place)
{
    bool fails = false;

    while (__atomic_exchange_n(&p->lock, 1, __ATOMIC_ACQUIRE))
        continue;
    if (p->armed && p->count < CALLS_PLACES && !is_known(p, place) &&
        (!p->only || p->only == place)) {
        p->places[p->count++] = place;
        fails = p->armed == CALLS_FAIL;
    }
    if (fails) {
        p->row = row;
        p->last = place;
        p->armed = CALLS_IDLE;
    }
    __atomic_store_n(&p->lock, 0, __ATOMIC_RELEASE);
    return fails;
}

static bool is_own(const void *caller)
{
    Dl_info of_caller, ours;

    return dladdr(caller, &of_caller) && dladdr((const void *)(uintptr_t)is_own, &ours) &&
           of_caller.dli_fbase == ours.dli_fbase;
}

static bool fails_now(int row, long first, const void *caller)
{
    struct calls_plan *p = plan;
    bool fails;

    if (!p || inside)
        return false;
    __atomic_add_fetch(&p->seen[row], 1, __ATOMIC_RELAXED);
    if (!__atomic_load_n(&p->armed, __ATOMIC_ACQUIRE) || !p->wanted[row] ||
        (p->keep_log && row == ROW_write && first == STDERR_FILENO))
        return false;
    inside = true;
    fails = (!p->own || is_own(caller)) && claim(p, row, mix(place_of_caller(), p->wanted[row]));
    inside = false;
    return fails;
}

static long call_run(int row, const long in[6], const void *caller)
{
    struct call *call = &calls[row];
    call_fn real = call->real;
    int when;

    if (!real) {
        *(void **)&real = dlsym(RTLD_NEXT, call->name);
        call->real = real;
    }
    if (!fails_now(row, in[0], caller))
        return real(in[0], in[1], in[2], in[3], in[4], in[5]);
    when = plan->wanted[row];
    if (when == AFTER)
        real(in[0], in[1], in[2], in[3], in[4], in[5]);
    if (call->group == GROUP_libvirt && call->when != SKIP)
        real(0, in[1], in[2], in[3], in[4],
             in[5]); /* libvirt says that it is no domain of its own */
    say(call, when);
    __atomic_add_fetch(&plan->failures, 1, __ATOMIC_RELEASE);
    if (call->group == GROUP_system)
        errno = call->error;
    return call->result;
}

#define CALL(group, name, when, result, error)                                                     \
    long stand_##name(long, long, long, long, long, long) __asm__(#name);                          \
    __attribute__((visibility("default"))) long stand_##name(long a, long b, long c, long d,       \
                                                             long e, long f)                       \
    {                                                                                              \
        return call_run(ROW_##name, (const long[]){ a, b, c, d, e, f },                            \
                        __builtin_return_address(0));                                              \
    }
#include "calls/calls.def"
