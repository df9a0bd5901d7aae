/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/any.h"

#include "wsman/names.h"
#include "wsman/uri.h"

#include "soapH.h"

#include <string.h>
#include <strings.h>

#define BLANKS " \t\r\n"

static const struct soap_dom_element *dom(const struct any *node)
{
    return (const struct soap_dom_element *)node;
}

static const char *local_name(const char *name)
{
    const char *colon = name ? strrchr(name, ':') : NULL;

    return colon ? colon + 1 : name ? name : "";
}

const char *any_name(const struct any *node)
{
    return local_name(dom(node)->name);
}

const char *any_ns(const struct any *node)
{
    return dom(node)->nstr ? dom(node)->nstr : "";
}

const struct any *any_first(const struct any *node)
{
    return (const struct any *)dom(node)->elts;
}

const struct any *any_next(const struct any *node)
{
    return (const struct any *)dom(node)->next;
}

const struct any *any_child(const struct any *node, const char *name)
{
    for (const struct any *c = any_first(node); c; c = any_next(c))
        if (strcmp(any_name(c), name) == 0)
            return c;
    return NULL;
}

const struct any *any_at(const struct any *array, size_t i)
{
    return (const struct any *)(dom(array) + i);
}

static const char *attribute_ns(const struct soap_dom_attribute *a)
{
    if (a->nstr)
        return a->nstr;
    return strncmp(a->name, "xml:", 4) == 0 ? NS_XML : "";
}

const char *any_attribute(const struct any *node, const char *ns, const char *name)
{
    for (const struct soap_dom_attribute *a = dom(node)->atts; a; a = a->next)
        if (strcmp(local_name(a->name), name) == 0 && strcmp(attribute_ns(a), ns) == 0)
            return a->text ? a->text : "";
    return NULL;
}

const char *any_text(const struct any *node)
{
    return dom(node)->text ? dom(node)->text : "";
}

bool any_is_nil(const struct any *node)
{
    const char *nil = any_attribute(node, NS_XSI, "nil");
    size_t len;

    if (!nil)
        return false;
    nil += strspn(nil, BLANKS);
    len = strcspn(nil, BLANKS);
    return (len == 4 && memcmp(nil, "true", 4) == 0) || (len == 1 && *nil == '1');
}

enum { MOST_KEYS = 64 };

/* A reference whose keys are being collected. */
struct keys {
    struct cim_ref *ref;
    struct cim_key *items; /* ref->keys, writable */
    struct arena *arena;
    struct error *err;
};

static int keys_begin(struct keys *k, size_t room)
{
    if (room > MOST_KEYS)
        return error_set(k->err, ERR_SELECTORS_TOO_MANY, NULL);
    k->items = arena_alloc(k->arena, (room + 1) * sizeof(*k->items));
    k->ref->keys = k->items;
    k->ref->key_count = 0;
    return k->items ? 0 : error_set(k->err, ERR_NO_MEMORY, NULL);
}

/* DSP0226 R5.1.2.2-4: a selector may not be there twice. */
static bool keys_have(const struct keys *k, const char *name)
{
    if (strcasecmp(name, "__cimnamespace") == 0)
        return k->ref->ns != NULL;
    for (size_t i = 0; i < k->ref->key_count; i++)
        if (strcasecmp(k->items[i].name, name) == 0)
            return true;
    return false;
}

static int keys_add(struct keys *k, const char *name, const struct any *node)
{
    const struct any *epr = any_child(node, "EndpointReference");
    struct cim_key *key = &k->items[k->ref->key_count];

    if (keys_have(k, name))
        return error_set(k->err, ERR_SELECTORS_DUPLICATE, "The selector %.100s is there twice.", name);
    if (strcasecmp(name, "__cimnamespace") == 0) {
        k->ref->ns = arena_strdup(k->arena, any_text(node));
        return 0;
    }
    *key = (struct cim_key){ .name = arena_strdup(k->arena, name) };
    if (epr)
        key->ref = any_reference(epr, NULL, k->arena, k->err);
    else
        key->text = arena_strdup(k->arena, any_text(node));
    if (epr && !key->ref)
        return -1;
    k->ref->key_count++;
    return arena_ok(k->arena) ? 0 : error_set(k->err, ERR_NO_MEMORY, NULL);
}

static int keys_add_selector(struct keys *k, const struct any *selector)
{
    const char *name = any_attribute(selector, "", "Name");

    if (!name || !*name)
        return error_set(k->err, ERR_SCHEMA, "A selector has no Name.");
    return keys_add(k, name, selector);
}

static size_t any_count(const struct any *parent)
{
    size_t count = 0;

    for (const struct any *c = parent ? any_first(parent) : NULL; c; c = any_next(c))
        count++;
    return count;
}

int any_selectors(const struct any *selectors, size_t count, struct arena *arena,
                  struct cim_ref *ref, struct error *err)
{
    struct keys k = { ref, NULL, arena, err };

    if (keys_begin(&k, count) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (keys_add_selector(&k, any_at(selectors, i)) != 0)
            return -1;
    return 0;
}

static int keys_from_set(struct keys *k, const struct any *set)
{
    for (const struct any *c = set ? any_first(set) : NULL; c; c = any_next(c))
        if (keys_add_selector(k, c) != 0)
            return -1;
    return 0;
}

int any_selector_set(const struct any *set, struct arena *arena, struct cim_ref *ref,
                     struct error *err)
{
    struct keys k = { ref, NULL, arena, err };

    return keys_begin(&k, any_count(set)) == 0 ? keys_from_set(&k, set) : -1;
}

/* The selectors of an EPR's SelectorSet; its class from the ResourceURI. */
static int keys_from_parameters(struct keys *k, const struct any *parameters)
{
    const struct any *uri = any_child(parameters, "ResourceURI");
    const struct any *set = any_child(parameters, "SelectorSet");
    struct target target = { 0 };

    if (!uri)
        return error_set(k->err, ERR_INVALID_PARAMETER, "A reference has no ResourceURI.");
    if (uri_parse(any_text(uri), &target, k->arena, k->err) != 0 ||
        keys_begin(k, any_count(set)) != 0)
        return -1;
    k->ref->class = target.class;
    if (keys_from_set(k, set) != 0)
        return -1;
    if (!k->ref->ns)
        k->ref->ns = target.ns;
    return 0;
}

/* Some clients send the keys themselves, as elements of the class's type. */
static int keys_from_elements(struct keys *k, const struct any *node, const char *class)
{
    if (!class || !any_first(node))
        return error_set(k->err, ERR_INVALID_PARAMETER, "A reference is empty.");
    if (keys_begin(k, any_count(node)) != 0)
        return -1;
    k->ref->class = class;
    for (const struct any *c = any_first(node); c; c = any_next(c))
        if (keys_add(k, any_name(c), c) != 0)
            return -1;
    return 0;
}

const struct cim_ref *any_reference(const struct any *node, const char *class, struct arena *arena,
                                    struct error *err)
{
    const struct any *wrapped = any_child(node, "EndpointReference");
    const struct any *inner = wrapped ? wrapped : node;
    const struct any *parameters = any_child(inner, "ReferenceParameters");
    struct keys k = { arena_alloc(arena, sizeof(*k.ref)), NULL, arena, err };
    int rc;

    if (!k.ref) {
        error_set(err, ERR_NO_MEMORY, NULL);
        return NULL;
    }
    /* a few clients can only send text: a WMI path then */
    if (!any_first(node) && *any_text(node))
        return cim_ref_parse_path(any_text(node), arena, err);
    rc = parameters ? keys_from_parameters(&k, parameters) : keys_from_elements(&k, inner, class);
    return rc == 0 ? k.ref : NULL;
}

void any_write(const struct any *node, struct strbuf *out)
{
    unsigned prefix = 0;

    if (!*any_name(node)) { /* text between elements */
        strbuf_xml(out, any_text(node));
        return;
    }
    strbuf_printf(out, "<%s xmlns=\"", any_name(node));
    strbuf_xml(out, any_ns(node));
    strbuf_puts(out, "\"");
    for (const struct soap_dom_attribute *a = dom(node)->atts; a; a = a->next) {
        if (strncmp(a->name, "xmlns", 5) == 0)
            continue;
        if (strncmp(a->name, "xml:", 4) == 0) {
            strbuf_printf(out, " %s=\"", a->name);
        } else if (*attribute_ns(a)) {
            strbuf_printf(out, " xmlns:q%u=\"", prefix);
            strbuf_xml(out, a->nstr);
            strbuf_printf(out, "\" q%u:%s=\"", prefix++, local_name(a->name));
        } else {
            strbuf_printf(out, " %s=\"", local_name(a->name));
        }
        strbuf_xml(out, a->text ? a->text : "");
        strbuf_puts(out, "\"");
    }
    strbuf_puts(out, ">");
    strbuf_xml(out, any_text(node));
    for (const struct any *c = any_first(node); c; c = any_next(c))
        any_write(c, out);
    strbuf_printf(out, "</%s>", any_name(node));
}
