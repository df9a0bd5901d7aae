/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/list.h"

#include "base/clock.h"
#include "cim/query.h"

#include <string.h>

const struct cim_class *list_next(struct cim_call *call, const char *ns, const char *name,
                                  size_t *position)
{
    struct cim_cursor *cursor = call->cursor;
    const struct cim_class *class;
    bool resuming = cursor && cursor->begun && *position == 0;

    if (resuming)
        *position = cursor->class;
    class = cim_class_next(ns, name, position);
    if (resuming)
        cursor->reached = false;
    else if (cursor && class)
        *cursor = (struct cim_cursor){ .begun = true, .class = *position - 1 };
    if (resuming)
        cursor->at = 0;
    return class;
}

bool list_skip(struct cim_cursor *cursor)
{
    /* of a machine before the one where it goes on */
    if (cursor->grouped && !cursor->reached)
        return true;
    return ++cursor->at <= cursor->taken && !cursor->fresh;
}

void list_take(struct cim_cursor *cursor)
{
    cursor->taken = cursor->at;
    cursor->mark = cursor->offered;
    cursor->marked = cursor->offering;
}

void list_mark(struct cim_cursor *cursor, const struct guid *id)
{
    cursor->offered = *id;
    cursor->offering = true;
}

void list_stage(struct cim_cursor *cursor, const struct guid *done)
{
    cursor->offering = done != NULL;
    cursor->offered = done ? *done : (struct guid){ { 0 } };
    cursor->at = 0;
    cursor->fresh = cursor->marked != cursor->offering ||
                    (done && !guid_equal(&cursor->mark, done));
}

bool list_go_on(struct cim_cursor *cursor, struct guid *mark)
{
    if (!cursor->marked)
        return false;
    *mark = cursor->mark;
    cursor->at = cursor->taken;
    return true;
}

bool list_group(struct cim_cursor *cursor, const struct guid *group)
{
    int order = cursor->grouped ? memcmp(group, &cursor->group, sizeof(*group)) : 1;

    if (order < 0)
        return false;
    if (order > 0) {
        cursor->group = *group;
        cursor->grouped = true;
        cursor->taken = 0;
        cursor->marked = false;
    }
    cursor->at = 0;
    cursor->offering = cursor->fresh = false;
    cursor->reached = true;
    return true;
}

static int emit_view(struct cim_sink *sink, const struct cim_instance *instance)
{
    struct list_view *view = (struct list_view *)sink;
    struct cim_instance seen = { cim_class_view(instance->class, view->ns), instance->object };

    return seen.class ? view->next->emit(view->next, &seen) : 0;
}

struct cim_sink *list_view(struct list_view *view, const char *ns, struct cim_sink *next)
{
    *view = (struct list_view){ { emit_view }, ns, next };
    return &view->sink;
}

int list_walk(struct cim_call *call, const struct cim_class *association,
              const struct cim_instance *source, int from, struct cim_sink *sink)
{
    struct cim_instance plain = cim_instance_plain(source);
    struct list_view view;

    if (!association->origin)
        return association->association->walk(call, source, from, sink);
    return association->origin->association->walk(call, &plain, from,
                                                  list_view(&view, association->ns, sink));
}

/* Makes an association of each thing that a walk finds. */
struct pairing {
    struct cim_sink sink;
    struct cim_call *call;
    const struct cim_class *association;
    const struct cim_instance *source;
    int from;
    struct cim_sink *next;
};

static int emit_pair(struct cim_sink *sink, const struct cim_instance *found)
{
    struct pairing *pairing = (struct pairing *)sink;
    struct cim_pair *pair = arena_alloc(pairing->call->arena, sizeof(*pair));
    struct cim_instance instance = { pairing->association, pair };

    if (!pair)
        return error_set(pairing->call->err, ERR_NO_MEMORY, NULL);
    pair->end[pairing->from] = *pairing->source;
    pair->end[1 - pairing->from] = *found;
    return pairing->next->emit(pairing->next, &instance);
}

int list_pairs(struct cim_call *call, const struct cim_class *association,
               const struct cim_instance *source, int from, struct cim_sink *sink)
{
    struct pairing pairing = { { emit_pair }, call, association, source, from, sink };

    return list_walk(call, association, source, from, &pairing.sink);
}

/* Walks an association from each instance of the class at its first end. */
struct walking {
    struct cim_sink sink;
    struct cim_call *call;
    const struct cim_class *association;
    struct cim_sink *next;
};

static int emit_walk(struct cim_sink *sink, const struct cim_instance *source)
{
    struct walking *walking = (struct walking *)sink;

    return list_pairs(walking->call, walking->association, source, 0, walking->next);
}

static int list_association(struct cim_call *call, const struct cim_class *association,
                            struct cim_sink *sink)
{
    struct walking walking = { { emit_walk }, call, association, sink };
    struct cim_cursor *cursor = call->cursor;
    const char *first = association->association->first;
    const struct cim_class *class;
    size_t position = 0;
    int rc = 0;

    if (!first)
        first = association->association->class[0];
    /* Several classes, each of which may go through the machines: taken in pages by counting. */
    call->cursor = NULL;
    while (rc == 0 && (class = cim_class_next(association->ns, first, &position)))
        if (!class->association)
            rc = list_class(call, class, &walking.sink);
    call->cursor = cursor;
    return rc;
}

/* Ends a list at the deadline, whatever becomes of the instances behind it. */
struct timed {
    struct cim_sink sink;
    struct cim_call *call;
    struct cim_sink *next;
};

static int emit_timed(struct cim_sink *sink, const struct cim_instance *instance)
{
    struct timed *timed = (struct timed *)sink;

    if (clock_mono_ms() > timed->call->deadline_ms)
        return error_set(timed->call->err, ERR_TIMEOUT, NULL);
    return timed->next->emit(timed->next, instance);
}

int list_class(struct cim_call *call, const struct cim_class *class, struct cim_sink *sink)
{
    struct timed timed = { { emit_timed }, call, sink };
    struct list_view view;

    if (call->deadline_ms)
        sink = &timed.sink;
    if (class->association)
        return list_association(call, class, sink);
    if (class->origin)
        sink = list_view(&view, class->ns, sink);
    if (!class->list)
        class = cim_class_plain(class);
    return class->list ? class->list(call, sink) : 0;
}

int list_keyed(struct cim_call *call, const struct cim_class *class, const char *key,
               struct cim_sink *sink)
{
    const struct cim_class *getter = class->get ? class : cim_class_plain(class);
    struct list_view view;

    if (key && getter->get)
        return getter->get(call, key, class->origin ? list_view(&view, class->ns, sink) : sink);
    return list_class(call, class, sink);
}

int list_named(struct cim_call *call, const struct cim_class *class, const char *element_name,
               struct cim_sink *sink)
{
    int rc;

    call->element_name = cim_class_plain(class)->by_name ? element_name : NULL;
    rc = list_class(call, class, sink);
    call->element_name = NULL;
    return rc;
}

int list_check_class(const char *ns, const char *name, struct error *err)
{
    size_t cursor = 0;
    const char *known;

    if (!cim_namespace_find(ns, &known))
        return error_set(err, ERR_BAD_NAMESPACE, "There is no CIM namespace %.200s here.", ns);
    if (!cim_class_next(ns, name, &cursor))
        return error_set(err, ERR_BAD_CLASS, "There is no class %.100s in namespace %.200s.", name,
                         known);
    return 0;
}

int cim_enumerate(struct cim_call *call, const char *ns, const char *name, struct cim_sink *sink)
{
    const struct cim_class *class;
    size_t position = 0;

    if (list_check_class(ns, name, call->err))
        return -1;
    while ((class = list_next(call, ns, name, &position)))
        if (list_class(call, class, sink))
            return -1;
    return 0;
}
