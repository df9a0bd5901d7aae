/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Queries: WQL, parsed once, evaluated on instances.
 *   SELECT * | p, q FROM Class [WHERE expression]
 *   ASSOCIATORS OF {path} [WHERE AssocClass = A ResultClass = C Role = r ResultRole = q ClassDefsOnly ...]
 *   REFERENCES OF {path} [WHERE ResultClass = A Role = r]
 * expression: AND OR NOT, parentheses, = <> != < > <= >= LIKE ISA, IS [NOT] NULL; property, literal or
 * __CLASS, __PATH, __SERVER on either side. Keywords, names and string comparison: any case.
 */
#ifndef CIMSNAPD_CIM_QUERY_H
#define CIMSNAPD_CIM_QUERY_H

#include "cim/class.h"
#include "cim/reference.h"

struct cim_query;

/* ERR_BAD_FILTER with the position ("at character 17: ...") for what cannot be parsed or is not
 * supported. Bounded in length and depth. */
const struct cim_query *cim_query_parse(const char *text, struct arena *arena, struct error *err);
/* The same for the basic part of CQL (DSP0202): SELECT only, properties with or without "class." or
 * "alias." before them, FROM Class [AS alias]; no LIKE, which means something else there. */
const struct cim_query *cim_query_parse_cql(const char *text, struct arena *arena,
                                            struct error *err);
/* The class in FROM; NULL for ASSOCIATORS OF and REFERENCES OF. */
const char *cim_query_class(const struct cim_query *query);
/* True for one that cim_query_run() can take in pages. */
bool cim_query_pages(const struct cim_query *query);
/* Selected property names; count 0 means all ("*"). */
size_t cim_query_columns(const struct cim_query *query, const char *const **names);

/* The value of a selected column, __CLASS, __NAMESPACE, __PATH and __SERVER included; NULL when the
 * class of instance has none of that name. */
void cim_query_value(const char *column, struct cim_call *call,
                     const struct cim_instance *instance, struct cim_value *out);

/* Emits the instances of namespace ns that match, subclasses included. Unknown class in FROM:
 * ERR_BAD_CLASS; unknown property in WHERE or SELECT, unknown AssocClass or ResultClass: ERR_BAD_FILTER by
 * name; object of ASSOCIATORS OF not found: ERR_NOT_FOUND.
 * With call->cursor a SELECT goes on where that says; the others always begin anew. */
int cim_query_run(const struct cim_query *query, struct cim_call *call, const char *ns,
                  struct cim_sink *sink);

/* What the two OF queries (and association filters) look for; NULL members match everything. */
struct cim_associators {
    const char *assoc_class, *result_class, *role, *result_role;
};

/* 0 when the classes it names are known in some namespace, else -1 with ERR_BAD_FILTER. */
int cim_associators_check(const struct cim_associators *wanted, struct error *err);

/* Emits what is associated with source, each instance once. */
int cim_associators(struct cim_call *call, const struct cim_instance *source,
                    const struct cim_associators *wanted, struct cim_sink *sink);
/* Emits the associations that refer to source (result_class is the association's). */
int cim_references(struct cim_call *call, const struct cim_instance *source,
                   const struct cim_associators *wanted, struct cim_sink *sink);
/* Emits every instance of `class` (subclasses included; associations too), or of every class for "*". */
int cim_enumerate(struct cim_call *call, const char *ns, const char *class, struct cim_sink *sink);

#endif
