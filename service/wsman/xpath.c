/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/xpath.h"

#include "wsman/encode.h"
#include "wsman/names.h"
#include "wsman/uri.h"

#include <ctype.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <string.h>

enum { LENGTH_MOST = 4096, OPERATIONS_MOST = 20000, PREFIXES_MOST = 8, OCTETS_A_STEP = 256 };

struct xpath {
    xmlXPathCompExprPtr compiled;
    const char *prefixes[PREFIXES_MOST]; /* in the arena; without xsi, cim and xml */
    size_t prefix_count;                 /* 0: names are taken without their namespace */
};

/* libxml2's errors, which come as numbers. */
static const char *const words[] = {
    [XPATH_NUMBER_ERROR] = "a number is broken",
    [XPATH_UNFINISHED_LITERAL_ERROR] = "the quote is never closed",
    [XPATH_START_LITERAL_ERROR] = "text in quotes is expected",
    [XPATH_VARIABLE_REF_ERROR] = "a variable's name is expected",
    [XPATH_UNDEF_VARIABLE_ERROR] = "the variable is unknown",
    [XPATH_INVALID_PREDICATE_ERROR] = "a condition is broken",
    [XPATH_EXPR_ERROR] = "this is no XPath expression",
    [XPATH_UNCLOSED_ERROR] = "a bracket is never closed",
    [XPATH_UNKNOWN_FUNC_ERROR] = "the function is unknown",
    [XPATH_INVALID_OPERAND] = "an operand is of the wrong type",
    [XPATH_INVALID_TYPE] = "an operand is of the wrong type",
    [XPATH_INVALID_ARITY] = "the function has another number of arguments",
    [XPATH_UNDEF_PREFIX_ERROR] = "the prefix is unknown",
    [XPATH_STACK_ERROR] = "it is nested too deeply",
    [XPATH_OP_LIMIT_EXCEEDED] = "it needs too many steps",
    [XPATH_RECURSION_LIMIT_EXCEEDED] = "it is nested too deeply",
};

/* The first error. */
struct complaint {
    int position;
    const char *text;
};

/* opaque may be a struct look: its complaint comes first. */
static void note(void *opaque, xmlErrorPtr error)
{
    struct complaint *complaint = opaque;
    size_t i = (size_t)(error->code - XML_XPATH_EXPRESSION_OK);

    if (complaint->text)
        return;
    complaint->position = error->int1;
    complaint->text = i < sizeof(words) / sizeof(words[0]) ? words[i] : NULL;
    if (!complaint->text)
        complaint->text = "this is no XPath expression";
}

static void release(void *compiled)
{
    xmlXPathFreeCompExpr(compiled);
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || (c & 0x80);
}

/* A prefix of the expression, with `len` octets: remembered once. */
static int add_prefix(struct xpath *xpath, const char *name, size_t len, struct arena *arena,
                      struct error *err)
{
    static const char *const fixed[] = { "xsi", "cim", "xml" };
    char *copy = arena_strndup(arena, name, len);

    if (!copy)
        return error_set(err, ERR_NO_MEMORY, NULL);
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        if (strcmp(fixed[i], copy) == 0)
            return 0;
    for (size_t i = 0; i < xpath->prefix_count; i++)
        if (strcmp(xpath->prefixes[i], copy) == 0)
            return 0;
    if (xpath->prefix_count == PREFIXES_MOST)
        return error_set(err, ERR_BAD_FILTER, "The expression uses too many prefixes.");
    xpath->prefixes[xpath->prefix_count++] = copy;
    return 0;
}

/* Finds "prefix:" outside of literals; "axis::" is none. */
static int find_prefixes(struct xpath *xpath, const char *text, struct arena *arena,
                         struct error *err)
{
    for (const char *p = text; *p; p++) {
        const char *begin = p;
        if (*p == '"' || *p == '\'') {
            p = strchr(p + 1, *p);
            if (!p)
                return 0; /* libxml2 says what is wrong */
            continue;
        }
        while (is_name(*p))
            p++;
        if (p > begin && p[0] == ':' && p[1] != ':') {
            if (add_prefix(xpath, begin, (size_t)(p - begin), arena, err) != 0)
                return -1;
        } else if (p > begin) {
            p--;
        }
    }
    return 0;
}

const struct xpath *xpath_compile(const char *text, struct arena *arena, struct error *err)
{
    struct xpath *xpath = arena_alloc(arena, sizeof(*xpath));
    xmlXPathContextPtr context = xmlXPathNewContext(NULL);
    struct complaint complaint = { 0 };

    if (!xpath || !context) {
        error_set(err, ERR_NO_MEMORY, NULL);
    } else if (strnlen(text, LENGTH_MOST + 1) > LENGTH_MOST) {
        error_set(err, ERR_BAD_FILTER, "at character %d: the expression is too long", LENGTH_MOST + 1);
    } else if (find_prefixes(xpath, text, arena, err) == 0) {
        context->error = note;
        context->userData = &complaint;
        context->opLimit = OPERATIONS_MOST;
        xpath->compiled = xmlXPathCtxtCompile(context, BAD_CAST text);
        if (!xpath->compiled)
            error_set(err, ERR_BAD_FILTER, "at character %d: %s", complaint.position + 1,
                      complaint.text ? complaint.text : words[XPATH_EXPR_ERROR]);
        else if (arena_defer(arena, release, xpath->compiled) != 0)
            error_set(err, ERR_NO_MEMORY, NULL);
    }
    xmlXPathFreeContext(context);
    return err->code ? NULL : xpath;
}

/* An evaluation under way. */
struct look {
    struct complaint complaint;
    size_t length; /* of the document, in octets */
    xmlDocPtr doc;
    xmlXPathContextPtr context;
    xmlXPathObjectPtr value;
};

/* ---- what functions cost: libxml2 counts a call as one step, however long the texts ---- */

static const struct {
    const char *name;
    xmlXPathFunction run;
} dear[] = {
    { "concat", xmlXPathConcatFunction },
    { "contains", xmlXPathContainsFunction },
    { "count", xmlXPathCountFunction },
    { "id", xmlXPathIdFunction },
    { "lang", xmlXPathLangFunction },
    { "normalize-space", xmlXPathNormalizeFunction },
    { "number", xmlXPathNumberFunction },
    { "starts-with", xmlXPathStartsWithFunction },
    { "string", xmlXPathStringFunction },
    { "string-length", xmlXPathStringLengthFunction },
    { "substring", xmlXPathSubstringFunction },
    { "substring-after", xmlXPathSubstringAfterFunction },
    { "substring-before", xmlXPathSubstringBeforeFunction },
    { "sum", xmlXPathSumFunction },
    { "translate", xmlXPathTranslateFunction },
};

static size_t length_of(const struct look *look, const xmlXPathObject *value)
{
    if (value->type == XPATH_STRING)
        return (size_t)xmlStrlen(value->stringval);
    return value->type == XPATH_NODESET ? look->length : 32;
}

/* Stands before each of them. The dearest goes through one text for each character of another. */
static void charged(xmlXPathParserContextPtr parser, int count)
{
    xmlXPathContextPtr context = parser->context;
    const struct look *look = context->userData;
    unsigned long cost = 1;

    if (count == 0)
        cost = look->length;
    for (int i = 1; i <= count && i <= parser->valueNr && cost < OPERATIONS_MOST * OCTETS_A_STEP; i++)
        cost *= length_of(look, parser->valueTab[parser->valueNr - i]) + 1;
    context->opCount += cost / OCTETS_A_STEP;
    if (context->opCount >= context->opLimit) {
        xmlXPathErr(parser, XPATH_OP_LIMIT_EXCEEDED);
        return;
    }
    for (size_t i = 0; i < sizeof(dear) / sizeof(dear[0]); i++)
        if (strcmp(dear[i].name, (const char *)context->function) == 0)
            dear[i].run(parser, count);
}

/* Takes all elements out of their namespaces (each keeps its own in _private), or puts them back. */
static void strip(xmlNodePtr node, bool back)
{
    for (; node; node = node->next) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        if (back) {
            node->ns = node->_private;
        } else {
            node->_private = node->ns;
            node->ns = NULL;
        }
        strip(node->children, back);
    }
}

static int look_open(struct look *look, struct cim_call *call, enum uri_form form,
                     const struct cim_instance *instance)
{
    struct strbuf text = STRBUF_INIT;
    struct encoder e = { &text, call, form };

    encode_instance(&e, instance);
    if (strbuf_ok(&text))
        look->doc = xmlReadMemory(strbuf_str(&text), (int)text.len, NULL, NULL,
                                  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                      XML_PARSE_HUGE);
    look->length = text.len;
    strbuf_free(&text);
    look->context = look->doc ? xmlXPathNewContext(look->doc) : NULL;
    return look->context ? 0 : error_set(call->err, ERR_NO_MEMORY, NULL);
}

static void look_close(struct look *look)
{
    xmlXPathFreeObject(look->value);
    xmlXPathFreeContext(look->context);
    xmlFreeDoc(look->doc);
}

/* -1 without memory. A function that is there keeps its place: libxml2's own goes first. */
static int register_names(const struct xpath *xpath, struct look *look, const struct cim_instance *instance,
                          enum uri_form form)
{
    struct strbuf uri = STRBUF_INIT;
    int rc;

    uri_write(&uri, form, instance->class->ns, instance->class->name);
    rc = xmlXPathRegisterNs(look->context, BAD_CAST "xsi", BAD_CAST NS_XSI) |
         xmlXPathRegisterNs(look->context, BAD_CAST "cim", BAD_CAST NS_CIM) | (strbuf_ok(&uri) ? 0 : -1);
    for (size_t i = 0; i < xpath->prefix_count && rc == 0; i++)
        rc = xmlXPathRegisterNs(look->context, BAD_CAST xpath->prefixes[i], BAD_CAST strbuf_str(&uri));
    strbuf_free(&uri);
    for (size_t i = 0; i < sizeof(dear) / sizeof(dear[0]) && rc == 0; i++)
        rc = xmlXPathRegisterFunc(look->context, BAD_CAST dear[i].name, NULL) |
             xmlXPathRegisterFunc(look->context, BAD_CAST dear[i].name, charged);
    return rc;
}

static int look_evaluate(struct look *look, const struct xpath *xpath, struct cim_call *call,
                         enum uri_form form, const struct cim_instance *instance)
{
    xmlNodePtr root;

    if (look_open(look, call, form, instance) != 0)
        return -1;
    root = xmlDocGetRootElement(look->doc);
    if (register_names(xpath, look, instance, form) != 0)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    look->context->node = root;
    look->context->error = note;
    look->context->userData = look;
    look->context->opLimit = OPERATIONS_MOST;
    if (!xpath->prefix_count)
        strip(root, false);
    look->value = xmlXPathCompiledEval(xpath->compiled, look->context);
    if (!xpath->prefix_count)
        strip(root, true);
    if (look->value)
        return 0;
    return error_set(call->err, ERR_BAD_FILTER, "The XPath expression cannot be evaluated: %s",
                     look->complaint.text ? look->complaint.text : "unknown reason");
}

int xpath_matches(const struct xpath *xpath, struct cim_call *call, enum uri_form form,
                  const struct cim_instance *instance)
{
    struct look look = { 0 };
    int rc = look_evaluate(&look, xpath, call, form, instance);

    if (rc == 0)
        rc = xmlXPathCastToBoolean(look.value);
    look_close(&look);
    return rc;
}

static void write_node(xmlDocPtr doc, xmlNodePtr node, struct strbuf *out)
{
    xmlBufferPtr buffer;
    xmlChar *text;

    if (node->type == XML_ELEMENT_NODE) {
        buffer = xmlBufferCreate();
        if (!buffer || xmlNodeDump(buffer, doc, node, 0, 0) < 0)
            out->failed = true;
        else
            strbuf_puts(out, (const char *)xmlBufferContent(buffer));
        xmlBufferFree(buffer);
        return;
    }
    text = xmlNodeGetContent(node);
    if (text)
        strbuf_xml(out, (const char *)text);
    else
        out->failed = true;
    xmlFree(text);
}

int xpath_write(const struct xpath *xpath, struct cim_call *call, enum uri_form form,
                const struct cim_instance *instance, struct strbuf *out)
{
    struct look look = { 0 };
    int rc = look_evaluate(&look, xpath, call, form, instance);
    xmlNodeSetPtr nodes = rc == 0 ? look.value->nodesetval : NULL;

    if (rc == 0 && look.value->type == XPATH_NODESET) {
        rc = nodes && nodes->nodeNr > 0;
        for (int i = 0; nodes && i < nodes->nodeNr; i++)
            write_node(look.doc, nodes->nodeTab[i], out);
    } else if (rc == 0) {
        xmlChar *text = xmlXPathCastToString(look.value);
        if (text)
            strbuf_xml(out, (const char *)text);
        out->failed |= !text;
        xmlFree(text);
        rc = 1;
    }
    look_close(&look);
    return rc;
}
