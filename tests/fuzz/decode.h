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
    any_attribute(node, "Name");
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
static inline void fuzz_well_formed(const char *xml, size_t len)
{
    bool bad = false;
    xmlDoc *doc;

    xmlSetStructuredErrorFunc(&bad, fuzz_note);
    doc = xmlReadMemory(xml, (int)len, NULL, NULL, XML_PARSE_NONET);
    xmlSetStructuredErrorFunc(NULL, NULL);
    if (!doc || bad)
        abort();
    xmlFreeDoc(doc);
}

/* True when it is a request; the caller ends it by decode_end(). xml has an owner of its very size.
 */
static inline bool fuzz_decode(struct decoder *decoder, const char *xml, size_t len,
                               struct request *out)
{
    const struct guard_limits limits = { .depth = 64, .attributes = 64, .namespaces = 256 };
    struct error err = { 0 };
    int rc = guard_check(xml, len, &limits, &err);

    if ((rc != 0) != (err.code != ERR_NONE))
        abort();
    if (rc != 0)
        return false;
    fuzz_well_formed(xml, len);
    rc = decode_begin(decoder, xml, len, out, &err);
    if ((rc != 0) != (err.code != ERR_NONE))
        abort();
    if (rc == 0)
        return true;
    decode_end(decoder);
    return false;
}

static inline struct decoder *fuzz_decoder(void)
{
    static struct decoder *decoder;

    if (!decoder && !(decoder = decoder_new()))
        abort();
    return decoder;
}

#endif
