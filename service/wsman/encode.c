/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/encode.h"

#include "cim/query.h"
#include "wsman/names.h"
#include "wsman/uri.h"

#include <string.h>

/* The name in an element's tags, with lengths that are counted once. */
struct tag {
    const char *prefix, *name;
    size_t prefix_len, name_len;
};

static struct tag tag_of(const char *prefix, const char *name)
{
    return (struct tag){ prefix, name, strlen(prefix), strlen(name) };
}

/* In one go, as most of a reply is tags. Inline for the lengths of literals. */
static inline void put_tag(struct strbuf *out, const char *open, const struct tag *tag, const char *rest)
{
    size_t open_len = strlen(open), rest_len = strlen(rest);
    char *to = strbuf_room(out, open_len + tag->prefix_len + tag->name_len + rest_len);

    if (!to)
        return;
    to = mempcpy(to, open, open_len);
    for (size_t i = 0; i < tag->prefix_len; i++) /* of two octets: a call would cost more */
        *to++ = tag->prefix[i];
    to = mempcpy(to, tag->name, tag->name_len);
    to = mempcpy(to, rest, rest_len);
    *to = '\0';
}

static inline void open_tag(struct strbuf *out, const struct tag *tag, const char *rest)
{
    put_tag(out, "<", tag, rest);
}

static inline void close_tag(struct strbuf *out, const struct tag *tag)
{
    put_tag(out, "</", tag, ">");
}

static void encode_text(struct strbuf *out, enum cim_type type, const char *text)
{
    const char *wrapper = type == CIM_DATETIME ? "Datetime" : type == CIM_INTERVAL ? "Interval" : NULL;
    struct tag tag;

    if (!wrapper) {
        strbuf_xml(out, text);
        return;
    }
    tag = tag_of("cim:", wrapper);
    open_tag(out, &tag, ">");
    strbuf_xml(out, text);
    close_tag(out, &tag);
}

static void encode_properties(struct encoder *e, const char *prefix, const struct cim_instance *instance,
                              const struct cim_class *as)
{
    const struct cim_class *class = instance->class;
    const struct cim_property *property;
    struct cim_walk walk = { 0 };

    while ((property = cim_property_next(class, &walk))) {
        struct cim_value value = { 0 };
        if (as != class && !cim_property_find(as, property->name))
            continue;
        cim_get(instance, property, e->call->arena, &value);
        encode_value(e, prefix, property, &value);
    }
}

/* <PREFIXname xmlns:q="class" xsi:type="q:Class_Type">properties</PREFIXname>; one inside of another has another
 * prefix. */
static void encode_embedded(struct encoder *e, const struct tag *tag, const struct cim_instance *instance)
{
    const char *inner = strcmp(tag->prefix, "q:") == 0 ? "r:" : "q:";
    struct strbuf *out = e->out;

    open_tag(out, tag, " xmlns:");
    strbuf_add(out, inner, 1);
    strbuf_puts(out, "=\"");
    uri_write(out, e->form, instance->class->ns, instance->class->name);
    strbuf_printf(out, "\" xsi:type=\"%s%s_Type\">", inner, instance->class->name);
    encode_properties(e, inner, instance, instance->class);
    close_tag(out, tag);
}

void encode_value(struct encoder *e, const char *prefix, const struct cim_property *property,
                  const struct cim_value *value)
{
    const struct tag tag = tag_of(prefix, property->name);
    struct strbuf *out = e->out;

    if (value->instances) {
        size_t count = property->flags & CIM_ARRAY ? value->count : 1;
        for (size_t i = 0; i < count; i++)
            encode_embedded(e, &tag, &value->instances[i]);
        return;
    }
    if (value->items || property->flags & CIM_ARRAY) {
        for (size_t i = 0; i < value->count; i++) {
            open_tag(out, &tag, ">");
            if (value->refs)
                encode_reference(e, value->refs[i]);
            else
                encode_text(out, property->type, value->items[i]);
            close_tag(out, &tag);
        }
        return;
    }
    if (!value->text && !value->ref) {
        open_tag(out, &tag, " xsi:nil=\"true\"/>");
        return;
    }
    open_tag(out, &tag, ">");
    if (value->ref)
        encode_reference(e, value->ref);
    else
        encode_text(out, property->type, value->text);
    close_tag(out, &tag);
}

void encode_instance_as(struct encoder *e, const struct cim_instance *instance,
                        const struct cim_class *as)
{
    const struct tag tag = tag_of("p:", as->name);
    struct strbuf *out = e->out;

    open_tag(out, &tag, " xmlns:xsi=\"" NS_XSI "\" xmlns:p=\"");
    uri_write(out, e->form, instance->class->ns, as->name);
    strbuf_puts(out, "\" xmlns:cim=\"" NS_CIM "\" xsi:type=\"p:");
    strbuf_puts(out, as->name);
    strbuf_puts(out, "_Type\">");
    encode_properties(e, "p:", instance, as);
    close_tag(out, &tag);
}

void encode_instance(struct encoder *e, const struct cim_instance *instance)
{
    encode_instance_as(e, instance, instance->class);
}

void encode_fragment(struct encoder *e, const struct cim_instance *instance,
                     const char *const *columns, size_t count)
{
    strbuf_puts(e->out, "<w:XmlFragment xmlns:xsi=\"" NS_XSI "\" xmlns:cim=\"" NS_CIM "\">");
    for (size_t i = 0; i < count; i++) {
        const struct cim_property *property = cim_property_find(instance->class, columns[i]);
        const struct cim_property system = { .name = columns[i], .type = CIM_STRING }; /* __PATH ... */
        struct cim_value value = { 0 };
        cim_query_value(columns[i], e->call, instance, &value);
        encode_value(e, "", property ? property : &system, &value);
    }
    strbuf_puts(e->out, "</w:XmlFragment>");
}

static void encode_key(struct encoder *e, const struct cim_key *key)
{
    strbuf_puts(e->out, "<w:Selector Name=\"");
    strbuf_xml(e->out, key->name);
    strbuf_puts(e->out, "\">");
    if (key->ref) {
        strbuf_puts(e->out, "<a:EndpointReference>");
        encode_reference(e, key->ref);
        strbuf_puts(e->out, "</a:EndpointReference>");
    } else {
        strbuf_xml(e->out, key->text ? key->text : "");
    }
    strbuf_puts(e->out, "</w:Selector>");
}

void encode_reference(struct encoder *e, const struct cim_ref *ref)
{
    const char *ns = ref->ns ? ref->ns : CIM_NS_DEFAULT;
    struct strbuf *out = e->out;

    strbuf_puts(out, "<a:Address>" ANONYMOUS "</a:Address><a:ReferenceParameters><w:ResourceURI>");
    uri_write(out, e->form, ns, ref->class);
    strbuf_puts(out, "</w:ResourceURI><w:SelectorSet><w:Selector Name=\"__cimnamespace\">");
    strbuf_puts(out, ns);
    strbuf_puts(out, "</w:Selector>");
    for (size_t i = 0; i < ref->key_count; i++)
        encode_key(e, &ref->keys[i]);
    strbuf_puts(out, "</w:SelectorSet></a:ReferenceParameters>");
}

void encode_epr(struct encoder *e, const struct cim_instance *instance)
{
    const struct cim_ref *ref = cim_ref_of(instance, e->call->arena);

    if (!ref)
        return;
    strbuf_puts(e->out, "<a:EndpointReference>");
    encode_reference(e, ref);
    strbuf_puts(e->out, "</a:EndpointReference>");
}
