/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/guard.h"

#include "wsman/lex.h"
#include "wsman/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"
#define CDATA           "<![CDATA["

enum {
    /* gSOAP keeps a list of the attributes' names of a request, which it walks for each attribute
     * and element. */
    NAMES_MOST = 128,
};

struct guard {
    struct lex lex;
    const struct guard_limits *limits;
    struct guard_notes *notes;
    struct open_element *open;
    size_t depth;
    struct attribute *attributes; /* of the start tag being read */
    size_t attribute_count;
    struct binding *bindings;
    size_t binding_count, namespaces; /* in force; seen in all */
    struct span *names;               /* of attributes, each once */
    size_t name_count;
    enum { AT_START, AFTER_HEADER, AFTER_BODY } envelope;
    bool in_header, seen_root, seen_filter;
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
    return lex_malformed(&g->lex, "The request uses a namespace prefix that it does not declare");
}

/* Namespaces in XML 1.0, section 3. A namespace name is compared as it is written. */
static int bind(struct guard *g, struct span prefix, struct span uri)
{
    if (span_is(prefix, "xmlns") || span_is(prefix, "xml") != span_is(uri, NS_XML) ||
        span_is(uri, NS_XMLNS) || (prefix.len && !uri.len) || memchr(uri.text, '&', uri.len))
        return lex_malformed(&g->lex, "The request declares a namespace in a way that is not allowed");
    if (++g->namespaces > g->limits->namespaces)
        return lex_refuse(&g->lex, ERR_SERVICE_LIMIT, "The request declares too many namespaces");
    g->bindings[g->binding_count++] = (struct binding){ prefix, uri };
    return 0;
}

/* Remembers the name of an attribute. */
static int note_name(struct guard *g, struct span name)
{
    for (size_t i = 0; i < g->name_count; i++)
        if (span_equal(g->names[i], name))
            return 0;
    if (g->name_count == NAMES_MOST)
        return lex_refuse(&g->lex, ERR_SERVICE_LIMIT, "The request has too many kinds of attributes");
    g->names[g->name_count++] = name;
    return 0;
}

/* gSOAP compares the value as it is written; as an xs:boolean it may have blanks around it. */
static int guard_must_understand(struct guard *g, struct span value)
{
    struct lex *l = &g->lex;
    struct span bare = value;
    char text[8];

    while (bare.len && lex_is_space(*bare.text)) {
        bare.text++;
        bare.len--;
    }
    while (bare.len && lex_is_space(bare.text[bare.len - 1]))
        bare.len--;
    if (bare.len == value.len || (!span_is(bare, "1") && !span_is(bare, "true")))
        return 0;
    if (l->copied > value.text) /* a line end in it that was made another one */
        return lex_malformed(l, "A mustUnderstand has line ends around it");
    snprintf(text, sizeof(text), "%.*s%c", (int)bare.len, bare.text, value.text[-1]);
    lex_replace(l, value.text, text, strlen(text));
    return 0;
}

static int guard_attribute(struct guard *g, struct attribute *out)
{
    struct span name, value;

    if (lex_name(&g->lex, &name) != 0)
        return -1;
    lex_skip_space(&g->lex);
    if (g->lex.p == g->lex.end || *g->lex.p != '=')
        return lex_malformed(&g->lex, "The request is not well-formed XML: an attribute has no value");
    g->lex.p++;
    lex_skip_space(&g->lex);
    if (lex_attribute_value(&g->lex, &value) != 0)
        return -1;
    split(name, &out->prefix, &out->local);
    if (g->in_header && span_is(out->local, "mustUnderstand") &&
        guard_must_understand(g, value) != 0)
        return -1;
    if (span_is(name, "xmlns"))
        return bind(g, (struct span){ "", 0 }, value);
    return span_is(out->prefix, "xmlns") ? bind(g, out->local, value) : note_name(g, name);
}

/* When all declarations are read: looks up prefixes, and refuses what is there twice. */
static int guard_resolve(struct guard *g, size_t count)
{
    g->attribute_count = count;
    for (size_t i = 0; i < count; i++) {
        struct attribute *a = &g->attributes[i];
        if (a->prefix.len == 0 || span_is(a->prefix, "xmlns"))
            a->uri = a->prefix;
        else if (resolve(g, a->prefix, &a->uri) != 0)
            return -1;
        for (size_t k = 0; k < i; k++)
            if (span_equal(a->local, g->attributes[k].local) &&
                span_equal(a->uri, g->attributes[k].uri))
                return lex_malformed(&g->lex, "The request is not well-formed XML: an attribute is there twice");
    }
    return 0;
}

/* A start tag's attributes up to '>' or '/'. */
static int guard_attributes(struct guard *g)
{
    size_t count = 0;

    for (;;) {
        bool space = g->lex.p < g->lex.end && lex_is_space(*g->lex.p);
        lex_skip_space(&g->lex);
        if (g->lex.p == g->lex.end)
            return lex_malformed(&g->lex, "The request ends within a tag");
        if (*g->lex.p == '>' || *g->lex.p == '/')
            return guard_resolve(g, count);
        if (!space)
            return lex_malformed(&g->lex, "The request is not well-formed XML: blank missing in a tag");
        if (count == g->limits->attributes)
            return lex_refuse(&g->lex, ERR_SERVICE_LIMIT, "An element has too many attributes");
        if (guard_attribute(g, &g->attributes[count++]) != 0)
            return -1;
    }
}

/* SOAP 1.2 part 1, 5.1: perhaps a Header, then a Body, and no more. */
static int guard_part(struct guard *g, struct span uri, struct span local)
{
    bool header = span_is(local, "Header");

    if (!span_is(uri, NS_S) || (!header && !span_is(local, "Body")) ||
        g->envelope >= (header ? AFTER_HEADER : AFTER_BODY))
        return lex_malformed(&g->lex, "An envelope may hold one Header and one Body after it");
    g->envelope = header ? AFTER_HEADER : AFTER_BODY;
    g->in_header = header;
    return 0;
}

/* An Enumerate's filter: gSOAP would take the first of two, and none at all for a nil one. */
static void guard_filter(struct guard *g)
{
    if (g->seen_filter)
        g->notes->bad_filter = "There are two filters; send one.";
    g->seen_filter = true;
    for (size_t i = 0; i < g->attribute_count; i++)
        if (span_is(g->attributes[i].local, "nil"))
            g->notes->bad_filter = "The filter is nil.";
}

/* What is special about the first levels: Envelope, Header or Body, single headers, a filter. */
static int guard_soap(struct guard *g, struct span uri, struct span local)
{
    if (g->depth == 1) {
        if (!span_is(local, "Envelope"))
            return lex_malformed(&g->lex, "The request is not a SOAP envelope");
        if (!span_is(uri, NS_S))
            return lex_refuse(&g->lex, ERR_SOAP_VERSION, "The envelope is not one of SOAP 1.2");
    } else if (g->depth == 2) {
        return guard_part(g, uri, local);
    } else if (g->depth == 3 && g->in_header) {
        for (size_t i = 0; i < sizeof(single_headers) / sizeof(single_headers[0]); i++) {
            if (!span_is(local, single_headers[i].name) || !span_is(uri, single_headers[i].ns))
                continue;
            if (g->headers_seen & 1u << i)
                return error_set(g->lex.err, ERR_HEADER_INVALID, "The header %s is there twice.",
                                 single_headers[i].name);
            g->headers_seen |= 1u << i;
        }
    } else if (g->depth == 4 && !g->in_header && span_is(local, "Filter") &&
               (span_is(uri, NS_W) || span_is(uri, NS_N))) {
        guard_filter(g);
    }
    return 0;
}

/* Whether blanks alone are a text here: in values of classes and methods they are, in the messages'
 * own elements they never are. */
static bool blanks_are_text(const struct guard *g, struct span uri)
{
    static const char *const protocol[] = { NS_S, NS_A, NS_W, NS_N, NS_X, NS_E, NS_B };

    for (size_t i = 0; i < sizeof(protocol) / sizeof(protocol[0]); i++)
        if (span_is(uri, protocol[i]))
            return false;
    return !g->in_header && g->depth >= 4 && lex_at(&g->lex, "</");
}

/* gSOAP drops blanks, and what looks like a byte order mark, before a text; as references they stay. Blanks
 * before a tag mean nothing, but where they are all there is. */
static void guard_leading_blanks(struct guard *g, struct span uri)
{
    struct lex *l = &g->lex;
    const char *from = l->p;
    struct strbuf text = STRBUF_INIT;

    lex_skip_space(l);
    if (!lex_at(l, BYTE_ORDER_MARK) &&
        (l->p == from || l->p == l->end ||
         (*l->p == '<' && !lex_at(l, CDATA) && !blanks_are_text(g, uri))))
        return;
    for (l->p = from; lex_at(l, BYTE_ORDER_MARK) || (l->p < l->end && lex_is_space(*l->p));) {
        bool blank = lex_is_space(*l->p);
        strbuf_printf(&text, "&#%d;", !blank ? 0xFEFF : *l->p == '\r' ? '\n' : *l->p);
        l->p += !blank ? strlen(BYTE_ORDER_MARK) : lex_at(l, "\r\n") ? 2 : 1;
    }
    lex_replace(l, from, strbuf_str(&text), text.len);
    l->tidy->failed |= text.failed;
    strbuf_free(&text);
}

static int guard_start_tag(struct guard *g)
{
    struct span name, prefix, local, uri;
    struct open_element *element = &g->open[g->depth];
    bool empty = false;

    if (g->depth == 0 && g->seen_root)
        return lex_malformed(&g->lex, "The request holds more than one document");
    g->seen_root = true;
    if (g->depth == g->limits->depth)
        return lex_refuse(&g->lex, ERR_SERVICE_LIMIT, "The request is nested too deeply");
    element->bindings = g->binding_count;
    if (lex_name(&g->lex, &name) != 0 || guard_attributes(g) != 0)
        return -1;
    split(name, &prefix, &local);
    if (resolve(g, prefix, &uri) != 0)
        return -1;
    element->name = name;
    g->depth++;
    if (guard_soap(g, uri, local) != 0)
        return -1;
    if (*g->lex.p == '/') {
        g->lex.p++;
        g->depth--;
        g->binding_count = element->bindings;
        empty = true;
    }
    if (g->lex.p == g->lex.end || *g->lex.p != '>')
        return lex_malformed(&g->lex, "The request is not well-formed XML: a tag does not end");
    g->lex.p++;
    if (!empty)
        guard_leading_blanks(g, uri);
    return 0;
}

static int guard_end_tag(struct guard *g)
{
    struct span name;

    if (lex_name(&g->lex, &name) != 0)
        return -1;
    lex_skip_space(&g->lex);
    if (g->lex.p == g->lex.end || *g->lex.p != '>')
        return lex_malformed(&g->lex, "The request is not well-formed XML: an end tag does not end");
    if (g->depth == 0 || !span_equal(name, g->open[g->depth - 1].name))
        return lex_malformed(&g->lex, "The request is not well-formed XML: tags do not match");
    g->lex.p++;
    g->depth--;
    g->binding_count = g->open[g->depth].bindings;
    return 0;
}

/* As text, so that leading blanks are references here too. */
static int guard_cdata(struct guard *g)
{
    const char *from = g->lex.p, *begin = from + strlen(CDATA);
    struct strbuf text = STRBUF_INIT, lines = STRBUF_INIT;
    struct lex plain = { g->lex.start, begin, g->lex.end, g->lex.err, &lines, begin };
    int rc = lex_until(&plain, "]]>", "]]>");
    size_t blanks;

    if (rc == 0) {
        strbuf_add(&lines, plain.copied, (size_t)(plain.p - 3 - plain.copied));
        blanks = strspn(strbuf_str(&lines), " \t\n");
        for (size_t i = 0; i < blanks; i++)
            strbuf_printf(&text, "&#%d;", lines.data[i]);
        strbuf_xml_n(&text, strbuf_str(&lines) + blanks, lines.len - blanks);
        g->lex.p = plain.p;
        lex_replace(&g->lex, from, strbuf_str(&text), text.len);
        g->lex.tidy->failed |= text.failed || lines.failed;
        if (!lines.len) /* what comes now may begin the text */
            guard_leading_blanks(g, (struct span){ "", 0 });
    }
    strbuf_free(&lines);
    strbuf_free(&text);
    return rc;
}

static int guard_markup(struct guard *g)
{
    if (lex_at(&g->lex, "</")) {
        g->lex.p += 2;
        return guard_end_tag(g);
    }
    if (lex_at(&g->lex, "<!--")) {
        g->lex.p += 4;
        return lex_until(&g->lex, "--", "-->");
    }
    if (lex_at(&g->lex, CDATA) && g->depth > 0)
        return guard_cdata(g);
    if (lex_at(&g->lex, "<!"))
        return lex_malformed(&g->lex, "The request holds a document type or another declaration, which SOAP forbids");
    if (lex_at(&g->lex, "<?"))
        return lex_malformed(&g->lex, "The request holds a processing instruction, which SOAP forbids");
    g->lex.p++;
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

    if (lex_name(&g->lex, &name) != 0)
        return -1;
    while (*i && *i < 3 && !span_is(name, order[*i]))
        ++*i;
    if (*i == 3 || !span_is(name, order[*i]) || g->lex.p == g->lex.end || *g->lex.p != '=')
        return lex_malformed(&g->lex, "The XML declaration is not well formed");
    g->lex.p++;
    if (lex_attribute_value(&g->lex, &value) != 0)
        return -1;
    if (*i == 1 && !guard_encoding(g, value))
        return lex_refuse(&g->lex, ERR_ENCODING,
                      g->limits->utf16 ? "The XML declaration names another encoding than UTF-16"
                                       : "The XML declaration names another encoding than UTF-8");
    if ((*i == 0 && !span_is(value, "1.0")) ||
        (*i == 2 && !span_is(value, "yes") && !span_is(value, "no")))
        return lex_malformed(&g->lex, "The XML declaration is not well formed");
    ++*i;
    return 0;
}

/* An XML declaration may open the document; a byte order mark before it too. */
static int guard_prolog(struct guard *g)
{
    size_t i = 0;

    if (lex_at(&g->lex, BYTE_ORDER_MARK))
        g->lex.p += strlen(BYTE_ORDER_MARK);
    if (!lex_at(&g->lex, "<?xml "))
        return 0;
    g->lex.p += 5;
    for (;;) {
        bool space = g->lex.p < g->lex.end && lex_is_space(*g->lex.p);
        lex_skip_space(&g->lex);
        if (i && lex_at(&g->lex, "?>")) {
            g->lex.p += 2;
            return 0;
        }
        if (!space)
            return lex_malformed(&g->lex, "The XML declaration is not well formed");
        if (guard_declared(g, &i) != 0)
            return -1;
    }
}

static int guard_run(struct guard *g)
{
    if (guard_prolog(g) != 0)
        return -1;
    while (g->lex.p < g->lex.end) {
        int rc;
        if (g->depth)
            lex_skip_plain(&g->lex);
        if (g->lex.p == g->lex.end)
            break;
        if (*g->lex.p == '<')
            rc = guard_markup(g);
        else if (g->depth == 0 && !lex_is_space(*g->lex.p))
            rc = lex_malformed(&g->lex, "The request is not XML");
        else if (*g->lex.p == ']' && lex_at(&g->lex, "]]>"))
            rc = lex_malformed(&g->lex, "The request is not well-formed XML: ']]>' in a text");
        else
            rc = *g->lex.p == '&' ? lex_entity(&g->lex) : lex_char(&g->lex);
        if (rc != 0)
            return -1;
    }
    if (!g->seen_root)
        return lex_malformed(&g->lex, "The request is empty");
    return g->depth ? lex_malformed(&g->lex, "The request ends before its last end tag") : 0;
}

int guard_check(const char *xml, size_t len, const struct guard_limits *limits,
                struct guard_notes *notes, struct error *err)
{
    struct guard g = { .lex = { xml, xml, xml + len, err, &notes->tidy, NULL },
                       .limits = limits,
                       .notes = notes };
    int rc = -1;

    /* Not cleared: 10 KB of which most requests need little. */
    g.open = malloc((limits->depth + 1) * sizeof(*g.open));
    g.attributes = malloc((limits->attributes + 1) * sizeof(*g.attributes));
    g.bindings = malloc((limits->namespaces + 1) * sizeof(*g.bindings));
    g.names = malloc(NAMES_MOST * sizeof(*g.names));
    if (g.open && g.attributes && g.bindings && g.names)
        rc = guard_run(&g);
    else
        error_set(err, ERR_NO_MEMORY, NULL);
    free(g.open);
    free(g.attributes);
    free(g.bindings);
    free(g.names);
    if (rc == 0 && g.lex.copied)
        lex_replace(&g.lex, g.lex.end, "", 0);
    return rc == 0 && !strbuf_ok(&notes->tidy) ? error_set(err, ERR_NO_MEMORY, NULL) : rc;
}
