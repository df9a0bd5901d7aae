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
    const char *max_envelope_size, *envelope_policy;
    const char *operation_id, *sequence_id;
    const struct any *selectors; /* first of `selector_count` siblings */
    size_t selector_count;
    const struct any *options; /* likewise */
    size_t option_count;
    const struct any *locale, *data_locale; /* the elements */
    const struct any *fragment;             /* wsman:FragmentTransfer */
    /* ReferenceParameters and ReferenceProperties of ReplyTo and of FaultTo, whose children become
     * headers of the reply (DSP0226 R5.4.2-5); NULL where there are none */
    const struct any *reply_to_echo[2], *fault_to_echo[2];
    bool request_epr, total_count;
};

/* Where a request goes: a class (or "*") in a namespace, and the selectors. */
struct target {
    enum uri_form form;
    const char *ns;    /* canonical */
    const char *class; /* as written; "*" for all classes */
    const struct cim_ref *ref;
};

/* wsen:Enumerate; NULL where absent. */
struct enumerate_body {
    bool optimize, end_to;
    const char *expires, *mode, *polymorphism, *max_elements;
    const struct any *filter; /* the element */
};

/* wsen:Pull, wsen:Release, wsen:Renew and wsen:GetStatus; NULL where absent. */
struct pull_body {
    const char *context, *max_elements, *max_time, *max_characters, *expires;
};

/* One parameter of a method call. */
struct input {
    const char *name; /* local name */
    const struct any *value;
};

/* A method's _INPUT, or any other element. */
struct invoke_body {
    const char *element; /* its local name */
    struct input *inputs;
    size_t count;
    const struct any *root; /* NULL where a stub of its own read it */
};

enum body_kind {
    BODY_EMPTY,
    BODY_IDENTIFY,
    BODY_ENUMERATE,
    BODY_PULL,
    BODY_RELEASE,
    BODY_RENEW,
    BODY_GET_STATUS,
    BODY_INVOKE, /* a method's _INPUT, an instance, anything else */
    BODY_ANY,    /* in the action table: the same, and it must be there */
};

struct request {
    struct headers headers;
    struct target target; /* set by target_parse() */
    const char *refused_ns, *refused_name; /* the header that is not understood, if that is the error */
    enum body_kind kind;
    union {
        struct enumerate_body enumerate;
        struct pull_body pull;
        struct invoke_body invoke;
    } body;
};

#endif
