/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/page.h"

#include "base/utf8.h"
#include "cim/list.h"
#include "wsman/encode.h"

#include <stdlib.h>
#include <strings.h>

enum { PAGE_ROOM = 16 * 1024 /* for the first items of a page */ };

/* Encodes what is listed, until the page is full. */
struct pager {
    struct cim_sink sink;
    struct context *context;
    struct cim_call *call;
    struct encoder encoder;
    const char *asked;            /* the class */
    const struct cim_class *base; /* its table, for POLY_EXCLUDE */
    bool full;
};

static int note_end(struct context *context)
{
    if (context->count == context->room) {
        size_t room = context->room ? context->room * 2 : 32;
        size_t *grown = reallocarray(context->ends, room, sizeof(*grown));
        if (!grown)
            return -1;
        context->ends = grown;
        context->room = room;
    }
    context->ends[context->count++] = context->page.len;
    context->total++;
    return 0;
}

static void write_item(struct pager *pager, const struct cim_instance *instance)
{
    const struct context *context = pager->context;
    struct encoder *e = &pager->encoder;
    const char *const *columns = NULL;
    size_t count = context->filter ? filter_columns(context->filter, &columns) : 0;
    bool both = context->mode == ITEM_OBJECT_AND_EPR;

    if (both)
        strbuf_puts(e->out, "<w:Item>");
    if (context->mode != ITEM_EPR && count)
        encode_fragment(e, instance, columns, count);
    else if (context->mode != ITEM_EPR)
        encode_instance_as(e, instance, pager->base ? pager->base : instance->class);
    if (context->mode != ITEM_OBJECT)
        encode_epr(e, instance);
    if (both)
        strbuf_puts(e->out, "</w:Item>");
}

static int emit_item(struct cim_sink *sink, const struct cim_instance *instance)
{
    struct pager *pager = (struct pager *)sink;
    struct context *context = pager->context;

    if (context->polymorphism == POLY_NONE && strcasecmp(instance->class->name, pager->asked) != 0)
        return 0;
    if (list_skip(&context->cursor))
        return 0;
    if (context->page.len >= PAGE_OCTETS) {
        pager->full = true;
        return -1;
    }
    write_item(pager, instance);
    if (note_end(context) != 0 || !strbuf_ok(&context->page) || !arena_ok(pager->call->arena))
        return error_set(pager->call->err, ERR_NO_MEMORY, NULL);
    list_take(&context->cursor);
    return 0;
}

/* The table of a base class: this namespace's, else the one of the DMTF's classes, of which only the
 * properties are looked at. */
static const struct cim_class *find_base(const struct context *context, const char *asked)
{
    const struct cim_class *base;

    if (context->polymorphism != POLY_EXCLUDE)
        return NULL;
    base = cim_class_find(context->ns, asked);
    return base ? base : cim_class_find(CIM_NS_INTEROP, asked);
}

static int list_page(struct pager *pager)
{
    struct context *context = pager->context;
    struct cim_call *call = pager->call;

    if (context->polymorphism == POLY_EXCLUDE && !pager->base)
        return error_set(call->err, ERR_POLYMORPHISM, NULL);
    if (context->filter)
        return filter_run(context->filter, call, context->ns, context->class, &pager->sink);
    return cim_enumerate(call, context->ns, context->class, &pager->sink);
}

int page_fill(struct op *op, struct context *context)
{
    struct arena arena = ARENA_INIT; /* of the instances of this page */
    struct cim_call call = op->call;
    const char *asked = context->filter ? filter_class(context->filter) : NULL;
    struct pager pager = { .sink = { emit_item },
                           .context = context,
                           .call = &call,
                           .encoder = { &context->page, &call, context->form },
                           .asked = asked ? asked : context->class };
    bool paged = !context->filter || filter_pages(context->filter);
    int rc;

    pager.base = find_base(context, pager.asked);
    call.arena = &arena;
    call.memo = NULL;
    call.cursor = paged ? &context->cursor : NULL;
    strbuf_truncate(&context->page, 0);
    strbuf_reserve(&context->page, PAGE_ROOM);
    context->count = context->position = 0;
    context->cursor.at = 0;
    rc = list_page(&pager);
    if (rc == 0) {
        context->done = true;
    } else if (pager.full || (op->err.code == ERR_TIMEOUT && context->count)) {
        error_clear(&op->err); /* what was found in time is a page */
        rc = 0;
    }
    if (rc == 0 && !arena_ok(&arena))
        rc = error_set(&op->err, ERR_NO_MEMORY, NULL);
    arena_free(&arena);
    return rc;
}

/* Code points in what is well-formed UTF-8. */
static size_t characters(const char *text, size_t len)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

int page_take(struct op *op, struct context *context, const struct page_limits *limits,
              struct strbuf *out)
{
    size_t begin = context->position ? context->ends[context->position - 1] : 0, from = begin;
    size_t items = 0, chars = 0;
    bool count = limits->characters < limits->octets; /* there are never more of them */

    while (context->position < context->count && items < limits->items) {
        size_t end = context->ends[context->position];
        if (count)
            chars += characters(context->page.data + from, end - from);
        if (end - begin > limits->octets || chars > limits->characters)
            break;
        from = end;
        items++;
        context->position++;
    }
    if (items == 0 && context->position < context->count)
        return error_set(&op->err, ERR_ENVELOPE_LIMIT, "The next item is larger than the reply may be.");
    if (from == context->page.len && begin == 0 && !out->data) {
        *out = context->page; /* all of it: no copy */
        context->page = (struct strbuf)STRBUF_INIT;
    } else if (from > begin) {
        strbuf_add(out, context->page.data + begin, from - begin);
    }
    return strbuf_ok(out) ? 0 : error_set(&op->err, ERR_NO_MEMORY, NULL);
}
