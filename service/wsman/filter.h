/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Filters of an enumeration: one row a dialect. What is read lives in the arena of its context.
 */
#ifndef CIMSNAPD_WSMAN_FILTER_H
#define CIMSNAPD_WSMAN_FILTER_H

#include "cim/query.h"
#include "wsman/any.h"

struct filter;

/* Reads a wsman:Filter or wsen:Filter, without a Dialect one of XPath (DSP8015). ERR_BAD_DIALECT,
 * ERR_BAD_FILTER. */
const struct filter *filter_read(const struct any *node, enum uri_form form, struct arena *arena,
                                 struct error *err);
/* Emits the instances of ns that are of the class (a query names its own) and pass. */
int filter_run(const struct filter *filter, struct cim_call *call, const char *ns, const char *class,
               struct cim_sink *sink);
/* The class that a query names; NULL for a filter that takes what comes. */
const char *filter_class(const struct filter *filter);
/* True for one that filter_run() can take in pages (call->cursor). */
bool filter_pages(const struct filter *filter);
/* Names of the properties that items have; 0: whole instances. */
size_t filter_columns(const struct filter *filter, const char *const **names);

#endif
