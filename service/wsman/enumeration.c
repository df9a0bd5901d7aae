/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * WS-Enumeration: Enumerate, Pull, Release (DSP0226 section 8).
 */
#include "wsman/op.h"

#include "cim/datetime.h"
#include "cim/query.h"
#include "wsman/encode.h"
#include "wsman/names.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_ENVELOPE = 32767, /* R13.1-3: for clients that name no MaxEnvelopeSize */
    ENVELOPE_ROOM = 1024,     /* for what stands around the items */
};

/* Collects what a query or enumeration emits into a context. */
struct collector {
    struct cim_sink sink;
    struct context *context;
    struct error *err;
};

static int collect(struct cim_sink *sink, const struct cim_instance *instance)
{
    struct collector *c = (struct collector *)sink;
    struct context *context = c->context;

    if (context->count == context->room) {
        size_t room = context->room ? context->room * 2 : 16;
        struct cim_instance *grown = realloc(context->instances, room * sizeof(*grown));
        if (!grown)
            return error_set(c->err, ERR_NO_MEMORY, NULL);
        context->instances = grown;
        context->room = room;
    }
    context->instances[context->count++] = *instance;
    return 0;
}

static int parse_mode(const char *text, enum item_mode *mode, struct error *err)
{
    if (!text)
        *mode = ITEM_OBJECT;
    else if (strcmp(text, "EnumerateEPR") == 0)
        *mode = ITEM_EPR;
    else if (strcmp(text, "EnumerateObjectAndEPR") == 0)
        *mode = ITEM_OBJECT_AND_EPR;
    else
        return error_set(err, ERR_FEATURE_ENUM_MODE, NULL);
    return 0;
}

/* Expires is a duration or a point in time; the service keeps contexts as long as it sees fit. */
static bool is_time(const char *text)
{
    int64_t us;

    return cim_duration_parse(text, &us) == 0 || cim_datetime_parse(text, &us) == 0;
}

/* MaxElements: 1 when it is absent (DSP0226 8.1). */
static int parse_count(const char *text, size_t *count, struct error *err)
{
    char *rest;

    *count = 1;
    if (!text)
        return 0;
    text += strspn(text, " \t\r\n");
    *count = strtoul(text, &rest, 10);
    if (*text < '0' || *text > '9' || rest[strspn(rest, " \t\r\n")] || *count == 0)
        return error_set(err, ERR_SCHEMA, "MaxElements is not a positive number.");
    return 0;
}

static int fill_by_filter(struct op *op, struct context *context, struct cim_call *call,
                          struct cim_sink *sink)
{
    const struct enumerate_body *body = &op->request.body.enumerate;
    const struct cim_query *query;

    if (!body->dialect || strcmp(body->dialect, DIALECT_WQL) != 0)
        return error_set(&op->err, ERR_BAD_DIALECT, "The filter dialect '%.200s' is not supported; use "
                         DIALECT_WQL ".", body->dialect ? body->dialect : "(none: XPath)");
    query = cim_query_parse(body->filter, call->arena, call->err);
    if (!query || cim_query_run(query, call, op->request.target.ns, sink) != 0)
        return -1;
    context->column_count = cim_query_columns(query, &context->columns);
    return 0;
}

static int fill(struct op *op, struct context *context)
{
    struct cim_call call = op->call;
    struct collector collector = { { collect }, context, &op->err };
    int rc;

    call.arena = &context->arena; /* instances outlive this request */
    if (op->request.body.enumerate.filtered)
        rc = fill_by_filter(op, context, &call, &collector.sink);
    else
        rc = cim_enumerate(&call, op->request.target.ns, op->request.target.class, &collector.sink);
    if (rc == 0 && !arena_ok(&context->arena))
        rc = error_set(&op->err, ERR_NO_MEMORY, NULL);
    return rc;
}

static void write_item(struct encoder *e, const struct context *context)
{
    const struct cim_instance *instance = &context->instances[context->position];
    bool both = context->mode == ITEM_OBJECT_AND_EPR;

    if (both)
        strbuf_puts(e->out, "<w:Item>");
    if (context->mode != ITEM_EPR && context->column_count)
        encode_fragment(e, instance, context->columns, context->column_count);
    else if (context->mode != ITEM_EPR)
        encode_instance(e, instance);
    if (context->mode != ITEM_OBJECT)
        encode_epr(e, instance);
    if (both)
        strbuf_puts(e->out, "</w:Item>");
}

/* At most `most` items into out, as many as the envelope has room for and one in any case. */
static int write_items(struct op *op, struct context *context, size_t most, struct strbuf *out)
{
    struct encoder e = { out, &op->call, context->form };
    size_t limit = op->max_envelope ? op->max_envelope : DEFAULT_ENVELOPE;
    size_t first = context->position;

    while (context->position < context->count && context->position - first < most) {
        size_t before = out->len;
        write_item(&e, context);
        if (op->reply->body.len + out->len + ENVELOPE_ROOM > limit && context->position > first) {
            strbuf_truncate(out, before);
            break;
        }
        context->position++;
    }
    return arena_ok(&op->arena) && strbuf_ok(out) ? 0 : error_set(&op->err, ERR_NO_MEMORY, NULL);
}

/* Writes the context's name and the items with prefix `p`, then keeps the context or, at its end, frees it.
 * Always takes the context. The end looks different in the two replies (R8.2.3-5, R8.4-8). */
static int write_page(struct op *op, struct context *context, const struct strbuf *items, char p)
{
    struct strbuf *out = &op->reply->body;
    bool end = context->position == context->count;
    char name[GUID_TEXT];

    if (end)
        strbuf_puts(out, p == 'w' ? "<n:EnumerationContext></n:EnumerationContext>" : "");
    else if (context_put(op->wsman->contexts, context, name, &op->err) == 0)
        strbuf_printf(out, "<n:EnumerationContext>uuid:%s</n:EnumerationContext>", name);
    else
        end = true;
    strbuf_printf(out, "<%c:Items>", p);
    strbuf_add(out, strbuf_str(items), items->len);
    strbuf_printf(out, "</%c:Items>", p);
    if (end) {
        strbuf_printf(out, "<%c:EndOfSequence/>", p);
        context_free(context);
    }
    return op->err.code ? -1 : 0;
}

static int page(struct op *op, struct context *context, size_t most, char prefix)
{
    struct strbuf items = STRBUF_INIT;
    int rc;

    rc = write_items(op, context, most, &items);
    if (rc == 0)
        rc = write_page(op, context, &items, prefix);
    else
        context_free(context);
    strbuf_free(&items);
    return rc;
}

int op_enumerate(struct op *op)
{
    const struct enumerate_body *body = &op->request.body.enumerate;
    struct strbuf *out = &op->reply->body;
    struct context *context;
    enum item_mode mode = ITEM_OBJECT;
    char name[GUID_TEXT];
    size_t most;

    if (body->end_to) /* R5.2.1-1 */
        return error_set(&op->err, ERR_FEATURE_ADDRESSING, "EndTo is not supported.");
    if (body->two_filters)
        return error_set(&op->err, ERR_BAD_FILTER, "There are two filters; send one.");
    if (body->expires && !is_time(body->expires))
        return error_set(&op->err, ERR_BAD_EXPIRATION, NULL);
    if (parse_mode(body->mode, &mode, &op->err) != 0 ||
        parse_count(body->max_elements, &most, &op->err) != 0)
        return -1;
    context = context_new(op->in->who);
    if (!context)
        return error_set(&op->err, ERR_NO_MEMORY, NULL);
    context->mode = mode;
    context->form = op->request.target.form;
    if (fill(op, context) != 0) {
        context_free(context);
        return -1;
    }
    strbuf_puts(out, "<n:EnumerateResponse>");
    if (body->optimize) {
        if (page(op, context, most, 'w') != 0)
            return -1;
    } else if (context_put(op->wsman->contexts, context, name, &op->err) == 0) {
        strbuf_printf(out, "<n:EnumerationContext>uuid:%s</n:EnumerationContext>", name);
    } else {
        context_free(context);
        return -1;
    }
    strbuf_puts(out, "</n:EnumerateResponse>");
    return 0;
}

int op_pull(struct op *op)
{
    struct context *context;
    size_t most;

    if (parse_count(op->request.body.pull.max_elements, &most, &op->err) != 0)
        return -1;
    /* what cannot be told must not use up the context */
    if (op->max_envelope && op->reply->body.len + ENVELOPE_ROOM > op->max_envelope)
        return error_set(&op->err, ERR_ENVELOPE_LIMIT, NULL);
    context = context_take(op->wsman->contexts, op->request.body.pull.context, op->in->who, &op->err);
    if (!context)
        return -1;
    strbuf_puts(&op->reply->body, "<n:PullResponse>");
    if (page(op, context, most, 'n') != 0)
        return -1;
    strbuf_puts(&op->reply->body, "</n:PullResponse>");
    return 0;
}

int op_release(struct op *op)
{
    struct context *context = context_take(op->wsman->contexts, op->request.body.pull.context,
                                           op->in->who, &op->err);

    context_free(context);
    return context ? 0 : -1;
}
