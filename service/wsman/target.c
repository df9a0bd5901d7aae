/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/target.h"

#include "base/strbuf.h"
#include "wsman/any.h"
#include "wsman/names.h"

#include <string.h>
#include <strings.h>

static bool starts_with(const char *text, const char *prefix)
{
    return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

int target_parse_uri(const char *uri, struct target *out, struct arena *arena, struct error *err)
{
    const char *slash;

    if (strcasecmp(uri, URI_DMTF_ALL) == 0 || starts_with(uri, URI_DMTF)) {
        out->form = URI_FORM_DMTF;
        out->class = starts_with(uri, URI_DMTF) ? uri + strlen(URI_DMTF) : "*";
    } else if (starts_with(uri, URI_MICROSOFT) && (slash = strrchr(uri, '/')) &&
               slash >= uri + strlen(URI_MICROSOFT)) {
        const char *ns = uri + strlen(URI_MICROSOFT);
        out->form = URI_FORM_MICROSOFT;
        out->class = slash + 1;
        out->ns = arena_strndup(arena, ns, (size_t)(slash - ns));
        if (!out->ns)
            return error_set(err, ERR_NO_MEMORY, NULL);
    } else {
        return error_set(err, ERR_BAD_CLASS, NULL);
    }
    return *out->class && !strchr(out->class, '/') ? 0 : error_set(err, ERR_BAD_CLASS, NULL);
}

int target_parse(const struct headers *headers, struct target *out, struct arena *arena,
                 struct error *err)
{
    struct cim_ref *ref = arena_alloc(arena, sizeof(*ref));
    const char *said, *canonical;

    if (!ref)
        return error_set(err, ERR_NO_MEMORY, NULL);
    if (!headers->resource_uri)
        return error_set(err, ERR_BAD_CLASS, "The header ResourceURI is missing.");
    if (target_parse_uri(headers->resource_uri, out, arena, err) != 0 ||
        any_selectors(headers->selectors, headers->selector_count, arena, ref, err) != 0)
        return -1;
    said = out->ns ? out->ns : ref->ns ? ref->ns : CIM_NS_DEFAULT;
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

void target_write_uri(struct strbuf *out, enum uri_form form, const char *ns, const char *class)
{
    if (form == URI_FORM_DMTF) {
        strbuf_puts(out, URI_DMTF);
    } else {
        strbuf_puts(out, URI_MICROSOFT);
        strbuf_puts(out, ns);
        strbuf_puts(out, "/");
    }
    strbuf_puts(out, class);
}
