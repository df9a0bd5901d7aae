/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/embedded.h"

#include "base/strbuf.h"
#include "cim/mof.h"

#include <libxml/parser.h>
#include <string.h>
#include <strings.h>

enum {
    EMBEDDED_MAX_LENGTH = 256 * 1024,
    EMBEDDED_MAX_DEPTH = 32,
    EMBEDDED_MAX_PROPERTIES = 1000,
};

/* Where the reader stands, by the element it is in. */
enum state {
    AT_START,
    IN_WRAPPER,
    IN_INSTANCE,
    IN_SCALAR,
    IN_ARRAY,
    IN_VALUES,
    IN_VALUE,
    IN_UNKNOWN, /* skipped with all that is inside */
};

struct reader {
    xmlParserCtxtPtr xml;
    struct arena *arena;
    struct error *err;
    bool failed;
    bool closed; /* the instance is complete */
    enum state stack[EMBEDDED_MAX_DEPTH];
    size_t depth;
    struct strbuf text; /* of the VALUE being read */
    struct cim_embedded instance;
    struct cim_embedded_property *properties; /* those of instance, while they are still made */
    const char **values;                      /* those of the last property, once it has one */
};

/* One element as SAX hands it over. */
struct element {
    const char *name;
    const xmlChar **attributes; /* five pointers each: name, prefix, URI, value, end of value */
    int attribute_count;
};

static void fail(struct reader *reader, enum error_code code, int line, const char *what,
                 const char *detail)
{
    reader->failed = true;
    if (code == ERR_NO_MEMORY)
        error_set(reader->err, code, NULL);
    else
        error_set(reader->err, code, "Embedded instance, line %d: %s%.200s.", line, what, detail);
    if (reader->xml)
        xmlStopParser(reader->xml);
}

static void refuse(struct reader *reader, const char *what, const char *detail)
{
    fail(reader, ERR_INVALID_PARAMETER, xmlSAX2GetLineNumber(reader->xml), what, detail);
}

/* Makes room for one more after `count` items: NULL without memory. Sizes double, so the arena
 * holds at most twice what is needed. */
static void *grow(struct reader *reader, void *items, size_t count, size_t size)
{
    void *larger = items;

    if ((count & (count - 1)) != 0) /* neither 0 nor a power of two: there is room */
        return items;
    larger = arena_alloc(reader->arena, (count ? 2 * count : 1) * size);
    if (!larger)
        fail(reader, ERR_NO_MEMORY, 0, "", "");
    else if (count)
        memcpy(larger, items, count * size);
    return larger;
}

/* The value of an attribute in the arena; NULL when it is absent or empty, or without memory. */
static const char *attribute(struct reader *reader, const struct element *element, const char *name)
{
    const char *value = NULL;

    for (int i = 0; i < element->attribute_count; i++) {
        const xmlChar **a = element->attributes + 5 * i;

        if (strcmp((const char *)a[0], name) || a[4] == a[3])
            continue;
        value = arena_strndup(reader->arena, (const char *)a[3], (size_t)(a[4] - a[3]));
        if (!value)
            fail(reader, ERR_NO_MEMORY, 0, "", "");
    }
    return value;
}

static void begin_instance(struct reader *reader, const struct element *element)
{
    if (reader->closed) {
        refuse(reader, "there is more than one INSTANCE", "");
        return;
    }
    reader->instance.class = attribute(reader, element, "CLASSNAME");
    if (!reader->instance.class)
        refuse(reader, "INSTANCE has no CLASSNAME", "");
}

static void begin_property(struct reader *reader, const struct element *element)
{
    struct cim_embedded_property *property;
    const char *name = attribute(reader, element, "NAME");
    size_t count = reader->instance.count;

    if (!name)
        refuse(reader, element->name, " has no NAME");
    else if (cim_embedded_find(&reader->instance, name))
        refuse(reader, "there are two properties ", name);
    else if (count == EMBEDDED_MAX_PROPERTIES)
        refuse(reader, "there are too many properties", "");
    if (reader->failed)
        return;
    reader->properties = grow(reader, reader->properties, count, sizeof(*property));
    if (!reader->properties)
        return;
    property = &reader->properties[count];
    *property = (struct cim_embedded_property){
        .name = name,
        .is_array = !strcmp(element->name, "PROPERTY.ARRAY"),
    };
    reader->instance.properties = reader->properties;
    reader->instance.count++;
}

static void begin_value(struct reader *reader, const struct element *element)
{
    const struct cim_embedded_property *property = &reader->properties[reader->instance.count - 1];

    (void)element;
    if (property->count && !property->is_array)
        refuse(reader, "there is more than one VALUE in property ", property->name);
    strbuf_truncate(&reader->text, 0);
}

static void end_value(struct reader *reader)
{
    struct cim_embedded_property *property = &reader->properties[reader->instance.count - 1];
    const char *text = arena_strdup(reader->arena, strbuf_str(&reader->text));

    if (!text || !strbuf_ok(&reader->text)) {
        fail(reader, ERR_NO_MEMORY, 0, "", "");
        return;
    }
    reader->values = grow(reader, reader->values, property->count, sizeof(*reader->values));
    if (!reader->values)
        return;
    reader->values[property->count++] = text;
    property->values = reader->values;
}

/* Which element may stand where, what it leads to and what it does. */
static const struct transition {
    enum state from;
    const char *element;
    enum state to;
    void (*begin)(struct reader *reader, const struct element *element);
} transitions[] = {
    { AT_START, "CIM", IN_WRAPPER, NULL },
    { AT_START, "DECLARATIONS", IN_WRAPPER, NULL },
    { AT_START, "DECLARATION", IN_WRAPPER, NULL },
    { AT_START, "DECLGROUP", IN_WRAPPER, NULL },
    { AT_START, "VALUE.OBJECT", IN_WRAPPER, NULL },
    { AT_START, "INSTANCE", IN_INSTANCE, begin_instance },
    { IN_WRAPPER, "DECLARATIONS", IN_WRAPPER, NULL },
    { IN_WRAPPER, "DECLARATION", IN_WRAPPER, NULL },
    { IN_WRAPPER, "DECLGROUP", IN_WRAPPER, NULL },
    { IN_WRAPPER, "VALUE.OBJECT", IN_WRAPPER, NULL },
    { IN_WRAPPER, "INSTANCE", IN_INSTANCE, begin_instance },
    { IN_INSTANCE, "PROPERTY", IN_SCALAR, begin_property },
    { IN_INSTANCE, "PROPERTY.ARRAY", IN_ARRAY, begin_property },
    { IN_SCALAR, "VALUE", IN_VALUE, begin_value },
    { IN_ARRAY, "VALUE.ARRAY", IN_VALUES, NULL },
    { IN_VALUES, "VALUE", IN_VALUE, begin_value },
};

static const struct transition *find_transition(enum state from, const char *element)
{
    for (size_t i = 0; i < sizeof(transitions) / sizeof(transitions[0]); i++)
        if (transitions[i].from == from && !strcmp(transitions[i].element, element))
            return &transitions[i];
    return NULL;
}

static enum state current_state(const struct reader *reader)
{
    return reader->depth ? reader->stack[reader->depth - 1] : AT_START;
}

static void start_element(void *user, const xmlChar *name, const xmlChar *prefix,
                          const xmlChar *uri, int namespace_count, const xmlChar **namespaces,
                          int attribute_count, int defaulted_count, const xmlChar **attributes)
{
    struct reader *reader = user;
    const struct element element = { (const char *)name, attributes, attribute_count };
    const enum state from = current_state(reader);
    const struct transition *transition = find_transition(from, element.name);

    (void)prefix, (void)uri, (void)namespace_count, (void)namespaces, (void)defaulted_count;
    if (reader->failed)
        return;
    if (reader->depth == EMBEDDED_MAX_DEPTH)
        refuse(reader, "elements are nested too deeply", "");
    else if (!transition && from == AT_START)
        refuse(reader, "INSTANCE is expected, not ", element.name);
    else if (!transition && from == IN_VALUE)
        refuse(reader, "VALUE should hold text, not ", element.name);
    if (reader->failed)
        return;
    reader->stack[reader->depth++] = transition ? transition->to : IN_UNKNOWN;
    if (transition && transition->begin)
        transition->begin(reader, &element);
}

static void end_element(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct reader *reader = user;
    const enum state state = current_state(reader);

    (void)name, (void)prefix, (void)uri;
    if (reader->failed)
        return;
    if (state == IN_VALUE)
        end_value(reader);
    else if (state == IN_INSTANCE)
        reader->closed = true;
    reader->depth--;
}

static void characters(void *user, const xmlChar *text, int len)
{
    struct reader *reader = user;

    if (current_state(reader) == IN_VALUE)
        strbuf_add(&reader->text, (const char *)text, (size_t)len);
}

/* Called at a DOCTYPE before anything in it is read. */
static void refuse_dtd(void *user, const xmlChar *name, const xmlChar *external,
                       const xmlChar *system)
{
    (void)name, (void)external, (void)system;
    refuse(user, "a document type declaration is not allowed", "");
}

static void take_xml_error(void *user, xmlErrorPtr error)
{
    struct reader *reader = user;
    const char *message = error->message ? error->message : "not well formed";

    if (reader->failed || error->level < XML_ERR_ERROR)
        return;
    if (error->code == XML_ERR_NO_MEMORY) {
        fail(reader, ERR_NO_MEMORY, 0, "", "");
        return;
    }
    message = arena_strndup(reader->arena, message, strcspn(message, "\n"));
    fail(reader, ERR_INVALID_PARAMETER, error->line, "XML: ", message ? message : "");
}

static void parse(struct reader *reader, const char *text)
{
    xmlSAXHandler sax = {
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = start_element,
        .endElementNs = end_element,
        .characters = characters,
        .cdataBlock = characters,
        .internalSubset = refuse_dtd,
        .serror = take_xml_error,
    };

    reader->xml = xmlCreatePushParserCtxt(&sax, reader, NULL, 0, NULL);
    if (!reader->xml) {
        fail(reader, ERR_NO_MEMORY, 0, "", "");
        return;
    }
    /* Whatever encoding the declaration claims, the text has come here as UTF-8. */
    xmlCtxtUseOptions(reader->xml, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
    xmlParseChunk(reader->xml, text, (int)strlen(text), 1);
    if (!reader->failed && (!reader->closed || !reader->xml->wellFormed))
        refuse(reader, "there is no INSTANCE", "");
    xmlFreeParserCtxt(reader->xml);
}

const struct cim_embedded *cim_embedded_parse(const char *text, struct arena *arena,
                                              struct error *err)
{
    struct reader reader = { .arena = arena, .err = err, .text = STRBUF_INIT };
    struct cim_embedded *out = NULL;

    if (strnlen(text, EMBEDDED_MAX_LENGTH + 1) > EMBEDDED_MAX_LENGTH) {
        error_set(err, ERR_INVALID_PARAMETER, "The embedded instance is longer than %d KiB.",
                  EMBEDDED_MAX_LENGTH / 1024);
        return NULL;
    }
    /* Clients indent; before an XML declaration that would not be well formed. */
    parse(&reader, text + strspn(text, " \t\r\n"));
    strbuf_free(&reader.text);
    if (reader.failed)
        return NULL;
    out = arena_alloc(arena, sizeof(*out));
    if (!out)
        error_set(err, ERR_NO_MEMORY, NULL);
    else
        *out = reader.instance;
    return out;
}

const struct cim_embedded_property *cim_embedded_find(const struct cim_embedded *instance,
                                                      const char *name)
{
    for (size_t i = 0; i < instance->count; i++)
        if (!strcasecmp(instance->properties[i].name, name))
            return &instance->properties[i];
    return NULL;
}

const char *cim_embedded_text(const struct cim_embedded *instance, const char *name)
{
    const struct cim_embedded_property *property = cim_embedded_find(instance, name);

    return property && property->count ? property->values[0] : NULL;
}

static void write_property(struct strbuf *out, const struct cim_property *property,
                           const struct cim_value *value)
{
    const bool array = property->flags & CIM_ARRAY;

    strbuf_printf(out, "<PROPERTY%s NAME=\"%s\" TYPE=\"%s\">", array ? ".ARRAY" : "", property->name,
                  mof_type(property->type));
    if (array && value->items)
        strbuf_puts(out, "<VALUE.ARRAY>");
    for (size_t i = 0; i < (value->items ? value->count : value->text ? 1 : 0); i++) {
        strbuf_puts(out, "<VALUE>");
        strbuf_xml(out, value->items ? value->items[i] : value->text);
        strbuf_puts(out, "</VALUE>");
    }
    if (array && value->items)
        strbuf_puts(out, "</VALUE.ARRAY>");
    strbuf_printf(out, "</PROPERTY%s>", array ? ".ARRAY" : "");
}

void cim_embedded_write(struct strbuf *out, const struct cim_instance *instance, struct arena *arena)
{
    const struct cim_class *class = instance->class;

    strbuf_printf(out, "<INSTANCE CLASSNAME=\"%s\">", class->name);
    for (size_t i = 0; i < class->property_count; i++) {
        struct cim_value value = { 0 };
        cim_get(instance, &class->properties[i], arena, &value);
        write_property(out, &class->properties[i], &value);
    }
    strbuf_puts(out, "</INSTANCE>");
}
