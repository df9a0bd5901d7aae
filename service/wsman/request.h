/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A request as the operations see it. Made by decode.c from what the generated stubs read; everything
 * is borrowed from the decoder and lives until decode_free().
 */
#ifndef CIMSNAPD_WSMAN_REQUEST_H
#define CIMSNAPD_WSMAN_REQUEST_H

#include "cim/reference.h"

#include <stdbool.h>
#include <stddef.h>

/* An element with its content, where the schema says "any": one node of the stub's DOM. */
struct any;

/* How a resource URI was written; EPRs in the reply are written the same way. */
enum uri_form { URI_FORM_MICROSOFT, URI_FORM_DMTF };

struct headers {
    const char *to, *action, *message_id, *reply_to, *fault_to; /* NULL when absent */
    const char *resource_uri;
    const char *operation_timeout;
    const char *max_envelope_size;
    const char *operation_id, *sequence_id;
    const struct any *selectors; /* first of `selector_count` siblings */
    size_t selector_count;
    bool request_epr, fragment, total_count;
};

/* Where a request goes: a class (or "*") in a namespace, and the selectors. */
struct target {
    enum uri_form form;
    const char *ns;    /* canonical */
    const char *class; /* as written; "*" for all classes */
    const struct cim_ref *ref;
};

/* wsen:Enumerate, wsen:Pull and wsen:Release; NULL where absent. */
struct enumerate_body {
    bool optimize, end_to, two_filters;
    const char *expires, *mode, *max_elements;
    bool filtered;
    const char *dialect; /* NULL: XPath, by DSP8015 */
    const char *filter;
};

struct pull_body {
    const char *context, *max_elements, *max_time, *max_characters;
};

/* One parameter of a method call. */
struct input {
    const char *name; /* local name */
    const struct any *value;
};

struct invoke_body {
    const char *element; /* local name of the _INPUT element; NULL for an empty body */
    struct input *inputs;
    size_t count;
};

enum body_kind { BODY_EMPTY, BODY_IDENTIFY, BODY_ENUMERATE, BODY_PULL, BODY_RELEASE, BODY_INVOKE };

struct request {
    struct headers headers;
    struct target target; /* set by target_parse() */
    enum body_kind kind;
    union {
        struct enumerate_body enumerate;
        struct pull_body pull;
        struct invoke_body invoke;
    } body;
};

#endif
