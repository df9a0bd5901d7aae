/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/fragment.h"

#include "wsman/any.h"
#include "wsman/headers.h"
#include "wsman/names.h"
#include "wsman/reply.h"
#include "wsman/uri.h"
#include "wsman/values.h"
#include "wsman/xpath.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The expression; NULL with op->err. */
static const char *read_expression(struct op *op)
{
    const struct any *header = op->request.headers.fragment;
    const char *dialect = any_attribute(header, "", "Dialect");
    const char *text = any_text(header);

    if (dialect && strcasecmp(dialect, DIALECT_XPATH) != 0)
        error_set(&op->err, ERR_FRAGMENT_DIALECT, "The fragment dialect '%.200s' is not supported.", dialect);
    else if (!headers_must(header)) /* else a server that knows it not would act on the whole */
        error_set(&op->err, ERR_HEADER_INVALID, "FragmentTransfer must have mustUnderstand=\"true\".");
    else if (!text[strspn(text, " \t\r\n")])
        error_set(&op->err, ERR_BAD_FILTER, "at character 1: the fragment expression is empty");
    return op->err.code ? NULL : text;
}

/* Names one property, and of an array perhaps one value. */
struct path {
    const struct cim_property *property;
    size_t index; /* from 1; 0: all */
    bool text;    /* ends in text() */
};

static int not_simple(struct op *op)
{
    return error_set(&op->err, ERR_BAD_FILTER,
                     "A fragment to be written is one property: Name, Name[2] or Name/text().");
}

static size_t name_length(const char *p)
{
    size_t len = 0;

    while (isalnum((unsigned char)p[len]) || p[len] == '_')
        len++;
    return len;
}

/* A name without its prefix; moves *p on. 0 at anything else. */
static size_t read_name(const char **p, const char **name)
{
    size_t len = name_length(*p);

    if (len && (*p)[len] == ':') {
        *p += len + 1;
        len = name_length(*p);
    }
    *name = *p;
    *p += len;
    return len;
}

/* Skips "./" or "/Class/". */
static const char *skip_root(const char *p, const struct cim_class *class)
{
    const char *name, *rest = p + 1;
    size_t len;

    if (strncmp(p, "./", 2) == 0)
        return p + 2;
    if (*p != '/')
        return p;
    len = read_name(&rest, &name);
    if (len == strlen(class->name) && strncmp(name, class->name, len) == 0 && *rest == '/')
        return rest + 1;
    return p;
}

static int parse_path(struct op *op, const char *text, const struct cim_class *class,
                      struct path *out)
{
    const char *p = skip_root(text + strspn(text, " \t\r\n"), class), *name;
    size_t len = read_name(&p, &name);
    const char *copy = arena_strndup(&op->arena, name, len);
    char *rest;

    if (!copy)
        return error_set(&op->err, ERR_NO_MEMORY, NULL);
    *out = (struct path){ 0 };
    if (*p == '[') {
        out->index = strtoul(p + 1, &rest, 10);
        if (!isdigit((unsigned char)p[1]) || *rest != ']' || out->index == 0)
            return not_simple(op);
        p = rest + 1;
    }
    out->text = strncmp(p, "/text()", 7) == 0;
    p += out->text ? 7 : 0;
    if (len == 0 || p[strspn(p, " \t\r\n")])
        return not_simple(op);
    out->property = cim_property_find(class, copy);
    if (!out->property || strcmp(out->property->name, copy) != 0)
        return error_set(&op->err, ERR_BAD_FILTER, "%s has no property %.100s.", class->name, copy);
    return 0;
}

static void tell_expression(struct op *op, const char *text)
{
    struct strbuf header = STRBUF_INIT;

    strbuf_puts(&header, "<w:FragmentTransfer s:mustUnderstand=\"true\">");
    strbuf_xml(&header, text);
    strbuf_puts(&header, "</w:FragmentTransfer>");
    op->reply->body.failed |= header.failed;
    reply_header(op, strbuf_str(&header));
    strbuf_free(&header);
}

int fragment_get(struct op *op, const struct cim_instance *instance)
{
    const char *text = read_expression(op);
    const struct xpath *xpath = text ? xpath_compile(text, &op->arena, &op->err) : NULL;
    struct strbuf value = STRBUF_INIT;
    struct strbuf *out = &op->reply->body;
    int found;

    if (!xpath)
        return -1;
    found = xpath_write(xpath, &op->call, op->request.target.form, instance, &value);
    if (found >= 0) {
        tell_expression(op, text);
        strbuf_puts(out, "<w:XmlFragment xmlns:xsi=\"" NS_XSI "\" xmlns:cim=\"" NS_CIM "\" xmlns:p=\"");
        uri_write(out, op->request.target.form, instance->class->ns, instance->class->name);
        strbuf_puts(out, found ? "\">" : "\" xsi:nil=\"true\">");
        strbuf_puts(out, strbuf_str(&value));
        strbuf_puts(out, "</w:XmlFragment>");
        out->failed |= value.failed;
    }
    strbuf_free(&value);
    return found >= 0 ? 0 : -1;
}

/* ---- Put ---- */

/* The one value that the fragment holds: of an element of the property's name, or as text. NULL value: nil. */
static int read_one(struct op *op, const struct path *path, const struct any *root,
                    const char **value)
{
    const struct any *node = path->text ? root : any_first(root);

    *value = NULL;
    if (!node || (!path->text && (strcmp(any_name(node), path->property->name) != 0 || any_next(node))))
        return error_set(&op->err, ERR_REPRESENTATION_FRAGMENT, "The fragment must hold %s%s.",
                         path->text ? "the text of " : "one element ", path->property->name);
    if (any_is_nil(node))
        return 0;
    *value = values_read(path->property->type, node, &op->arena);
    if (*value)
        return 0;
    return error_set(&op->err, ERR_REPRESENTATION_VALUES, "The property %s has a value that is not of its type.",
                     path->property->name);
}

/* An array with one of its values replaced. */
static int replace_item(struct op *op, const struct cim_instance *instance,
                        const struct path *path, const char *value, struct cim_value *out)
{
    struct cim_value now;
    const char **items;

    cim_get(instance, path->property, &op->arena, &now);
    if (path->index > now.count || !value)
        return error_set(&op->err, ERR_REPRESENTATION_FRAGMENT, "The property %s has only %zu values.",
                         path->property->name, now.count);
    items = arena_alloc(&op->arena, now.count * sizeof(*items));
    if (!items)
        return error_set(&op->err, ERR_NO_MEMORY, NULL);
    memcpy(items, now.items, now.count * sizeof(*items));
    items[path->index - 1] = value;
    *out = (struct cim_value){ .items = items, .count = now.count };
    return 0;
}

static int read_whole_array(struct op *op, const struct cim_instance *instance,
                            const struct path *path, struct changes *out)
{
    const struct any *first = any_first(op->request.body.invoke.root);

    for (const struct any *c = first; c; c = any_next(c))
        if (strcmp(any_name(c), path->property->name) != 0)
            return error_set(&op->err, ERR_REPRESENTATION_FRAGMENT, "The fragment must hold elements %s only.",
                             path->property->name);
    if (first)
        return representation_read_properties(op, instance, first, out);
    return representation_change(op, instance, path->property, &(struct cim_value){ 0 }, out);
}

int fragment_read(struct op *op, const struct cim_instance *instance, struct changes *out)
{
    const struct any *root = op->request.body.invoke.root;
    const char *text = read_expression(op), *one;
    struct cim_value value = { 0 };
    struct path path = { 0 };
    bool array;

    if (!text || parse_path(op, text, instance->class, &path) != 0)
        return -1;
    if (strcmp(any_name(root), "XmlFragment") != 0 || strcmp(any_ns(root), NS_W) != 0)
        return error_set(&op->err, ERR_REPRESENTATION_FRAGMENT, "The body must be an XmlFragment.");
    array = path.property->flags & CIM_ARRAY;
    if (path.index && !array)
        return not_simple(op);
    if (array && !path.index && !path.text)
        return read_whole_array(op, instance, &path, out);
    if (read_one(op, &path, root, &one) != 0)
        return -1;
    if (path.index && replace_item(op, instance, &path, one, &value) != 0)
        return -1;
    if (array && !path.index)
        return not_simple(op);
    if (!array)
        value.text = one;
    return representation_change(op, instance, path.property, &value, out);
}
