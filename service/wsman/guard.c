/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/guard.h"

#include "base/utf8.h"
#include "wsman/names.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct span {
    const char *text;
    size_t len;
};

struct binding {
    struct span prefix, uri;
};

struct attribute {
    struct span prefix, local, uri;
};

struct open_element {
    struct span name;
    size_t bindings; /* how many were in force outside it */
};

struct guard {
    const char *start, *p, *end;
    const struct guard_limits *limits;
    struct error *err;
    struct open_element *open;
    size_t depth;
    struct attribute *attributes; /* of the start tag being read */
    struct binding *bindings;
    size_t binding_count, namespaces; /* in force; seen in all */
    bool in_header, seen_root;
    unsigned headers_seen; /* a bit for each row of single_headers */
};

/* Headers that may stand only once. */
static const struct {
    const char *ns, *name;
} single_headers[] = {
    { NS_A, "To" },
    { NS_A, "Action" },
    { NS_A, "MessageID" },
    { NS_A, "ReplyTo" },
    { NS_A, "FaultTo" },
    { NS_A, "From" },
    { NS_W, "ResourceURI" },
    { NS_W, "SelectorSet" },
    { NS_W, "OptionSet" },
    { NS_W, "OperationTimeout" },
    { NS_W, "MaxEnvelopeSize" },
    { NS_W, "Locale" },
    { NS_W, "FragmentTransfer" },
    { NS_W, "RequestEPR" },
    { NS_W, "RequestTotalItemsCountEstimate" },
};

static int refuse(struct guard *g, enum error_code code, const char *what)
{
    return error_set(g->err, code, "%s (at octet %zu of the request).", what,
                     (size_t)(g->p - g->start) + 1);
}

static int malformed(struct guard *g, const char *what)
{
    return refuse(g, ERR_SCHEMA, what);
}

static bool span_is(struct span s, const char *text)
{
    return s.len == strlen(text) && memcmp(s.text, text, s.len) == 0;
}

static bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.text, b.text, a.len) == 0);
}

static bool guard_at(const struct guard *g, const char *text)
{
    size_t len = strlen(text);

    return (size_t)(g->end - g->p) >= len && memcmp(g->p, text, len) == 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_space(struct guard *g)
{
    while (g->p < g->end && is_space(*g->p))
        g->p++;
}

/* One character of text, checked. */
static int guard_char(struct guard *g)
{
    uint32_t code;
    size_t n = utf8_next(g->p, (size_t)(g->end - g->p), &code);

    if (n == 0)
        return refuse(g, ERR_ENCODING, "The request is not valid UTF-8");
    if (!utf8_is_xml_char(code))
        return malformed(g, "The request holds a control character");
    g->p += n;
    return 0;
}

/* At '&': one of the five entities of XML, or a reference to a legal character. */
static int guard_entity(struct guard *g)
{
    static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };
    char digits[12];
    const char *semicolon = memchr(g->p, ';', (size_t)(g->end - g->p));
    size_t len = semicolon ? (size_t)(semicolon - g->p) : 0;
    unsigned long code;
    char *rest;
    bool hex;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (guard_at(g, known[i])) {
            g->p += strlen(known[i]);
            return 0;
        }
    }
    hex = guard_at(g, "&#x");
    if (!guard_at(g, "&#") || len < (hex ? 4u : 3u) || len - (hex ? 3 : 2) >= sizeof(digits))
        return malformed(g, "The request uses an entity that XML does not define");
    memcpy(digits, g->p + (hex ? 3 : 2), len - (hex ? 3 : 2));
    digits[len - (hex ? 3 : 2)] = '\0';
    if (strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") != strlen(digits))
        return malformed(g, "The request holds a broken character reference");
    code = strtoul(digits, &rest, hex ? 16 : 10);
    if (*rest || code > 0x10FFFF || !utf8_is_xml_char((uint32_t)code))
        return malformed(g, "The request refers to a character that XML does not allow");
    g->p = semicolon + 1;
    return 0;
}

/* A qualified name: a name, or two with a colon between. */
static int guard_name(struct guard *g, struct span *out)
{
    bool first = true, colon = false;
    uint32_t code = 0;

    out->text = g->p;
    while (g->p < g->end) {
        size_t n = utf8_next(g->p, (size_t)(g->end - g->p), &code);
        if (n == 0)
            return refuse(g, ERR_ENCODING, "The request is not valid UTF-8");
        if (code == ':' ? first || colon : !utf8_is_xml_name(code, first))
            break;
        first = code == ':';
        colon |= first;
        g->p += n;
    }
    out->len = (size_t)(g->p - out->text);
    if (first || (g->p < g->end && code == ':'))
        return malformed(g, "The request is not well-formed XML: a name is missing or wrong");
    return 0;
}

static void split(struct span name, struct span *prefix, struct span *local)
{
    const char *colon = memchr(name.text, ':', name.len);

    if (!colon) {
        *prefix = (struct span){ name.text, 0 };
        *local = name;
        return;
    }
    *prefix = (struct span){ name.text, (size_t)(colon - name.text) };
    *local = (struct span){ colon + 1, name.len - prefix->len - 1 };
}

static int resolve(struct guard *g, struct span prefix, struct span *uri)
{
    for (size_t i = g->binding_count; i-- > 0;) {
        if (span_equal(g->bindings[i].prefix, prefix)) {
            *uri = g->bindings[i].uri;
            return 0;
        }
    }
    *uri = (struct span){ "", 0 };
    if (prefix.len == 0)
        return 0;
    *uri = (struct span){ NS_XML, strlen(NS_XML) };
    if (span_is(prefix, "xml"))
        return 0;
    return malformed(g, "The request uses a namespace prefix that it does not declare");
}

/* At an attribute's opening quote. */
static int guard_attribute_value(struct guard *g, struct span *value)
{
    char quote;

    if (g->p == g->end || (*g->p != '"' && *g->p != '\''))
        return malformed(g, "The request is not well-formed XML: an attribute has no quoted value");
    quote = *g->p++;
    value->text = g->p;
    while (g->p < g->end && *g->p != quote) {
        if (*g->p == '<')
            return malformed(g, "The request is not well-formed XML: '<' in an attribute");
        if ((*g->p == '&' ? guard_entity(g) : guard_char(g)) != 0)
            return -1;
    }
    if (g->p == g->end)
        return malformed(g, "The request ends within an attribute");
    value->len = (size_t)(g->p - value->text);
    g->p++;
    return 0;
}

/* Namespaces in XML 1.0, section 3. A namespace name is compared as it is written. */
static int bind(struct guard *g, struct span prefix, struct span uri)
{
    if (span_is(prefix, "xmlns") || span_is(prefix, "xml") != span_is(uri, NS_XML) ||
        span_is(uri, NS_XMLNS) || (prefix.len && !uri.len) || memchr(uri.text, '&', uri.len))
        return malformed(g, "The request declares a namespace in a way that is not allowed");
    if (++g->namespaces > g->limits->namespaces)
        return refuse(g, ERR_SERVICE_LIMIT, "The request declares too many namespaces");
    g->bindings[g->binding_count++] = (struct binding){ prefix, uri };
    return 0;
}

static int guard_attribute(struct guard *g, struct attribute *out)
{
    struct span name, value;

    if (guard_name(g, &name) != 0)
        return -1;
    skip_space(g);
    if (g->p == g->end || *g->p != '=')
        return malformed(g, "The request is not well-formed XML: an attribute has no value");
    g->p++;
    skip_space(g);
    if (guard_attribute_value(g, &value) != 0)
        return -1;
    split(name, &out->prefix, &out->local);
    if (span_is(name, "xmlns"))
        return bind(g, (struct span){ "", 0 }, value);
    return span_is(out->prefix, "xmlns") ? bind(g, out->local, value) : 0;
}

/* When all declarations are read: looks up prefixes, and refuses what is there twice. */
static int guard_resolve(struct guard *g, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct attribute *a = &g->attributes[i];
        if (a->prefix.len == 0 || span_is(a->prefix, "xmlns"))
            a->uri = a->prefix;
        else if (resolve(g, a->prefix, &a->uri) != 0)
            return -1;
        for (size_t k = 0; k < i; k++)
            if (span_equal(a->local, g->attributes[k].local) &&
                span_equal(a->uri, g->attributes[k].uri))
                return malformed(g, "The request is not well-formed XML: an attribute is there twice");
    }
    return 0;
}

/* A start tag's attributes up to '>' or '/'. */
static int guard_attributes(struct guard *g)
{
    size_t count = 0;

    for (;;) {
        bool space = g->p < g->end && is_space(*g->p);
        skip_space(g);
        if (g->p == g->end)
            return malformed(g, "The request ends within a tag");
        if (*g->p == '>' || *g->p == '/')
            return guard_resolve(g, count);
        if (!space)
            return malformed(g, "The request is not well-formed XML: blank missing in a tag");
        if (count == g->limits->attributes)
            return refuse(g, ERR_SERVICE_LIMIT, "An element has too many attributes");
        if (guard_attribute(g, &g->attributes[count++]) != 0)
            return -1;
    }
}

/* What is special about the first three levels: Envelope, Header or Body, single headers. */
static int guard_soap(struct guard *g, struct span uri, struct span local)
{
    if (g->depth == 1) {
        if (!span_is(local, "Envelope"))
            return malformed(g, "The request is not a SOAP envelope");
        if (!span_is(uri, NS_S))
            return refuse(g, ERR_SOAP_VERSION, "The envelope is not one of SOAP 1.2");
    } else if (g->depth == 2) {
        g->in_header = span_is(local, "Header") && span_is(uri, NS_S);
    } else if (g->depth == 3 && g->in_header) {
        for (size_t i = 0; i < sizeof(single_headers) / sizeof(single_headers[0]); i++) {
            if (!span_is(local, single_headers[i].name) || !span_is(uri, single_headers[i].ns))
                continue;
            if (g->headers_seen & 1u << i)
                return error_set(g->err, ERR_HEADER_INVALID, "The header %s is there twice.",
                                 single_headers[i].name);
            g->headers_seen |= 1u << i;
        }
    }
    return 0;
}

static int guard_start_tag(struct guard *g)
{
    struct span name, prefix, local, uri;
    struct open_element *element = &g->open[g->depth];

    if (g->depth == 0 && g->seen_root)
        return malformed(g, "The request holds more than one document");
    g->seen_root = true;
    if (g->depth == g->limits->depth)
        return refuse(g, ERR_SERVICE_LIMIT, "The request is nested too deeply");
    element->bindings = g->binding_count;
    if (guard_name(g, &name) != 0 || guard_attributes(g) != 0)
        return -1;
    split(name, &prefix, &local);
    if (resolve(g, prefix, &uri) != 0)
        return -1;
    element->name = name;
    g->depth++;
    if (guard_soap(g, uri, local) != 0)
        return -1;
    if (*g->p == '/') {
        g->p++;
        g->depth--;
        g->binding_count = element->bindings;
    }
    if (g->p == g->end || *g->p != '>')
        return malformed(g, "The request is not well-formed XML: a tag does not end");
    g->p++;
    return 0;
}

static int guard_end_tag(struct guard *g)
{
    struct span name;

    if (guard_name(g, &name) != 0)
        return -1;
    skip_space(g);
    if (g->p == g->end || *g->p != '>')
        return malformed(g, "The request is not well-formed XML: an end tag does not end");
    if (g->depth == 0 || !span_equal(name, g->open[g->depth - 1].name))
        return malformed(g, "The request is not well-formed XML: tags do not match");
    g->p++;
    g->depth--;
    g->binding_count = g->open[g->depth].bindings;
    return 0;
}

/* Everything up to `stop`, as plain characters; there it must end with `close`. */
static int guard_until(struct guard *g, const char *stop, const char *close)
{
    while (g->p < g->end && !guard_at(g, stop))
        if (guard_char(g) != 0)
            return -1;
    if (!guard_at(g, close))
        return malformed(g, "The request holds a comment or CDATA section that does not end, or not well");
    g->p += strlen(close);
    return 0;
}

static int guard_markup(struct guard *g)
{
    if (guard_at(g, "</")) {
        g->p += 2;
        return guard_end_tag(g);
    }
    if (guard_at(g, "<!--")) {
        g->p += 4;
        return guard_until(g, "--", "-->");
    }
    if (guard_at(g, "<![CDATA[") && g->depth > 0) {
        g->p += 9;
        return guard_until(g, "]]>", "]]>");
    }
    if (guard_at(g, "<!"))
        return malformed(g, "The request holds a document type or another declaration, which SOAP forbids");
    if (guard_at(g, "<?"))
        return malformed(g, "The request holds a processing instruction, which SOAP forbids");
    g->p++;
    return guard_start_tag(g);
}

static bool guard_encoding(const struct guard *g, struct span value)
{
    return (value.len == 5 && strncasecmp(value.text, "utf-8", 5) == 0) ||
           (g->limits->utf16 && value.len == 6 && strncasecmp(value.text, "utf-16", 6) == 0);
}

/* One of version, encoding, standalone; i counts them. */
static int guard_declared(struct guard *g, size_t *i)
{
    static const char *const order[] = { "version", "encoding", "standalone" };
    struct span name, value;

    if (guard_name(g, &name) != 0)
        return -1;
    while (*i && *i < 3 && !span_is(name, order[*i]))
        ++*i;
    if (*i == 3 || !span_is(name, order[*i]) || g->p == g->end || *g->p != '=')
        return malformed(g, "The XML declaration is not well formed");
    g->p++;
    if (guard_attribute_value(g, &value) != 0)
        return -1;
    if (*i == 1 && !guard_encoding(g, value))
        return refuse(g, ERR_ENCODING,
                      g->limits->utf16 ? "The XML declaration names another encoding than UTF-16"
                                       : "The XML declaration names another encoding than UTF-8");
    if ((*i == 0 && !span_is(value, "1.0")) ||
        (*i == 2 && !span_is(value, "yes") && !span_is(value, "no")))
        return malformed(g, "The XML declaration is not well formed");
    ++*i;
    return 0;
}

/* An XML declaration may open the document; a byte order mark before it too. */
static int guard_prolog(struct guard *g)
{
    size_t i = 0;

    if (guard_at(g, "\xEF\xBB\xBF"))
        g->p += 3;
    if (!guard_at(g, "<?xml "))
        return 0;
    g->p += 5;
    for (;;) {
        bool space = g->p < g->end && is_space(*g->p);
        skip_space(g);
        if (i && guard_at(g, "?>")) {
            g->p += 2;
            return 0;
        }
        if (!space)
            return malformed(g, "The XML declaration is not well formed");
        if (guard_declared(g, &i) != 0)
            return -1;
    }
}

static int guard_run(struct guard *g)
{
    if (guard_prolog(g) != 0)
        return -1;
    while (g->p < g->end) {
        int rc;
        if (*g->p == '<')
            rc = guard_markup(g);
        else if (g->depth == 0 && !is_space(*g->p))
            rc = malformed(g, "The request is not XML");
        else if (*g->p == ']' && guard_at(g, "]]>"))
            rc = malformed(g, "The request is not well-formed XML: ']]>' in a text");
        else
            rc = *g->p == '&' ? guard_entity(g) : guard_char(g);
        if (rc != 0)
            return -1;
    }
    if (!g->seen_root)
        return malformed(g, "The request is empty");
    return g->depth ? malformed(g, "The request ends before its last end tag") : 0;
}

int guard_check(const char *xml, size_t len, const struct guard_limits *limits, struct error *err)
{
    struct guard g = { .start = xml, .p = xml, .end = xml + len, .limits = limits, .err = err };
    int rc = -1;

    /* Not cleared: 10 KB of which most requests need little. */
    g.open = malloc((limits->depth + 1) * sizeof(*g.open));
    g.attributes = malloc((limits->attributes + 1) * sizeof(*g.attributes));
    g.bindings = malloc((limits->namespaces + 1) * sizeof(*g.bindings));
    if (g.open && g.attributes && g.bindings)
        rc = guard_run(&g);
    else
        error_set(err, ERR_NO_MEMORY, NULL);
    free(g.open);
    free(g.attributes);
    free(g.bindings);
    return rc;
}
