/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Embedded instances: CIM-XML text (DTD 2.0 INSTANCE), as it stands in string parameters.
 */
#ifndef CIMSNAPD_CIM_EMBEDDED_H
#define CIMSNAPD_CIM_EMBEDDED_H

#include "base/arena.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "cim/class.h"

#include <stddef.h>

struct cim_embedded_property {
    const char *name;
    const char *const *values; /* one for a scalar */
    size_t count;              /* 0: NULL */
    int is_array;
};

struct cim_embedded {
    const char *class;
    const struct cim_embedded_property *properties;
    size_t count;
};

/* Parses `<INSTANCE CLASSNAME="X"><PROPERTY NAME="P" TYPE="string"><VALUE>v</VALUE></PROPERTY>
 * <PROPERTY.ARRAY ...><VALUE.ARRAY><VALUE>..`, with or without XML declaration, pretty-printed or not,
 * UTF-8. Uses libxml2 without network, DTD or entities; bounded in size, depth and count. What is not
 * well formed, has another root, no CLASSNAME, a property without NAME, or a DTD:
 * NULL with ERR_INVALID_PARAMETER that says what and where (line). */
const struct cim_embedded *cim_embedded_parse(const char *text, struct arena *arena,
                                              struct error *err);
/* The same text of an instance, for out parameters; values are made in the arena. */
void cim_embedded_write(struct strbuf *out, const struct cim_instance *instance, struct arena *arena);
/* The property of that name (any case), or NULL. */
const struct cim_embedded_property *cim_embedded_find(const struct cim_embedded *instance,
                                                      const char *name);
/* Its first value, or NULL when it is absent or NULL. */
const char *cim_embedded_text(const struct cim_embedded *instance, const char *name);

#endif
