/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/query.h"

#include "cim/list.h"

#include <search.h>
#include <stdlib.h>
#include <strings.h>

/* Passes each instance on once, when its class is the wanted one. */
struct once {
    struct cim_sink sink;
    struct cim_call *call;
    const char *result_class;
    void *seen; /* tree of paths, borrowed from the arena */
    struct cim_sink *next;
};

static int compare_paths(const void *a, const void *b)
{
    return strcasecmp(a, b);
}

static void keep_path(void *path)
{
    (void)path;
}

static int emit_once(struct cim_sink *sink, const struct cim_instance *instance)
{
    struct once *once = (struct once *)sink;
    const struct cim_ref *ref;
    const char *path;
    void *node;

    if (once->result_class && !cim_class_is(instance->class, once->result_class))
        return 0;
    ref = cim_ref_of(instance, once->call->arena);
    path = ref ? cim_ref_path(ref, NULL, once->call->arena) : NULL;
    node = path ? tsearch(path, &once->seen, compare_paths) : NULL;
    if (!node)
        return error_set(once->call->err, ERR_NO_MEMORY, NULL);
    if (*(const char **)node != path)
        return 0;
    return once->next->emit(once->next, instance);
}

static bool allows(const char *wanted, const char *role)
{
    return !wanted || !strcasecmp(wanted, role);
}

/* True when some class is both: otherwise the walk to that end need not be taken. */
static bool overlaps(const char *end_class, const char *wanted)
{
    if (!wanted)
        return true;
    for (size_t i = 0; cim_class_registry[i]; i++)
        if (cim_class_is(cim_class_registry[i], end_class) &&
            cim_class_is(cim_class_registry[i], wanted))
            return true;
    return false;
}

/* What is looked for across one association class, from one of its ends. */
typedef int step_fn(struct cim_call *call, const struct cim_class *class,
                    const struct cim_instance *source, int from, struct cim_sink *sink);

/* Takes the step from each end of each association class where source may stand, in the order of
 * the registry. */
static int each_association(struct cim_call *call, const struct cim_instance *source,
                            const struct cim_associators *wanted, step_fn *step,
                            struct cim_sink *sink)
{
    const struct cim_class *class;
    size_t cursor = 0;

    while ((class = cim_class_next(source->class->ns,
                                   wanted->assoc_class ? wanted->assoc_class : "*", &cursor))) {
        const struct cim_association *association = class->association;

        for (int from = 0; association && from < 2; from++) {
            if (!cim_class_is(source->class, association->class[from]) ||
                !allows(wanted->role, association->role[from]) ||
                !allows(wanted->result_role, association->role[1 - from]) ||
                !overlaps(association->class[1 - from], wanted -> result_class))
                continue;
            if (step(call, class, source, from, sink))
                return -1;
        }
    }
    return 0;
}

static bool is_known(const char *name)
{
    for (size_t i = 0; name && cim_class_registry[i]; i++)
        if (cim_class_is(cim_class_registry[i], name))
            return true;
    return !name;
}

int cim_associators_check(const struct cim_associators *wanted, struct error *err)
{
    const char *unknown = !is_known(wanted->assoc_class)    ? wanted->assoc_class
                          : !is_known(wanted->result_class) ? wanted->result_class
                                                            : NULL;

    return unknown ? error_set(err, ERR_BAD_FILTER, "There is no class %.100s here.", unknown) : 0;
}

static int step_across(struct cim_call *call, const struct cim_class *class,
                       const struct cim_instance *source, int from, struct cim_sink *sink)
{
    return list_walk(call, class, source, from, sink);
}

int cim_associators(struct cim_call *call, const struct cim_instance *source,
                    const struct cim_associators *wanted, struct cim_sink *sink)
{
    struct once once = { { emit_once }, call, wanted->result_class, NULL, sink };
    int rc = each_association(call, source, wanted, step_across, &once.sink);

    tdestroy(once.seen, keep_path);
    return rc;
}

int cim_references(struct cim_call *call, const struct cim_instance *source,
                   const struct cim_associators *wanted, struct cim_sink *sink)
{
    /* The classes asked for are those of the associations themselves. */
    const struct cim_associators over = {
        .assoc_class = wanted->result_class,
        .role = wanted->role,
        .result_role = wanted->result_role,
    };
    struct once once = { { emit_once }, call, NULL, NULL, sink };
    int rc = each_association(call, source, &over, list_pairs, &once.sink);

    tdestroy(once.seen, keep_path);
    return rc;
}
