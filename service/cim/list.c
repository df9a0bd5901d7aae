/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/list.h"

#include "cim/query.h"

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

    return association->association->walk(call, source, from, &pairing.sink);
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
    const struct cim_class *class;
    size_t cursor = 0;

    while ((class = cim_class_next(association->ns, association->association->class[0], &cursor)))
        if (!class->association && list_class(call, class, &walking.sink))
            return -1;
    return 0;
}

int list_class(struct cim_call *call, const struct cim_class *class, struct cim_sink *sink)
{
    if (class->association)
        return list_association(call, class, sink);
    return class->list ? class->list(call, sink) : 0;
}

int list_keyed(struct cim_call *call, const struct cim_class *class, const char *key,
               struct cim_sink *sink)
{
    if (key && class->get)
        return class->get(call, key, sink);
    return list_class(call, class, sink);
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
    size_t cursor = 0;

    if (list_check_class(ns, name, call->err))
        return -1;
    while ((class = cim_class_next(ns, name, &cursor)))
        if (list_class(call, class, sink))
            return -1;
    return 0;
}
