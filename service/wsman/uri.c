/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/uri.h"

#include "wsman/names.h"

#include <string.h>
#include <strings.h>

static bool starts_with(const char *text, const char *prefix)
{
    return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

int uri_parse(const char *uri, struct target *out, struct arena *arena, struct error *err)
{
    const char *slash;

    if (strcasecmp(uri, URI_DMTF_ALL) == 0 || starts_with(uri, URI_DMTF)) {
        out->form = URI_FORM_DMTF;
        out->class = arena_strdup(arena, starts_with(uri, URI_DMTF) ? uri + strlen(URI_DMTF) : "*");
    } else if (starts_with(uri, URI_MICROSOFT) && (slash = strrchr(uri, '/')) &&
               slash >= uri + strlen(URI_MICROSOFT)) {
        const char *ns = uri + strlen(URI_MICROSOFT);
        out->form = URI_FORM_MICROSOFT;
        out->class = arena_strdup(arena, slash + 1);
        out->ns = arena_strndup(arena, ns, (size_t)(slash - ns));
    } else {
        return error_set(err, ERR_BAD_CLASS, NULL);
    }
    if (!arena_ok(arena))
        return error_set(err, ERR_NO_MEMORY, NULL);
    return *out->class && !strchr(out->class, '/') ? 0 : error_set(err, ERR_BAD_CLASS, NULL);
}

void uri_write(struct strbuf *out, enum uri_form form, const char *ns, const char *class)
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
