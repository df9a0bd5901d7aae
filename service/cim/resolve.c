/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/reference.h"

#include "cim/list.h"

#include <strings.h>

/* The first key of ref that class does not have, or NULL. */
static const char *unexpected_key(const struct cim_class *class, const struct cim_ref *ref)
{
    for (size_t i = 0; i < ref->key_count; i++) {
        const struct cim_property *property = cim_property_find(class, ref->keys[i].name);

        if (!property || !(property->flags & CIM_KEY))
            return ref->keys[i].name;
    }
    return NULL;
}

/* The value that ref gives to the key by which class can be asked directly, or NULL. */
static const char *direct_key(const struct cim_class *class, const struct cim_ref *ref)
{
    for (size_t i = 0; class->get_key && i < ref->key_count; i++)
        if (!strcasecmp(ref->keys[i].name, class->get_key))
            return ref->keys[i].text;
    return NULL;
}

struct resolve {
    struct cim_sink sink;
    struct cim_call *call;
    const struct cim_ref *ref;
    struct cim_instance *out;
    unsigned found; /* 2 stands for several */
};

static int emit_match(struct cim_sink *sink, const struct cim_instance *instance)
{
    struct resolve *resolve = (struct resolve *)sink;

    if (!cim_ref_matches(resolve->ref, instance, resolve->call->arena))
        return 0;
    if (++resolve->found > 1)
        return -1;
    *resolve->out = *instance;
    return 0;
}

int cim_resolve(struct cim_call *call, const char *default_ns, const struct cim_ref *ref,
                struct cim_instance *out)
{
    struct resolve resolve = { { emit_match }, call, ref, out, 0 };
    const char *ns = ref->ns ? ref->ns : default_ns;
    const char *unexpected = NULL;
    const struct cim_class *class;
    size_t cursor = 0, candidates = 0;

    if (list_check_class(ns, ref->class, call->err))
        return -1;
    while (resolve.found < 2 && (class = cim_class_next(ns, ref->class, &cursor))) {
        const char *key = unexpected_key(class, ref);

        if (key) {
            unexpected = key;
            continue;
        }
        candidates++;
        if (list_keyed(call, class, direct_key(class, ref), &resolve.sink) && resolve.found < 2)
            return -1;
    }
    if (!arena_ok(call->arena))
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    if (!candidates)
        return error_set(call->err, ERR_SELECTORS_UNEXPECTED, "Class %.100s has no key %.100s.",
                         ref->class, unexpected);
    if (resolve.found > 1)
        return error_set(call->err,
                         ref->key_count ? ERR_SELECTORS_AMBIGUOUS : ERR_SELECTORS_TOO_FEW, NULL);
    if (!resolve.found)
        return error_set(call->err, ERR_NOT_FOUND,
                         "There is no instance of %.100s with these keys.", ref->class);
    return 0;
}
