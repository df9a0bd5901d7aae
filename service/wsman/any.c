/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/any.h"

#include "wsman/target.h"

#include "soapH.h"

#include <string.h>
#include <strings.h>

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

const char *any_attribute(const struct any *node, const char *name)
{
    for (const struct soap_dom_attribute *a = dom(node)->atts; a; a = a->next)
        if (strcmp(local_name(a->name), name) == 0)
            return a->text ? a->text : "";
    return NULL;
}

const char *any_text(const struct any *node)
{
    return dom(node)->text ? dom(node)->text : "";
}

bool any_is_nil(const struct any *node)
{
    const char *nil = any_attribute(node, "nil");

    return nil && (strcmp(nil, "true") == 0 || strcmp(nil, "1") == 0);
}

/* DSP0226 R5.1.2.2-4: a selector may not be there twice. */
static int any_add_key(const struct any *node, const char *name, struct arena *arena,
                       struct cim_ref *ref, struct error *err)
{
    struct cim_key *key = (struct cim_key *)&ref->keys[ref->key_count];
    const struct any *epr = any_child(node, "EndpointReference");

    if (strcasecmp(name, "__cimnamespace") == 0) {
        if (ref->ns)
            return error_set(err, ERR_SELECTORS_DUPLICATE, "The selector %s is there twice.", name);
        ref->ns = any_text(node);
        return 0;
    }
    for (size_t i = 0; i < ref->key_count; i++)
        if (strcasecmp(ref->keys[i].name, name) == 0)
            return error_set(err, ERR_SELECTORS_DUPLICATE, "The selector %s is there twice.", name);
    *key = (struct cim_key){ .name = name };
    if (epr)
        key->ref = any_reference(epr, NULL, arena, err);
    else
        key->text = any_text(node);
    if (epr && !key->ref)
        return -1;
    ref->key_count++;
    return 0;
}

int any_selectors(const struct any *selectors, size_t count, struct arena *arena,
                  struct cim_ref *ref, struct error *err)
{
    struct cim_key *keys = arena_alloc(arena, (count + 1) * sizeof(*keys));

    if (!keys)
        return error_set(err, ERR_NO_MEMORY, NULL);
    ref->keys = keys;
    ref->key_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct any *node = any_at(selectors, i);
        const char *name = any_attribute(node, "Name");
        if (!name || !*name)
            return error_set(err, ERR_SCHEMA, "A selector has no Name.");
        if (any_add_key(node, name, arena, ref, err) != 0)
            return -1;
    }
    return 0;
}

/* The selectors of an EPR's SelectorSet; its class from the ResourceURI. */
static int any_parameters(const struct any *parameters, struct arena *arena, struct cim_ref *ref,
                          struct error *err)
{
    const struct any *uri = any_child(parameters, "ResourceURI");
    const struct any *set = any_child(parameters, "SelectorSet");
    struct target target = { 0 };
    struct cim_key *keys;
    size_t room = 0;

    if (!uri)
        return error_set(err, ERR_INVALID_PARAMETER, "A reference has no ResourceURI.");
    if (target_parse_uri(any_text(uri), &target, arena, err) != 0)
        return -1;
    ref->class = target.class;
    for (const struct any *c = set ? any_first(set) : NULL; c; c = any_next(c))
        room++;
    ref->keys = keys = arena_alloc(arena, (room + 1) * sizeof(*keys));
    if (!keys)
        return error_set(err, ERR_NO_MEMORY, NULL);
    for (const struct any *c = set ? any_first(set) : NULL; c; c = any_next(c)) {
        const char *name = any_attribute(c, "Name");
        if (!name || !*name)
            return error_set(err, ERR_SCHEMA, "A selector has no Name.");
        if (any_add_key(c, name, arena, ref, err) != 0)
            return -1;
    }
    if (!ref->ns)
        ref->ns = target.ns;
    return 0;
}

/* Some clients send the keys themselves, as elements of the class's type. */
static int any_typed_keys(const struct any *node, const char *class, struct arena *arena,
                          struct cim_ref *ref, struct error *err)
{
    struct cim_key *keys;
    size_t room = 0;

    for (const struct any *c = any_first(node); c; c = any_next(c))
        room++;
    if (room == 0 || !class)
        return error_set(err, ERR_INVALID_PARAMETER, "A reference is empty.");
    ref->class = class;
    ref->keys = keys = arena_alloc(arena, room * sizeof(*keys));
    if (!keys)
        return error_set(err, ERR_NO_MEMORY, NULL);
    for (const struct any *c = any_first(node); c; c = any_next(c))
        if (any_add_key(c, any_name(c), arena, ref, err) != 0)
            return -1;
    return 0;
}

const struct cim_ref *any_reference(const struct any *node, const char *class, struct arena *arena,
                                    struct error *err)
{
    const struct any *wrapped = any_child(node, "EndpointReference");
    const struct any *parameters = any_child(wrapped ? wrapped : node, "ReferenceParameters");
    struct cim_ref *ref = arena_alloc(arena, sizeof(*ref));
    int rc;

    if (!ref) {
        error_set(err, ERR_NO_MEMORY, NULL);
        return NULL;
    }
    /* a few clients can only send text: a WMI path then */
    if (!any_first(node) && *any_text(node))
        return cim_ref_parse_path(any_text(node), arena, err);
    rc = parameters ? any_parameters(parameters, arena, ref, err)
                    : any_typed_keys(wrapped ? wrapped : node, class, arena, ref, err);
    return rc == 0 ? ref : NULL;
}
