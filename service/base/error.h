/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Errors: set once, where they happen, on a struct the caller owns; callers only unwind.
 * Threads: a struct error belongs to one thread at a time. A NULL err is legal everywhere.
 */
#ifndef CIMSNAPD_BASE_ERROR_H
#define CIMSNAPD_BASE_ERROR_H

enum error_code {
    ERR_NONE = 0,
#define ERROR(name, method, a, b, who, subcode, detail, windows, cim, text) ERR_##name,
#include "base/errors.def"
#undef ERROR
    ERR_COUNT
};

struct error {
    enum error_code code; /* ERR_NONE until set */
    int sys_errno;        /* errno at the place, 0 if it said nothing */
    const char *where;    /* "file.c:line", a literal */
    char message[512];    /* for the user; never a secret, never a host path */
    char cause[512];      /* for the log only: what libvirt, SQLite or the system said */
};

/* One row of errors.def; strings are literals. */
struct error_row {
    const char *name;
    int returns; /* 1: a method answers with a return code, 0: with a fault */
    unsigned family_a, family_b;
    int receiver; /* 1: s:Receiver, 0: s:Sender */
    const char *subcode, *detail;
    unsigned long windows;
    unsigned cim; /* CIM status code, 0: not of the CIM layer */
    const char *text;
};

/* The row of a code; that of ERR_INTERNAL for anything out of range. */
const struct error_row *error_row(enum error_code code);

#define ERROR_TEXT_(x) #x
#define ERROR_TEXT(x)  ERROR_TEXT_(x)
#define ERROR_HERE     (__FILE__ ":" ERROR_TEXT(__LINE__))

/* Sets code and message (NULL fmt: the row's text), once: an error already set stays as it is, so
 * that the first cause is what the user reads. Returns -1, so that `return error_set(...)` works. */
#define error_set(err, code, ...) error_set_at((err), ERROR_HERE, (code), __VA_ARGS__)
int error_set_at(struct error *err, const char *where, enum error_code code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Adds what the log shall hold beside the message. Returns -1. */
int error_cause(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Makes err usable again. */
void error_clear(struct error *err);

#endif
