/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A request as far as the fuzzers take it: guard, then gSOAP's stubs, then every node of what is
 * open.
 */
#ifndef CIMSNAPD_TESTS_FUZZ_DECODE_H
#define CIMSNAPD_TESTS_FUZZ_DECODE_H

#include "wsman/any.h"
#include "wsman/decode.h"
#include "wsman/guard.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

static inline void fuzz_walk(const struct any *node)
{
    any_is_nil(node);
    any_attribute(node, "", "Name");
    if (!any_name(node) || !any_ns(node) || !any_text(node))
        abort();
    for (const struct any *c = any_first(node); c; c = any_next(c))
        fuzz_walk(c);
}

/* A namespace name that is no URI is allowed by the guard, and by Namespaces in XML. */
static inline void fuzz_note(void *bad, xmlError *error)
{
    if (error->level >= XML_ERR_ERROR && error->code != XML_WAR_NS_URI &&
        error->code != XML_WAR_NS_URI_RELATIVE)
        *(bool *)bad = true;
}

/* What the guard lets through is what another parser takes. */
static inline xmlDoc *fuzz_parse(const char *xml, size_t len)
{
    bool bad = false;
    xmlDoc *doc;

    xmlSetStructuredErrorFunc(&bad, fuzz_note);
    doc = xmlReadMemory(xml, (int)len, NULL, NULL, XML_PARSE_NONET);
    xmlSetStructuredErrorFunc(NULL, NULL);
    if (!doc || bad)
        abort();
    return doc;
}

/* What stands in the body. */
static inline const xmlNode *fuzz_body(const xmlDoc *doc)
{
    const xmlNode *body = xmlLastElementChild(xmlDocGetRootElement(doc));

    return xmlFirstElementChild((xmlNode *)body);
}

/* Both parsers read the same: names, and the text of what holds nothing else. Blanks alone are no text here. */
static inline void fuzz_same(const struct any *ours, const xmlNode *theirs)
{
    const struct any *c = any_first(ours);
    xmlChar *text;

    if (!theirs || strcmp(any_name(ours), (const char *)theirs->name) != 0)
        abort();
    for (const xmlNode *n = theirs->children; n; n = n->next)
        if (n->type != XML_TEXT_NODE && n->type != XML_CDATA_SECTION_NODE)
            goto elements;
    text = xmlNodeGetContent(theirs);
    if (text && text[strspn((const char *)text, " \t\r\n")] && strcmp((const char *)text, any_text(ours)) != 0)
        abort();
    xmlFree(text);
    return;
elements:
    for (const xmlNode *n = theirs->children; n; n = n->next) {
        if (n->type != XML_ELEMENT_NODE)
            continue;
        while (c && !*any_name(c)) /* text between */
            c = any_next(c);
        if (!c)
            abort();
        fuzz_same(c, n);
        c = any_next(c);
    }
}

/* True when it is a request; the caller ends it by decode_end(). xml has an owner of its very size.
 */
static inline bool fuzz_decode(struct decoder *decoder, const char *xml, size_t len,
                               struct request *out)
{
    xmlDoc *doc;
    const struct guard_limits limits = { .depth = 64, .attributes = 64, .namespaces = 256 };
    struct guard_notes notes = { 0 };
    struct error err = { 0 };
    int rc = guard_check(xml, len, &limits, &notes, &err);

    if ((rc != 0) != (err.code != ERR_NONE))
        abort();
    if (rc == 0) {
        doc = fuzz_parse(xml, len);
        rc = notes.tidy.len ? decode_begin(decoder, notes.tidy.data, notes.tidy.len, out, &err)
                      : decode_begin(decoder, xml, len, out, &err);
        if ((rc != 0) != (err.code != ERR_NONE))
            abort();
        if (rc == 0 && out->kind == BODY_INVOKE && out->body.invoke.root)
            fuzz_same(out->body.invoke.root, fuzz_body(doc));
        if (rc != 0)
            decode_end(decoder);
        xmlFreeDoc(doc);
    }
    strbuf_free(&notes.tidy);
    return rc == 0;
}

static inline struct decoder *fuzz_decoder(void)
{
    static struct decoder *decoder;

    if (!decoder && !(decoder = decoder_new()))
        abort();
    return decoder;
}

#endif
