/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The calls of library.def and calls.def count as allocations (alloc.h) and fail like these. All take integers and
 * pointers, six at most, so that one shape of function does for all (x86-64 and arm64 pass these in registers).
 */
#include "calls/calls.h"
#include "faults/alloc.h"

#include <errno.h>
#include <sqlite3.h>

#define STAND_IN(name, otherwise)                                                                  \
    long __real_##name(long, long, long, long, long, long);                                        \
    long __wrap_##name(long, long, long, long, long, long);                                        \
    long __wrap_##name(long a, long b, long c, long d, long e, long f)                             \
    {                                                                                              \
        if (!alloc_fails())                                                                        \
            return __real_##name(a, b, c, d, e, f);                                                \
        otherwise                                                                                  \
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
