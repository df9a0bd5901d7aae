/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * References: a class name and key values. On the wire an EPR, in queries and strings a WMI path.
 */
#ifndef CIMSNAPD_CIM_REFERENCE_H
#define CIMSNAPD_CIM_REFERENCE_H

#include "cim/class.h"

struct cim_key {
    const char *name;
    const char *text;          /* value, or NULL when ref is set */
    const struct cim_ref *ref; /* key of an association */
};

struct cim_ref {
    const char *ns;    /* canonical, or NULL for the request's own */
    const char *class; /* as it was written */
    const struct cim_key *keys;
    size_t key_count;
};

/* The reference to an instance, with all its keys; NULL without memory. */
const struct cim_ref *cim_ref_of(const struct cim_instance *instance, struct arena *arena);
/* Parses `[\\HOST\][ns:]Class.Key="v",Key2='v'`, `Class=@` and `Class` (no keys); backslashes doubled
 * or not. NULL with err ERR_INVALID_PARAMETER. */
const struct cim_ref *cim_ref_parse_path(const char *path, struct arena *arena, struct error *err);
/* `\\HOST\root\virtualization\v2:Class.Key="v"` with \ and " escaped by \. */
const char *cim_ref_path(const struct cim_ref *ref, const char *host, struct arena *arena);
/* True when both name the same instance, key by key. */
bool cim_ref_same(const struct cim_ref *a, const struct cim_ref *b, struct arena *arena);
/* True when instance has every key value that ref names. GUIDs and class names compare without
 * regard to case, as Windows does; everything else too. err: a key that the class lacks
 * (ERR_SELECTORS_UNEXPECTED). */
bool cim_ref_matches(const struct cim_ref *ref, const struct cim_instance *instance,
                     struct arena *arena);

/* Finds the one instance that ref names, partial keys allowed where they are unique: ERR_BAD_CLASS,
 * ERR_SELECTORS_UNEXPECTED, ERR_SELECTORS_TOO_FEW (no keys, several instances), ERR_SELECTORS_AMBIGUOUS,
 * ERR_NOT_FOUND. ns: namespace when ref says none. */
int cim_resolve(struct cim_call *call, const char *ns, const struct cim_ref *ref,
                struct cim_instance *out);

#endif
