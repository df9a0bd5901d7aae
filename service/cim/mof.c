/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/mof.h"

#include <strings.h>

const char *mof_type(enum cim_type type)
{
    static const char *const names[] = {
        [CIM_BOOLEAN] = "boolean", [CIM_UINT8] = "uint8",       [CIM_UINT16] = "uint16",
        [CIM_UINT32] = "uint32",   [CIM_UINT64] = "uint64",     [CIM_SINT8] = "sint8",
        [CIM_SINT16] = "sint16",   [CIM_SINT32] = "sint32",     [CIM_SINT64] = "sint64",
        [CIM_STRING] = "string",   [CIM_DATETIME] = "datetime", [CIM_INTERVAL] = "datetime",
        [CIM_REFERENCE] = "",      [CIM_INSTANCE] = "string",
    };

    return names[type];
}

/* Qualifiers in brackets, separated; begun and ended by the caller's calls. */
struct qualifiers {
    struct strbuf *out;
    bool any;
};

static void qualify(struct qualifiers *q, bool wanted, const char *text)
{
    if (!wanted)
        return;
    strbuf_printf(q->out, "%s%s", q->any ? ", " : "[", text);
    q->any = true;
}

static void qualified(struct qualifiers *q)
{
    strbuf_puts(q->out, q->any ? "] " : "");
}

/* "type name[]" or "Class REF name". */
static void declare(struct strbuf *out, enum cim_type type, const char *class, const char *name,
                    unsigned flags)
{
    const char *array = flags & CIM_ARRAY ? "[]" : "";

    if (type == CIM_REFERENCE)
        strbuf_printf(out, "%s REF %s%s", class ? class : "CIM_ManagedElement", name, array);
    else
        strbuf_printf(out, "%s %s%s", mof_type(type), name, array);
}

static const char *end_class(const struct cim_class *class, const struct cim_property *property)
{
    for (int i = 0; class->association && i < 2; i++)
        if (strcasecmp(class->association->role[i], property->name) == 0)
            return class->association->class[i];
    return NULL;
}

static void write_property(struct strbuf *out, const struct cim_class *class,
                           const struct cim_property *property)
{
    struct qualifiers q = { out, false };

    strbuf_puts(out, "  ");
    qualify(&q, property->flags & CIM_KEY, "Key");
    qualify(&q, property->flags & CIM_WRITE, "Write");
    qualified(&q);
    declare(out, property->type, end_class(class, property), property->name, property->flags);
    strbuf_puts(out, ";\n");
}

static void write_parameter(struct strbuf *out, const struct cim_parameter *p, bool last)
{
    struct qualifiers q = { out, false };

    strbuf_puts(out, "    ");
    qualify(&q, true, p->flags & CIM_IN ? "In" : "In(false)");
    qualify(&q, p->flags & CIM_OUT, "Out");
    qualify(&q, p->flags & CIM_REQUIRED, "Required");
    if (p->type == CIM_INSTANCE && p->class) {
        strbuf_printf(out, ", EmbeddedInstance(\"%s\")", p->class);
    }
    qualified(&q);
    declare(out, p->type, p->class, p->name, p->flags);
    strbuf_puts(out, last ? ");\n" : ",\n");
}

static void write_method(struct strbuf *out, const struct cim_method *method)
{
    strbuf_printf(out, "  uint32 %s(%s", method->name, method->parameter_count ? "\n" : ");\n");
    for (size_t i = 0; i < method->parameter_count; i++)
        write_parameter(out, &method->parameters[i], i + 1 == method->parameter_count);
}

void mof_write(struct strbuf *out, const struct cim_class *class)
{
    const struct cim_property *property;
    struct cim_walk walk = { 0 };

    strbuf_printf(out, "%sclass %s", class->association ? "[Association]\n" : "", class->name);
    if (class->super && class->super[0])
        strbuf_printf(out, " : %s", class->super[0]);
    strbuf_puts(out, "\n{\n");
    while ((property = cim_property_next(class, &walk)))
        write_property(out, class, property);
    for (size_t i = 0; i < class->method_count; i++)
        write_method(out, &class->methods[i]);
    strbuf_puts(out, "};\n");
}
