/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/values.h"

#include "cim/datetime.h"
#include "cim/reference.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t\r\n"

static const struct {
    bool is_signed;
    unsigned bits; /* 0: no integer */
} integers[] = {
    [CIM_UINT8] = { false, 8 },   [CIM_UINT16] = { false, 16 }, [CIM_UINT32] = { false, 32 },
    [CIM_UINT64] = { false, 64 }, [CIM_SINT8] = { true, 8 },    [CIM_SINT16] = { true, 16 },
    [CIM_SINT32] = { true, 32 },  [CIM_SINT64] = { true, 64 },  [CIM_INSTANCE] = { false, 0 },
};

static const char *trim(const char *text, struct arena *arena)
{
    size_t len;

    text += strspn(text, BLANKS);
    len = strlen(text);
    while (len && strchr(BLANKS, text[len - 1]))
        len--;
    return arena_strndup(arena, text, len);
}

static bool is_integer(const char *text, bool is_signed, unsigned bits)
{
    const char *digits = text + (*text == '+' || (is_signed && *text == '-'));
    char *rest;

    if (!*digits || strspn(digits, "0123456789") != strlen(digits))
        return false;
    errno = 0;
    if (is_signed) {
        long long value = strtoll(text, &rest, 10);
        long long most = (long long)(~0ull >> (65 - bits));
        return errno == 0 && value <= most && value >= -most - 1;
    }
    return strtoull(text, &rest, 10) <= (~0ull >> (64 - bits)) && errno == 0;
}

static const char *read_boolean(const char *text)
{
    if (strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0)
        return "true";
    if (strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0)
        return "false";
    return NULL;
}

static const char *read_time(enum cim_type type, const char *text, struct arena *arena)
{
    int64_t us;

    if (type == CIM_INTERVAL)
        return cim_interval_parse(text, &us) == 0 ? cim_interval(us, arena) : NULL;
    return cim_datetime_parse(text, &us) == 0 ? cim_datetime(us, arena) : NULL;
}

const char *values_read(enum cim_type type, const struct any *node, struct arena *arena)
{
    const char *text;

    if (type == CIM_STRING)
        return any_first(node) ? NULL : any_text(node);
    /* cim:Datetime and its kin */
    if ((type == CIM_DATETIME || type == CIM_INTERVAL) && any_first(node))
        node = any_first(node);
    text = any_first(node) ? NULL : trim(any_text(node), arena);
    if (!text)
        return NULL;
    if (type == CIM_BOOLEAN)
        return read_boolean(text);
    if (type == CIM_DATETIME || type == CIM_INTERVAL)
        return read_time(type, text, arena);
    return is_integer(text, integers[type].is_signed, integers[type].bits) ? text : NULL;
}

static bool texts_equal(enum cim_type type, const char *a, const char *b)
{
    if (strcmp(a, b) == 0)
        return true;
    if (type == CIM_STRING || type == CIM_INSTANCE || !integers[type].bits)
        return false;
    return integers[type].is_signed ? strtoll(a, NULL, 10) == strtoll(b, NULL, 10)
                                    : strtoull(a, NULL, 10) == strtoull(b, NULL, 10);
}

static bool is_null(const struct cim_value *value)
{
    return !value->text && !value->ref && value->count == 0;
}

bool values_equal(const struct cim_property *property, const struct cim_value *a,
                  const struct cim_value *b, struct arena *arena)
{
    if (is_null(a) || is_null(b) || a->count != b->count || !a->text != !b->text)
        return is_null(a) && is_null(b);
    if (a->text)
        return texts_equal(property->type, a->text, b->text);
    if (a->ref)
        return b->ref && cim_ref_same(b->ref, a->ref, arena);
    for (size_t i = 0; i < a->count; i++)
        if (!a->items || !b->items || !texts_equal(property->type, a->items[i], b->items[i]))
            return false;
    return true;
}
