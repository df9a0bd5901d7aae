/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Linked into every program of `make check-tsan`, as environments do not reach all of them. Only
 * for libraries, which are not compiled with ThreadSanitizer; each with its reason. A report ends
 * the program, so that no test overlooks it.
 */
#define FOR_TSAN __attribute__((visibility("default")))

FOR_TSAN const char *__tsan_default_options(void);
FOR_TSAN const char *__tsan_default_suppressions(void);

const char *__tsan_default_options(void)
{
    return "halt_on_error=1";
}

const char *__tsan_default_suppressions(void)
{
    return
        /* locks by futex, which is not seen */
        "called_from_lib:libglib-2.0.so.0\n"
        /* hands its sockets and their locks to glib */
        "called_from_lib:libvirt.so.0\n"
        /* the last that a callback of libvirt's does, to unlock what it locked, returns straight to its caller */
        "mutex:^loop_hear$\n"
        "mutex:^loop_ring$\n";
}
