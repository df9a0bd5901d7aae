/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An operation under way, and the table of operations.
 */
#ifndef CIMSNAPD_WSMAN_OP_H
#define CIMSNAPD_WSMAN_OP_H

#include "wsman/context.h"
#include "wsman/decode.h"
#include "wsman/wsman.h"

struct wsman {
    const struct config *config;
    struct core *core;
    struct context_table *contexts;
    struct decoder_pool *decoders;
    struct strbuf version; /* that Identify tells */
};

struct op {
    struct wsman *wsman;
    const struct wsman_request *in;
    struct request request;
    struct arena arena; /* the request's own memory */
    struct error err;
    struct cim_call call;
    const struct operation *operation;
    const char *method;    /* of an Invoke: last part of the action */
    size_t max_envelope;   /* octets; 0 when the client set no limit */
    size_t header_end;     /* where in the reply another header can be added; 0: nowhere */
    bool terse;            /* nothing is echoed but RelatesTo */
    bool effect;           /* something was changed that a fault cannot undo */
    bool kept;             /* the reply names what the client needs to go on */
    struct wsman_reply *reply;
};

enum {
    OP_FRAGMENTS = 1, /* takes FragmentTransfer; else a request with it is refused (R7.7-1) */
    OP_BRIEF = 2,     /* changes nothing and is short: may be tried by an event loop, and done again by a worker */
};

/* One row of the action table. run writes the content of s:Body, or returns -1 with op->err. */
struct operation {
    const char *action;   /* whole action URI; NULL for Invoke, whose action is ResourceURI/Method */
    const char *response; /* action of the reply */
    enum body_kind body;  /* that the request must have; BODY_EMPTY: no content is looked at;
                           * BODY_INVOKE: run looks itself */
    unsigned traits;      /* OP_... */
    enum role role;       /* needed before anything else is looked at; ROLE_NONE is refused */
    int (*run)(struct op *op);
};

/* What Identify tells of the version to who is logged in: the setting, or host and program. */
void identify_version(const struct config *config, struct strbuf *out);
int op_identify(struct op *op);
int op_get(struct op *op);
int op_put(struct op *op);
int op_create(struct op *op);
int op_delete(struct op *op);
int op_enumerate(struct op *op);
int op_pull(struct op *op);
int op_release(struct op *op);
int op_renew(struct op *op);
int op_get_status(struct op *op);
int op_invoke(struct op *op);
int op_subscribe(struct op *op);
int op_no_subscription(struct op *op);

/* Finds the row for the request's action, and op->method for an Invoke. ERR_BAD_ACTION,
 * ERR_ACTION_MISMATCH. */
int op_find(struct op *op);

#endif
