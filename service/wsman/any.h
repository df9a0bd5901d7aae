/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading "any" content: elements that the schema leaves open (selectors, filters, method
 * parameters). Names are compared by their local part where the namespace does not matter.
 */
#ifndef CIMSNAPD_WSMAN_ANY_H
#define CIMSNAPD_WSMAN_ANY_H

#include "base/arena.h"
#include "base/strbuf.h"
#include "wsman/request.h"

/* Local name, never NULL; namespace URI, "" for none. */
const char *any_name(const struct any *node);
const char *any_ns(const struct any *node);
const struct any *any_first(const struct any *node);
const struct any *any_next(const struct any *node);
/* The first child of that local name, or NULL. */
const struct any *any_child(const struct any *node, const char *name);
/* The i-th of an array of nodes. */
const struct any *any_at(const struct any *array, size_t i);
/* The value of an attribute of namespace ns ("": none), or NULL. */
const char *any_attribute(const struct any *node, const char *ns, const char *name);
/* Text content, "" for none; surrounding blanks are kept. */
const char *any_text(const struct any *node);
bool any_is_nil(const struct any *node);

/* Reads an endpoint reference in any of the shapes clients send: its contents directly in `node`,
 * wrapped in an EndpointReference, the bare keys as typed child elements (class then from `class`),
 * or the text of a WMI path. NULL with err set: ERR_INVALID_PARAMETER or ERR_SELECTORS_DUPLICATE. It
 * outlives the node: all it holds is in the arena, but for `class`. */
const struct cim_ref *any_reference(const struct any *node, const char *class, struct arena *arena,
                                    struct error *err);
/* Reads a wsman:SelectorSet's selectors into ref's keys; __cimnamespace goes to ref->ns. They too are copies. */
int any_selectors(const struct any *selectors, size_t count, struct arena *arena,
                  struct cim_ref *ref, struct error *err);
/* The same for the children of a SelectorSet. */
int any_selector_set(const struct any *set, struct arena *arena, struct cim_ref *ref,
                     struct error *err);
/* Writes the element with all it holds; it declares its namespaces itself. */
void any_write(const struct any *node, struct strbuf *out);

#endif
