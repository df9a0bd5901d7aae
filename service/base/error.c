/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"

#include "base/put.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SENDER   0
#define RECEIVER 1
#define RETURN   1
#define FAULT    0

static const struct error_row rows[ERR_COUNT] = {
    [ERR_NONE] = { "NONE", FAULT, 0, 0, RECEIVER, "w:InternalError", "", 0, 0, "No error." },
#define ERROR(name, method, a, b, who, subcode, detail, windows, cim, text)                        \
    [ERR_##name] = { #name, method, a, b, who, subcode, detail, windows, cim, text },
#include "base/errors.def"
#undef ERROR
};

const struct error_row *error_row(enum error_code code)
{
    return &rows[(unsigned)code < ERR_COUNT ? code : ERR_INTERNAL];
}

int error_set_at(struct error *err, const char *where, enum error_code code, const char *fmt, ...)
{
    va_list args;

    if (!err || err->code != ERR_NONE)
        return -1;
    err->code = code;
    err->sys_errno = errno;
    err->where = where;
    va_start(args, fmt);
    if (fmt)
        vsnprintf(err->message, sizeof(err->message), fmt, args);
    else
        put_text(err->message, sizeof(err->message), error_row(code)->text);
    va_end(args);
    return -1;
}

int error_cause(struct error *err, const char *fmt, ...)
{
    va_list args;

    if (!err)
        return -1;
    va_start(args, fmt);
    vsnprintf(err->cause, sizeof(err->cause), fmt, args);
    va_end(args);
    return -1;
}

void error_clear(struct error *err)
{
    if (err)
        memset(err, 0, sizeof(*err));
}
