/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/query.h"

#include "cim/list.h"
#include "cim/wql.h"

void cim_query_value(const char *column, struct cim_call *call, const struct cim_instance *instance,
                     struct cim_value *out)
{
    wql_value(column, call, instance, out);
}

/* Passes on what matches WHERE. */
struct filter {
    struct cim_sink sink;
    struct cim_call *call;
    const struct wql_expr *where;
    struct cim_sink *next;
};

static int emit_filtered(struct cim_sink *sink, const struct cim_instance *instance)
{
    struct filter *filter = (struct filter *)sink;
    const bool match = wql_matches(filter->where, filter->call, instance);

    if (!arena_ok(filter->call->arena))
        return error_set(filter->call->err, ERR_NO_MEMORY, NULL);
    return match ? filter->next->emit(filter->next, instance) : 0;
}

/* The value that a property must have, or NULL. */
static const char *direct_value(const struct cim_class *class, const char *name, const struct wql_expr *where)
{
    const struct cim_property *property = name ? cim_property_find(class, name) : NULL;

    /* Other types have several spellings of one value. */
    if (!property || property->type != CIM_STRING)
        return NULL;
    return wql_required(where, property->name);
}

/* Emits at least what matches WHERE: by key or name where it says one, else all. */
static int list_wanted(struct cim_call *call, const struct cim_class *class, const struct wql_expr *where,
                       struct cim_sink *sink)
{
    const char *key = direct_value(class, class->get_key, where);

    return key ? list_keyed(call, class, key, sink)
               : list_named(call, class, direct_value(class, "ElementName", where), sink);
}

static int run_select(const struct cim_query *query, struct cim_call *call, const char *ns,
                      struct cim_sink *sink)
{
    struct filter filter = { { emit_filtered }, call, query->where, sink };
    const struct cim_class *class;
    size_t position = 0;

    if (list_check_class(ns, query->class, call->err) ||
        wql_check(query->where, ns, query->class, call->err))
        return -1;
    for (size_t i = 0; i < query->column_count; i++)
        if (wql_check_name(query->columns[i], ns, query->class, call->err))
            return -1;
    while ((class = list_next(call, ns, query->class, &position)))
        if (list_wanted(call, class, query->where, &filter.sink))
            return -1;
    return 0;
}

bool cim_query_pages(const struct cim_query *query)
{
    return query->kind == WQL_SELECT;
}

int cim_query_run(const struct cim_query *query, struct cim_call *call, const char *ns,
                  struct cim_sink *sink)
{
    struct cim_instance source;

    if (query->kind == WQL_SELECT)
        return run_select(query, call, ns, sink);
    if (cim_associators_check(&query->wanted, call->err) ||
        cim_resolve(call, ns, query->object, &source))
        return -1;
    if (query->kind == WQL_ASSOCIATORS)
        return cim_associators(call, &source, &query->wanted, sink);
    return cim_references(call, &source, &query->wanted, sink);
}
