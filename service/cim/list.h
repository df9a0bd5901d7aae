/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Listing, as resolve.c, query.c and associators.c share it. Return values are those of a sink: 0,
 * or -1 when it stopped or call->err is set.
 */
#ifndef CIMSNAPD_CIM_LIST_H
#define CIMSNAPD_CIM_LIST_H

#include "cim/class.h"

/* As cim_class_next() for what is listed in pages: begins where call->cursor says, and keeps it up to
 * date. *position starts as 0. */
const struct cim_class *list_next(struct cim_call *call, const char *ns, const char *name,
                                  size_t *position);
/* For the one who takes instances: true when this one was taken before. */
bool list_skip(struct cim_cursor *cursor);
/* The same one is taken now. */
void list_take(struct cim_cursor *cursor);
/* For who lists group by group, in the order of ids: false when this group was done before; else what is
 * emitted from now on belongs to it. Once in a listing. */
bool list_group(struct cim_cursor *cursor, const struct guid *group);
/* For who lists a long group in the order of ids: what is emitted next has this one. */
void list_mark(struct cim_cursor *cursor, const struct guid *id);
/* The same where several instances have the same one: those emitted next come after all that have *done (NULL: they are
 * the first of the group). */
void list_stage(struct cim_cursor *cursor, const struct guid *done);
/* When a part of the group was taken: true with the mark of its last one; what is emitted now are those after it. */
bool list_go_on(struct cim_cursor *cursor, struct guid *mark);
/* Emits every instance of this very class; of an association class, of all its pairs. */
int list_class(struct cim_call *call, const struct cim_class *class, struct cim_sink *sink);
/* Emits at least what has `key` as value of class->get_key; everything when there is no such short
 * cut or key is NULL. */
int list_keyed(struct cim_call *call, const struct cim_class *class, const char *key,
               struct cim_sink *sink);
/* Emits at least what has this ElementName; everything when there is no such short cut or it is NULL. */
int list_named(struct cim_call *call, const struct cim_class *class, const char *element_name,
               struct cim_sink *sink);
/* Passes on plain instances as the classes of ns show them (cim_class_view()); what they do not show is left
 * out. */
struct list_view {
    struct cim_sink sink;
    const char *ns;
    struct cim_sink *next;
};
/* The sink to emit into; view lives as long as it is used. */
struct cim_sink *list_view(struct list_view *view, const char *ns, struct cim_sink *next);
/* Emits what stands at the other end of the association class for `source` at end `from`. */
int list_walk(struct cim_call *call, const struct cim_class *association,
              const struct cim_instance *source, int from, struct cim_sink *sink);
/* Emits the instances of the association class that have `source` at end `from`. */
int list_pairs(struct cim_call *call, const struct cim_class *association,
               const struct cim_instance *source, int from, struct cim_sink *sink);
/* 0 when namespace ns has a class that is `name` or derives from it; else -1 with ERR_BAD_CLASS, or
 * ERR_BAD_NAMESPACE when there is no such namespace. */
int list_check_class(const char *ns, const char *name, struct error *err);

#endif
