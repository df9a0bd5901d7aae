/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One request from its octets to the octets of its reply: guard, decode, headers, action row, role,
 * operation.
 */
#include "wsman/wsman.h"

#include "base/clock.h"
#include "base/hurry.h"
#include "base/put.h"
#include "wsman/charset.h"
#include "wsman/guard.h"
#include "wsman/headers.h"
#include "wsman/names.h"
#include "wsman/op.h"
#include "wsman/pool.h"
#include "wsman/reply.h"
#include "wsman/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BRIEF = 4096 };
enum { MOST_ANONYMOUS = 8192 /* octets of a request by nobody, which is parsed without a login */ };

int wsman_open(struct wsman **out, const struct config *config, struct core *core,
               struct error *err)
{
    struct wsman *wsman = calloc(1, sizeof(*wsman));

    if (!wsman)
        return error_set(err, ERR_NO_MEMORY, NULL);
    wsman->config = config;
    wsman->core = core;
    wsman->contexts = context_table_new((size_t)config->limits_enumerations,
                                        config->limits_enumeration_seconds);
    wsman->decoders = decoder_pool_new((size_t)config->server_workers);
    identify_version(config, &wsman->version);
    if (!wsman->contexts || !wsman->decoders || !strbuf_ok(&wsman->version)) {
        wsman_close(wsman);
        return error_set(err, ERR_NO_MEMORY, NULL);
    }
    *out = wsman;
    return 0;
}

void wsman_close(struct wsman *wsman)
{
    if (!wsman)
        return;
    context_table_free(wsman->contexts);
    decoder_pool_free(wsman->decoders);
    strbuf_free(&wsman->version);
    free(wsman);
}

static void note_request(struct op *op)
{
    const struct headers *h = &op->request.headers;
    const char *identify = op->request.kind == BODY_IDENTIFY ? "Identify" : "";

    put_text(op->reply->action, sizeof(op->reply->action), h->action ? h->action : identify);
    put_text(op->reply->target, sizeof(op->reply->target), h->resource_uri ? h->resource_uri : "");
}

static int run_identify(struct op *op)
{
    bool headers = op->request.headers.message_id && op->request.headers.action;

    reply_begin(op, headers ? NS_WSMID "/IdentifyResponse" : NULL);
    return op_identify(op);
}

/* A method looks at its body itself. */
static bool body_fits(const struct op *op)
{
    enum body_kind wanted = op->operation->body;

    if (wanted == BODY_ANY)
        return op->request.kind == BODY_INVOKE && op->request.body.invoke.root;
    return wanted == BODY_EMPTY || wanted == BODY_INVOKE || wanted == op->request.kind;
}

static int run_operation(struct op *op)
{
    char response[1024];

    if (headers_check(op) != 0 || op_find(op) != 0)
        return -1;
    if (!(op->operation->traits & OP_BRIEF) && hurry_balk(&op->err))
        return -1;
    op->reply->mutation = op->operation->role > ROLE_VIEWER;
    if (!access_allows(op->in->who, op->operation->role))
        return error_set(&op->err, ERR_ACCESS_DENIED, NULL);
    if (target_parse(&op->request.headers, &op->request.target, &op->arena, &op->err) != 0)
        return -1;
    if (op->request.headers.fragment && !(op->operation->traits & OP_FRAGMENTS))
        return error_set(&op->err, ERR_FEATURE_FRAGMENT, "This action takes no FragmentTransfer.");
    if (!body_fits(op))
        return error_set(&op->err, ERR_SCHEMA, "The body does not fit the action.");
    snprintf(response, sizeof(response), "%.1000sResponse", op->request.headers.action);
    reply_begin(op, op->operation->response ? op->operation->response : response);
    return op->operation->run(op);
}

static int run(struct op *op, struct decoder *decoder, const char *body, size_t length)
{
    const struct config *config = op->wsman->config;
    const struct guard_limits limits = {
        .depth = (unsigned)config->limits_xml_depth,
        .attributes = (unsigned)config->limits_xml_attributes,
        .namespaces = (unsigned)config->limits_xml_namespaces,
        .utf16 = op->reply->utf16,
    };
    struct guard_notes notes = { 0 };
    int rc = -1;

    if (op->in->anonymous && op->in->length > MOST_ANONYMOUS)
        return error_set(&op->err, ERR_ACCESS_DENIED, NULL);
    if (guard_check(body, length, &limits, &notes, &op->err) == 0) {
        rc = decode_begin(decoder, notes.tidy.len ? notes.tidy.data : body,
                          notes.tidy.len ? notes.tidy.len : length,
                          &op->request, &op->err);
        note_request(op);
        if (rc == 0 && op->request.kind == BODY_ENUMERATE && notes.bad_filter)
            rc = error_set(&op->err, ERR_BAD_FILTER, "%s", notes.bad_filter);
    }
    strbuf_free(&notes.tidy);
    if (rc != 0)
        return -1;
    if (op->request.kind == BODY_IDENTIFY)
        return run_identify(op);
    if (op->in->anonymous)
        return error_set(&op->err, ERR_ACCESS_DENIED, NULL);
    return run_operation(op);
}

/* Ends the envelope, unless it would be larger than the client takes (R6.2-2). */
static int finish(struct op *op)
{
    struct strbuf *body = &op->reply->body;
    size_t length;

    reply_end(op);
    if (!strbuf_ok(body) || !arena_ok(&op->arena))
        return error_set(&op->err, ERR_NO_MEMORY, NULL);
    /* R6.1: what took too long and changed nothing is not told. */
    if (op->call.deadline_ms && clock_mono_ms() > op->call.deadline_ms && !op->effect && !op->kept)
        return error_set(&op->err, ERR_TIMEOUT, NULL);
    length = op->reply->utf16 ? charset_encoded_length(body) : body->len;
    if (op->max_envelope && length > op->max_envelope)
        return error_set(&op->err, op->effect ? ERR_UNREPORTABLE : ERR_ENVELOPE_LIMIT, NULL);
    return 0;
}

/* The request in UTF-8: as it is, or decoded into text. Only what could be read is answered in
 * kind. */
static int run_decoded(struct op *op, struct decoder *decoder, struct strbuf *text)
{
    const struct wsman_request *in = op->in;

    if (!charset_is_utf16(in->charset, in->body, in->length))
        return run(op, decoder, in->body, in->length);
    if (charset_decode(text, in->body, in->length, &op->err) != 0)
        return -1;
    op->reply->utf16 = true;
    return run(op, decoder, strbuf_str(text), text->len);
}

bool wsman_is_brief(const char *body, size_t length)
{
    static const char identify[] = NS_WSMID, get[] = NS_X "/Get<";

    return length <= MOST_BRIEF && (memmem(body, length, get, sizeof(get) - 1) ||
                                    memmem(body, length, identify, sizeof(identify) - 1));
}

/* As wsman_handle(). */
static void answer(struct wsman *wsman, const struct wsman_request *request, struct wsman_reply *reply)
{
    struct op op = { .wsman = wsman, .in = request, .arena = ARENA_INIT, .reply = reply };
    struct decoder *decoder = decoder_pool_get(wsman->decoders);
    struct strbuf text = STRBUF_INIT;

    op.call = (struct cim_call){
        .core = wsman->core, .who = request->who, .arena = &op.arena, .err = &op.err
    };
    reply->status = 200;
    if (!decoder)
        error_set(&op.err, ERR_NO_MEMORY, NULL);
    else if (run_decoded(&op, decoder, &text) == 0 && finish(&op) == 0 && !reply->result[0])
        snprintf(reply->result, sizeof(reply->result), "ok");
    reply->denied = op.err.code == ERR_ACCESS_DENIED;
    if (op.err.code)
        reply_fault(&op);
    if (reply->utf16 && charset_encode(&reply->body, NULL) != 0)
        reply->body.failed = true; /* becomes a plain 500 */
    if (decoder) {
        decode_end(decoder);
        decoder_pool_put(wsman->decoders, decoder);
    }
    strbuf_free(&text);
    arena_free(&op.arena);
}

void wsman_handle(struct wsman *wsman, const struct wsman_request *request,
                  struct wsman_reply *reply)
{
    if (!request->at_once) {
        answer(wsman, request, reply);
        return;
    }
    hurry_begin();
    answer(wsman, request, reply);
    reply->put_off = hurry_end();
}
