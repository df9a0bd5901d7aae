/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A CIM class is one const table; from it come instances on the wire, references, queries and checks.
 * Class files (service/classes) define the tables and plug them in through cim_class_registry.
 * Values are text, as they stand on the wire (DSP0230): a getter formats into the call's arena.
 */
#ifndef CIMSNAPD_CIM_CLASS_H
#define CIMSNAPD_CIM_CLASS_H

#include "base/arena.h"
#include "base/error.h"
#include "core/core.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CIM_NS_V2      "root/virtualization/v2"
#define CIM_NS_V1      "root/virtualization"
#define CIM_NS_INTEROP "root/interop" /* the DMTF's own classes, and registered profiles */
#define CIM_NS_DEFAULT CIM_NS_V2

enum cim_type {
    CIM_BOOLEAN, /* "true" or "false" */
    CIM_UINT8,
    CIM_UINT16,
    CIM_UINT32,
    CIM_UINT64,
    CIM_SINT8,
    CIM_SINT16,
    CIM_SINT32,
    CIM_SINT64,
    CIM_STRING,
    CIM_DATETIME, /* text is xs:dateTime in UTC; cim_datetime() makes it */
    CIM_INTERVAL, /* text is xs:duration; cim_interval() makes it */
    CIM_REFERENCE,
    CIM_INSTANCE /* embedded instance: parameters, and properties of what is only ever a parameter */
};

struct cim_class;
struct cim_instance;

/* A value: exactly one of text, ref, items, refs or instances is set; none of them is NULL (nil on the wire).
 * Everything is borrowed from an arena or const. */
struct cim_value {
    const char *text;
    const struct cim_ref *ref;
    const char *const *items;          /* arrays */
    const struct cim_ref *const *refs; /* arrays of references */
    const struct cim_instance *instances; /* one, or an array of them; on the way out */
    size_t count;                      /* of items, refs or instances */
};

enum {
    CIM_KEY = 1,
    CIM_ARRAY = 2,
    CIM_WRITE = 4,
    /* parameters */
    CIM_IN = 8,
    CIM_OUT = 16,
    CIM_REQUIRED = 32,
    /* properties: the value is what the class's origin has under this name */
    CIM_SAME = 64,
};

/* Where a listing that is taken in pages goes on; it lives longer than one listing. What is listed class by
 * class (list_next()) and machine by machine (hv_each_vm()) goes on at the class and machine where it
 * stopped, and skips what was taken of that machine; so no page costs more than the last. */
struct cim_cursor {
    size_t class;      /* position in the registry of the class being listed, when begun */
    bool begun;
    bool grouped;      /* group is the machine whose instances are being listed */
    bool reached;      /* in this listing the group has been come to */
    struct guid group;
    size_t at, taken;  /* instances of the group (or ungrouped class): in this listing, and taken in all */
    struct guid offered, mark; /* within a long group, list_mark(): of what is emitted now, of what was taken last */
    bool offering, marked;
    bool fresh; /* list_stage(): nothing of what is emitted now was taken before */
};

/* One request's (or one enumeration context's) view of the world; passed to every class function. */
struct cim_call {
    struct core *core;
    const struct principal *who;
    struct arena *arena; /* instances and values live here */
    struct error *err;
    void *memo; /* the class files' own: what they have looked up for this call; starts NULL */
    struct cim_cursor *cursor; /* NULL: list everything */
    /* NULL, or: of a class with by_name only instances with this ElementName, whatever the case of its ASCII letters,
     * are wanted; its list may leave out others. */
    const char *element_name;
    int64_t deadline_ms; /* clock_mono_ms() up to which the client waits; 0: for ever. Lists end there (ERR_TIMEOUT) */
};

struct cim_property {
    const char *name;
    enum cim_type type;
    unsigned flags;
    /* The value where it never changes (an array of one for CIM_ARRAY); with CIM_SAME the origin's name
     * for it, NULL where that is this one's. */
    const char *fixed;
    /* Fills *out from the class's own object; leaves it alone for NULL. */
    void (*get)(const void *object, struct arena *arena, struct cim_value *out);
};

/* An instance: the class's own object (opaque here), or for an association its two ends. */
struct cim_instance {
    const struct cim_class *class;
    const void *object;
};

/* The object of every association class. */
struct cim_pair {
    struct cim_instance end[2];
};

/* Takes what a class lists, one instance a call; returns -1 to stop (call->err is set then, or a
 * limit was reached). */
struct cim_sink {
    int (*emit)(struct cim_sink *sink, const struct cim_instance *instance);
};

/* An association class: two roles, and how to walk from one end to the other. */
struct cim_association {
    const char *role[2];  /* property names, as "Antecedent", "Dependent" */
    const char *class[2]; /* class name of each end */
    const char *first;    /* instances at end 0 are all of this class; NULL: of class[0] */
    /* Emits every instance at end 1-from that belongs to `source` at end `from`. */
    int (*walk)(struct cim_call *call, const struct cim_instance *source, int from,
                struct cim_sink *sink);
};

struct cim_parameter {
    const char *name;
    enum cim_type type;
    unsigned flags; /* CIM_IN, CIM_OUT, CIM_ARRAY, CIM_REQUIRED */
    const char *class; /* of a reference or instance */
};

/* An argument of a method call; which member counts is told by its parameter. */
struct cim_argument {
    bool seen;              /* present, perhaps nil */
    bool given;             /* present and not nil */
    struct cim_value value; /* scalar or array */
    const struct cim_embedded *instance;          /* CIM_INSTANCE */
    const struct cim_embedded *const *instances;  /* an array of them, value.count long */
};

/* A property that a client wants to have another value; the value is of its type, NULL for nil. */
struct cim_change {
    const struct cim_property *property;
    struct cim_value value;
};

struct cim_method {
    const char *name;
    enum role role; /* needed to call it; a method without one is refused (lint checks) */
    bool family_b;  /* its return codes are 32768..32778, not 0..6 */
    const struct cim_parameter *parameters;
    size_t parameter_count;
    /* in and out: one for each parameter. Returns 0 with *ret (0 or 4096) and out set, or -1 with
     * call->err, which becomes a return code of the method's family or a fault, as its row in
     * errors.def says. */
    int (*invoke)(struct cim_call *call, const struct cim_instance *self,
                  const struct cim_argument *in, struct cim_value *out, unsigned *ret);
    bool refused; /* what the model has and this service has not: Not Supported, whatever the arguments */
};

/* Rows that several classes have in common. */
struct cim_rows {
    const struct cim_property *rows; /* sorted as those of a class */
    size_t count;
};

struct cim_class {
    const char *ns;   /* as CIM_NS_V2 */
    /* NULL, or the class of another namespace whose instances are this one's too, seen through this table:
     * so V1 and the DMTF have names of their own for what V2 says. The origin lists, gets and walks; what
     * stands at the ends of an association is seen through this namespace's tables. An origin has at most
     * one such class in a namespace, and no origin itself. */
    const struct cim_class *origin;
    /* NULL, or (NULL-terminated) further classes that are shown as this one too, where a model has one class for what
     * V2 has divided. Then which() tells of an object of which of them it is, and list and get are this class's own,
     * which emit instances of all of them. */
    const struct cim_class *const *also;
    const struct cim_class *(*which)(const void *object);
    bool abstract; /* has no instances of its own, only those of classes that derive from it */
    const char *name; /* as "Msvm_ComputerSystem" */
    const char *const *super; /* names of base classes, nearest first, NULL-terminated */
    const struct cim_property *properties; /* sorted by name without regard to case (a test checks) */
    size_t property_count;
    /* Properties besides these; one of the same name above stands for that here. NULL for none. */
    const struct cim_rows *shared;
    const struct cim_method *methods;
    size_t method_count;
    const struct cim_association *association; /* NULL for other classes; list and get unused then */
    /* Emits every instance the caller may see. */
    int (*list)(struct cim_call *call, struct cim_sink *sink);
    /* Emits the instance with this key value (of the property `get_key`), or nothing. Optional: a short
     * cut; without it list is searched. */
    const char *get_key;
    int (*get)(struct cim_call *call, const char *key, struct cim_sink *sink);
    bool by_name; /* list looks at call->element_name */
    /* Optional, WS-Transfer Put: makes all changes or none. Only writable properties (CIM_WRITE) whose
     * values differ, each once, at least one. */
    int (*put)(struct cim_call *call, const struct cim_instance *self,
               const struct cim_change *changes, size_t count);
    /* Optional, WS-Transfer Create: what the client gave, each property once; *out is what was made. */
    int (*create)(struct cim_call *call, const struct cim_change *given, size_t count,
                  struct cim_instance *out);
    /* Optional, WS-Transfer Delete. */
    int (*remove)(struct cim_call *call, const struct cim_instance *self);
};

/* Goes through the properties of a class in the order of their names: start with {0}; NULL at the end. */
struct cim_walk {
    size_t own, shared;
};
const struct cim_property *cim_property_next(const struct cim_class *class, struct cim_walk *walk);
/* At most so many properties has class. */
size_t cim_property_most(const struct cim_class *class);
/* Fills *out from the row: fixed value or getter. */
void cim_get(const struct cim_instance *instance, const struct cim_property *property,
             struct arena *arena, struct cim_value *out);
/* The same by its name, for an object of class; nothing where the class has none of that name. */
void cim_get_named(const struct cim_class *class, const void *object, const char *name, struct arena *arena,
                   struct cim_value *out);
/* The property of that name, without regard to case; NULL when there is none. */
const struct cim_property *cim_property_find(const struct cim_class *class, const char *name);
/* True for what can be the name of a class, property or method. */
bool cim_is_name(const char *text);
const struct cim_method *cim_method_find(const struct cim_class *class, const char *name);
/* True when class is `name` or derives from it; case does not count. */
bool cim_class_is(const struct cim_class *class, const char *name);

/* True when instances of `plain` are shown as this class. */
bool cim_class_shows(const struct cim_class *class, const struct cim_class *plain);
/* What stands behind an instance: one of its class's origin, or itself. */
struct cim_instance cim_instance_plain(const struct cim_instance *instance);
/* What stands behind class: its origin, or itself. Class files compare with this. */
const struct cim_class *cim_class_plain(const struct cim_class *class);
/* The class that shows plain instances of `plain` in namespace ns: itself, one with that origin, or NULL. */
const struct cim_class *cim_class_view(const struct cim_class *plain, const char *ns);

/* NULL-terminated; defined in service/classes/registry.c. */
extern const struct cim_class *const cim_class_registry[];

/* The class of that very name (any case) in namespace ns, or NULL. */
const struct cim_class *cim_class_find(const char *ns, const char *name);
/* The next class at or after *cursor (start with 0) that is `name` or derives from it; "*" for all. */
const struct cim_class *cim_class_next(const char *ns, const char *name, size_t *cursor);
/* True when some class has this namespace (any case); *out is its canonical spelling. */
bool cim_namespace_find(const char *ns, const char **out);
/* Where a class is that was named without a namespace: in CIM_NS_DEFAULT, else in the first namespace of
 * the registry that knows it, else CIM_NS_DEFAULT all the same. */
const char *cim_namespace_of(const char *name);

#endif
