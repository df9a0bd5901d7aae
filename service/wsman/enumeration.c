/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * WS-Enumeration: Enumerate, Pull, Release, Renew, GetStatus (DSP0226 section 8).
 */
#include "wsman/op.h"

#include "base/clock.h"
#include "cim/datetime.h"
#include "cim/list.h"
#include "wsman/page.h"
#include "wsman/reply.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_ENVELOPE = 32767, /* R13.1-3: for clients that name no MaxEnvelopeSize */
    ENVELOPE_ROOM = 1024,     /* for what stands around the items */
    LOOK_AHEAD_MS = 1000,     /* at most, to find out whether a reply is the last */
};

/* ---- reading ---- */

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

static int parse_polymorphism(const char *text, enum polymorphism *mode, struct error *err)
{
    static const char *const names[] = {
        [POLY_INCLUDE] = "IncludeSubClassProperties",
        [POLY_EXCLUDE] = "ExcludeSubClassProperties",
        [POLY_NONE] = "None",
    };

    *mode = POLY_INCLUDE;
    for (size_t i = 0; text && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            *mode = (enum polymorphism)i;
            return 0;
        }
    }
    return text ? error_set(err, ERR_POLYMORPHISM, "There is no polymorphism mode '%.100s'.", text) : 0;
}

/* Expires is a duration or a point in time; *ms is how long from now, 0 when it is absent. */
static int parse_expires(const char *text, int64_t *ms, bool *absolute, struct error *err)
{
    int64_t us = 0;

    *ms = 0;
    *absolute = false;
    if (!text)
        return 0;
    if (cim_duration_parse(text, &us) != 0) {
        *absolute = true;
        if (cim_datetime_parse(text, &us) != 0)
            return error_set(err, ERR_BAD_EXPIRATION, NULL);
        us -= clock_now_us();
    }
    *ms = us / 1000;
    return *ms > 0 ? 0 : error_set(err, ERR_BAD_EXPIRATION, "The expiration time is over already.");
}

/* MaxElements or MaxCharacters; `absent` when it is absent. */
static int parse_count(const char *text, const char *name, size_t absent, size_t *count,
                       struct error *err)
{
    char *rest;

    *count = absent;
    if (!text)
        return 0;
    *count = strtoul(text, &rest, 10);
    if (*text < '0' || *text > '9' || *rest || *count == 0)
        return error_set(err, ERR_SCHEMA, "%s is not a positive number.", name);
    return 0;
}

/* ---- writing ---- */

/* The time given, in the form in which it was asked for; a duration in whole seconds. */
static void write_expires(struct op *op, int64_t ms, bool absolute)
{
    const char *text = absolute ? cim_datetime(clock_now_us() + ms * 1000, &op->arena)
                                : cim_interval((ms + 999) / 1000 * 1000000, &op->arena);

    strbuf_printf(&op->reply->body, "<n:Expires>%s</n:Expires>", text ? text : "");
}

/* RequestTotalItemsCountEstimate: known once everything has been listed, else nil. */
static void write_total(struct op *op, const struct context *context)
{
    char text[160];

    if (!op->request.headers.total_count)
        return;
    if (context->done)
        snprintf(text, sizeof(text), "<w:TotalItemsCountEstimate>%zu</w:TotalItemsCountEstimate>",
                 context->total);
    else
        snprintf(text, sizeof(text),
                 "<w:TotalItemsCountEstimate xmlns:xsi=\"%s\" xsi:nil=\"true\"/>",
                 "http://www.w3.org/2001/XMLSchema-instance");
    reply_header(op, text);
}

/* Octets that items may take. */
static size_t room_for_items(const struct op *op)
{
    size_t limit = op->max_envelope ? op->max_envelope : DEFAULT_ENVELOPE;
    size_t used = op->reply->body.len + ENVELOPE_ROOM;

    if (op->reply->utf16) /* at most twice as many there */
        limit /= 2;
    return limit > used ? limit - used : 0;
}

/* From now on the reply must get through, late or not: the client knows no other name for the rest. */
static int keep(struct op *op, struct context *context, char name[GUID_TEXT])
{
    if (context_put(op->wsman->contexts, context, name, &op->err) != 0)
        return -1;
    op->kept = true;
    return 0;
}

/* Is there more to come? After a page's end that is found out by making the next one; if that fails, the
 * next Pull says why. */
static bool at_end(struct op *op, struct context *context)
{
    struct op quiet = *op;
    int64_t soon = clock_mono_ms() + LOOK_AHEAD_MS;

    if (context->position < context->count)
        return false;
    if (context->done)
        return true;
    quiet.err = (struct error){ 0 };
    quiet.call.err = &quiet.err;
    if (soon < quiet.call.deadline_ms)
        quiet.call.deadline_ms = soon;
    return page_fill(&quiet, context) == 0 && context->done && context->count == 0;
}

/* Writes the context's name and the items with prefix `p`, then keeps the context or, at its end, frees it.
 * Always takes the context. The end looks different in the two replies (R8.2.3-5, R8.4-8). */
static int write_page(struct op *op, struct context *context, const struct strbuf *items, char p)
{
    struct strbuf *out = &op->reply->body;
    bool end = at_end(op, context);
    char name[GUID_TEXT];

    strbuf_reserve(out, items->len + ENVELOPE_ROOM);
    write_total(op, context);
    if (end)
        strbuf_puts(out, p == 'w' ? "<n:EnumerationContext></n:EnumerationContext>" : "");
    else if (keep(op, context, name) == 0)
        strbuf_printf(out, "<n:EnumerationContext>uuid:%s</n:EnumerationContext>", name);
    else
        end = true;
    strbuf_printf(out, "<%c:Items>", p);
    strbuf_add(out, strbuf_str(items), items->len);
    strbuf_printf(out, "</%c:Items>", p);
    if (end) {
        strbuf_printf(out, "<%c:EndOfSequence/>", p);
        context_drop(op->wsman->contexts, context);
    }
    return op->err.code ? -1 : 0;
}

/* ---- operations ---- */

/* Everything but the filter and the first page. */
static int read_enumerate(struct op *op, struct context *context)
{
    const struct enumerate_body *body = &op->request.body.enumerate;
    const struct target *target = &op->request.target;

    if (body->end_to) /* R5.2.1-1 */
        return error_set(&op->err, ERR_FEATURE_ADDRESSING, "EndTo is not supported.");
    if (parse_mode(body->mode, &context->mode, &op->err) != 0 ||
        parse_polymorphism(body->polymorphism, &context->polymorphism, &op->err) != 0)
        return -1;
    context->form = target->form;
    context->ns = target->ns;
    context->class = arena_strdup(&context->arena, target->class);
    if (body->filter)
        context->filter = filter_read(body->filter, target->form, &context->arena, &op->err);
    if (!arena_ok(&context->arena))
        error_set(&op->err, ERR_NO_MEMORY, NULL);
    return op->err.code ? -1 : 0;
}

/* The answer without items. */
static int write_context(struct op *op, struct context *context)
{
    char name[GUID_TEXT];

    write_total(op, context);
    if (keep(op, context, name) != 0) {
        context_drop(op->wsman->contexts, context);
        return -1;
    }
    strbuf_printf(&op->reply->body, "<n:EnumerationContext>uuid:%s</n:EnumerationContext>", name);
    return 0;
}

/* The answer with the first items; takes the context. */
static int write_optimized(struct op *op, struct context *context, size_t most)
{
    const struct page_limits limits = { most, room_for_items(op), SIZE_MAX };
    struct strbuf items = STRBUF_INIT;
    int rc = page_take(op, context, &limits, &items);

    if (rc == 0)
        rc = write_page(op, context, &items, 'w');
    else
        context_drop(op->wsman->contexts, context);
    strbuf_free(&items);
    return rc;
}

int op_enumerate(struct op *op)
{
    const struct enumerate_body *body = &op->request.body.enumerate;
    struct context *context;
    int64_t asked_ms, given_ms;
    bool absolute;
    size_t most;
    int rc;

    if (parse_count(body->max_elements, "MaxElements", 1, &most, &op->err) != 0 ||
        parse_expires(body->expires, &asked_ms, &absolute, &op->err) != 0)
        return -1;
    context = context_new(op->in->who);
    if (!context)
        return error_set(&op->err, ERR_NO_MEMORY, NULL);
    if (read_enumerate(op, context) != 0 || page_fill(op, context) != 0) {
        context_drop(op->wsman->contexts, context);
        return -1;
    }
    given_ms = context_extend(op->wsman->contexts, context, asked_ms);
    strbuf_puts(&op->reply->body, "<n:EnumerateResponse>");
    if (asked_ms)
        write_expires(op, given_ms, absolute);
    rc = body->optimize ? write_optimized(op, context, most) : write_context(op, context);
    strbuf_puts(&op->reply->body, "</n:EnumerateResponse>");
    return rc;
}

/* The context that a Pull and its kin name, and no other class URI than that (R8.1-6 knows only
 * credentials): clients send Pull to all kinds of URIs. */
static struct context *take(struct op *op)
{
    return context_take(op->wsman->contexts, op->request.body.pull.context, op->in->who, &op->err);
}

static int read_pull_limits(struct op *op, struct page_limits *limits)
{
    const struct pull_body *body = &op->request.body.pull;
    int64_t us = INT64_MAX, now = clock_mono_ms();

    if (body->max_time && cim_duration_parse(body->max_time, &us) != 0)
        return error_set(&op->err, ERR_SCHEMA, "MaxTime is not a duration.");
    if (us / 1000 < op->call.deadline_ms - now)
        op->call.deadline_ms = now + us / 1000;
    return parse_count(body->max_elements, "MaxElements", 1, &limits->items, &op->err) != 0 ||
                   parse_count(body->max_characters, "MaxCharacters", SIZE_MAX, &limits->characters,
                               &op->err) != 0
               ? -1
               : 0;
}

int op_pull(struct op *op)
{
    struct strbuf items = STRBUF_INIT;
    struct page_limits limits;
    struct context *context;
    int rc;

    if (read_pull_limits(op, &limits) != 0)
        return -1;
    context = take(op);
    if (!context)
        return -1;
    strbuf_puts(&op->reply->body, "<n:PullResponse>");
    limits.octets = room_for_items(op);
    /* What cannot be told does not use up the context. */
    if ((context->position == context->count && !context->done && page_fill(op, context) != 0) ||
        page_take(op, context, &limits, &items) != 0) {
        context_return(op->wsman->contexts, context);
        rc = -1;
    } else {
        rc = write_page(op, context, &items, 'n');
    }
    strbuf_free(&items);
    strbuf_puts(&op->reply->body, "</n:PullResponse>");
    return rc;
}

int op_release(struct op *op)
{
    struct context *context = take(op);

    if (!context)
        return -1;
    context_drop(op->wsman->contexts, context);
    return 0;
}

int op_renew(struct op *op)
{
    struct context *context;
    int64_t asked_ms;
    bool absolute;

    if (parse_expires(op->request.body.pull.expires, &asked_ms, &absolute, &op->err) != 0)
        return -1;
    context = take(op);
    if (!context)
        return -1;
    strbuf_puts(&op->reply->body, "<n:RenewResponse>");
    write_expires(op, context_extend(op->wsman->contexts, context, asked_ms), absolute);
    context_return(op->wsman->contexts, context);
    strbuf_puts(&op->reply->body, "</n:RenewResponse>");
    return 0;
}

int op_get_status(struct op *op)
{
    struct context *context = take(op);

    if (!context)
        return -1;
    strbuf_puts(&op->reply->body, "<n:GetStatusResponse>");
    write_expires(op, context->expires_ms - clock_mono_ms(), false);
    context_return(op->wsman->contexts, context);
    strbuf_puts(&op->reply->body, "</n:GetStatusResponse>");
    return 0;
}
