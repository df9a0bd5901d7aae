/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/filter.h"

#include "cim/list.h"
#include "cim/wql.h"
#include "wsman/names.h"
#include "wsman/xpath.h"

#include <string.h>
#include <strings.h>

#define BLANKS " \t\r\n"

enum { COLUMNS_MOST = 200 };

struct dialect {
    const char *uri;
    int (*read)(struct filter *filter, const struct any *node, struct arena *arena,
                struct error *err);
    int (*run)(const struct filter *filter, struct cim_call *call, const char *ns,
               const char *class, struct cim_sink *sink);
};

struct filter {
    const struct dialect *dialect;
    enum uri_form form;
    const struct cim_query *query;
    const struct xpath *xpath;
    const struct cim_ref *selectors;
    /* association filter */
    const struct cim_ref *object;
    struct cim_associators wanted;
    bool associations; /* AssociationInstances: the associations themselves */
    const char **columns;
    size_t column_count;
};

/* ---- queries ---- */

static int take_query(struct filter *filter, const struct cim_query *query)
{
    const char *const *names = NULL;

    if (!query)
        return -1;
    filter->query = query;
    filter->column_count = cim_query_columns(query, &names);
    filter->columns = (const char **)names;
    return 0;
}

static int read_wql(struct filter *filter, const struct any *node, struct arena *arena,
                    struct error *err)
{
    return take_query(filter, cim_query_parse(any_text(node), arena, err));
}

static int read_cql(struct filter *filter, const struct any *node, struct arena *arena,
                    struct error *err)
{
    return take_query(filter, cim_query_parse_cql(any_text(node), arena, err));
}

static int run_query(const struct filter *filter, struct cim_call *call, const char *ns,
                     const char *class, struct cim_sink *sink)
{
    (void)class;
    return cim_query_run(filter->query, call, ns, sink);
}

/* ---- instances one by one ---- */

/* Passes on what a test lets through. */
struct sieve {
    struct cim_sink sink;
    const struct filter *filter;
    struct cim_call *call;
    /* 1, 0, or -1 with call->err */
    int (*test)(const struct filter *filter, struct cim_call *call,
                const struct cim_instance *instance);
    struct cim_sink *next;
};

static int emit_sieved(struct cim_sink *sink, const struct cim_instance *instance)
{
    struct sieve *sieve = (struct sieve *)sink;
    struct arena arena = ARENA_INIT; /* most instances may not pass */
    struct cim_call call = *sieve->call;
    int rc;

    call.arena = &arena;
    rc = sieve->test(sieve->filter, &call, instance);
    arena_free(&arena);
    return rc > 0 ? sieve->next->emit(sieve->next, instance) : rc;
}

static int read_xpath(struct filter *filter, const struct any *node, struct arena *arena,
                      struct error *err)
{
    filter->xpath = xpath_compile(any_text(node), arena, err);
    return filter->xpath ? 0 : -1;
}

static int test_xpath(const struct filter *filter, struct cim_call *call,
                      const struct cim_instance *instance)
{
    return xpath_matches(filter->xpath, call, filter->form, instance);
}

static int run_xpath(const struct filter *filter, struct cim_call *call, const char *ns,
                     const char *class, struct cim_sink *sink)
{
    struct sieve sieve = { { emit_sieved }, filter, call, test_xpath, sink };

    return cim_enumerate(call, ns, class, &sieve.sink);
}

/* DSP0226: a SelectorSet whose selectors may name any property. */
static int read_selectors(struct filter *filter, const struct any *node, struct arena *arena,
                          struct error *err)
{
    const struct any *set = any_child(node, "SelectorSet");
    struct cim_ref *ref = arena_alloc(arena, sizeof(*ref));

    if (!ref)
        return error_set(err, ERR_NO_MEMORY, NULL);
    if (!set)
        return error_set(err, ERR_BAD_FILTER, "The filter holds no SelectorSet.");
    filter->selectors = ref;
    return any_selector_set(set, arena, ref, err);
}

static int test_selectors(const struct filter *filter, struct cim_call *call,
                          const struct cim_instance *instance)
{
    const struct cim_ref *ref = filter->selectors;

    for (size_t i = 0; i < ref->key_count; i++) {
        const struct cim_key *key = &ref->keys[i];
        const struct cim_property *property = cim_property_find(instance->class, key->name);
        struct cim_value value = { 0 };
        if (!property)
            return 0;
        cim_get(instance, property, call->arena, &value);
        if (key->ref ? !value.ref || !cim_ref_same(key->ref, value.ref, call->arena)
                     : !value.text || strcasecmp(value.text, key->text) != 0)
            return 0;
    }
    return arena_ok(call->arena) ? 1 : error_set(call->err, ERR_NO_MEMORY, NULL);
}

static int run_selectors(const struct filter *filter, struct cim_call *call, const char *ns,
                         const char *class, struct cim_sink *sink)
{
    struct sieve sieve = { { emit_sieved }, filter, call, test_selectors, sink };

    if (list_check_class(ns, class, call->err))
        return -1;
    for (size_t i = 0; i < filter->selectors->key_count; i++)
        if (wql_check_name(filter->selectors->keys[i].name, ns, class, call->err))
            return -1;
    return cim_enumerate(call, ns, class, &sieve.sink);
}

/* ---- associations (DSP0227, the association filter) ---- */

static const char *child_text(const struct any *node, const char *name, struct arena *arena)
{
    const struct any *child = any_child(node, name);
    const char *text = child ? any_text(child) : "";
    size_t len;

    text += strspn(text, BLANKS);
    len = strcspn(text, BLANKS); /* what comes after a blank within is no name, and is refused as that */
    if (text[len + strspn(text + len, BLANKS)])
        len = strlen(text);
    return *text ? arena_strndup(arena, text, len) : NULL;
}

static int read_columns(struct filter *filter, const struct any *node, struct arena *arena,
                        struct error *err)
{
    filter->columns = arena_alloc(arena, COLUMNS_MOST * sizeof(*filter->columns));
    if (!filter->columns)
        return error_set(err, ERR_NO_MEMORY, NULL);
    for (const struct any *c = any_first(node); c; c = any_next(c)) {
        if (strcmp(any_name(c), "IncludeResultProperty") != 0)
            continue;
        if (filter->column_count == COLUMNS_MOST)
            return error_set(err, ERR_BAD_FILTER, "The filter asks for too many properties.");
        if (!cim_is_name(any_text(c)))
            return error_set(err, ERR_BAD_FILTER, "'%.100s' is no name of a property.", any_text(c));
        filter->columns[filter->column_count++] = arena_strdup(arena, any_text(c));
    }
    return 0;
}

static int read_association(struct filter *filter, const struct any *node, struct arena *arena,
                            struct error *err)
{
    const struct any *instances = any_child(node, "AssociatedInstances");
    const struct any *associations = any_child(node, "AssociationInstances");
    const struct any *inner = instances ? instances : associations;
    const struct any *object = inner ? any_child(inner, "Object") : NULL;

    if (!object || (instances && associations))
        return error_set(err, ERR_BAD_FILTER,
                         "The filter must hold one AssociatedInstances or AssociationInstances, with an "
                         "Object.");
    filter->associations = associations != NULL;
    filter->object = any_reference(object, NULL, arena, err);
    if (!filter->object)
        return -1;
    filter->wanted = (struct cim_associators){
        .assoc_class = child_text(inner, "AssociationClassName", arena),
        .result_class = child_text(inner, "ResultClassName", arena),
        .role = child_text(inner, "Role", arena),
        .result_role = child_text(inner, "ResultRole", arena),
    };
    return read_columns(filter, inner, arena, err);
}

static int run_association(const struct filter *filter, struct cim_call *call, const char *ns,
                           const char *class, struct cim_sink *sink)
{
    struct cim_instance source;

    (void)class;
    if (cim_associators_check(&filter->wanted, call->err) ||
        cim_resolve(call, ns, filter->object, &source))
        return -1;
    return filter->associations ? cim_references(call, &source, &filter->wanted, sink)
                                : cim_associators(call, &source, &filter->wanted, sink);
}

/* ---- dialects ---- */

static const struct dialect dialects[] = {
    { DIALECT_WQL, read_wql, run_query },
    { DIALECT_CQL, read_cql, run_query },
    { DIALECT_XPATH, read_xpath, run_xpath },
    { DIALECT_SELECTOR, read_selectors, run_selectors },
    { DIALECT_ASSOCIATION, read_association, run_association },
};

const struct filter *filter_read(const struct any *node, enum uri_form form, struct arena *arena,
                                 struct error *err)
{
    const char *uri = any_attribute(node, "", "Dialect");
    struct filter *filter = arena_alloc(arena, sizeof(*filter));

    if (!filter) {
        error_set(err, ERR_NO_MEMORY, NULL);
        return NULL;
    }
    for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
        if (strcasecmp(dialects[i].uri, uri ? uri : DIALECT_XPATH) == 0)
            filter->dialect = &dialects[i];
    filter->form = form;
    if (!filter->dialect)
        error_set(err, ERR_BAD_DIALECT, "The filter dialect '%.200s' is not supported; use " DIALECT_WQL ".",
                  uri);
    else
        filter->dialect->read(filter, node, arena, err);
    if (!arena_ok(arena) && !err->code)
        error_set(err, ERR_NO_MEMORY, NULL);
    return err->code ? NULL : filter;
}

int filter_run(const struct filter *filter, struct cim_call *call, const char *ns,
               const char *class, struct cim_sink *sink)
{
    return filter->dialect->run(filter, call, ns, class, sink);
}

const char *filter_class(const struct filter *filter)
{
    return filter->query ? cim_query_class(filter->query) : NULL;
}

bool filter_pages(const struct filter *filter)
{
    return filter->query ? cim_query_pages(filter->query) : !filter->object;
}

size_t filter_columns(const struct filter *filter, const char *const **names)
{
    *names = filter->columns;
    return filter->column_count;
}
