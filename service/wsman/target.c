/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/target.h"

#include "wsman/any.h"
#include "wsman/uri.h"

int target_parse(const struct headers *headers, struct target *out, struct arena *arena,
                 struct error *err)
{
    struct cim_ref *ref = arena_alloc(arena, sizeof(*ref));
    const char *said, *canonical;

    if (!ref)
        return error_set(err, ERR_NO_MEMORY, NULL);
    if (!headers->resource_uri)
        return error_set(err, ERR_BAD_CLASS, "The header ResourceURI is missing.");
    if (uri_parse(headers->resource_uri, out, arena, err) != 0 ||
        any_selectors(headers->selectors, headers->selector_count, arena, ref, err) != 0)
        return -1;
    said = out->ns ? out->ns : ref->ns ? ref->ns : cim_namespace_of(out->class);
    if (!cim_namespace_find(said, &canonical))
        return error_set(err, ERR_BAD_NAMESPACE, "There is no CIM namespace '%.100s' here.", said);
    if (out->ns && ref->ns) {
        const char *selected;
        if (!cim_namespace_find(ref->ns, &selected) || selected != canonical)
            return error_set(err, ERR_SELECTORS_UNEXPECTED,
                             "The selector __cimnamespace and the resource URI name different namespaces.");
    }
    ref->class = out->class;
    ref->ns = out->ns = canonical;
    out->ref = ref;
    return 0;
}
