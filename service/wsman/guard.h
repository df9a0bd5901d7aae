/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The guard looks at a request before gSOAP does: one linear pass that refuses what a SOAP message
 * may not hold and what is dear or dangerous to parse. What it lets through is well-formed XML with
 * namespaces, in UTF-8, without DTD, processing instructions and entities of its own, within the
 * limits, and a SOAP 1.2 envelope without doubled headers.
 */
#ifndef CIMSNAPD_WSMAN_GUARD_H
#define CIMSNAPD_WSMAN_GUARD_H

#include "base/error.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

struct guard_limits {
    unsigned depth, attributes, namespaces;
    bool utf16; /* it was decoded from UTF-16, and its XML declaration may say so */
};

/* What comes of it beside the verdict. */
struct guard_notes {
    /* Where gSOAP would read other than XML means it (long character references, blanks before a text):
     * the request as gSOAP reads it right. Empty: as it is. */
    struct strbuf tidy;
    const char *bad_filter; /* what is wrong with an Enumerate's filter and gSOAP would not see, or NULL */
};

/* 0, or -1 with ERR_SCHEMA (not well formed; DTD and the like; no envelope), ERR_ENCODING (not UTF-8),
 * ERR_SERVICE_LIMIT, ERR_SOAP_VERSION (an envelope of another SOAP version) or ERR_HEADER_INVALID (a
 * WS-* header twice, DSP0226 R13.1-9). Messages name the octet. xml needs no NUL at its end. The caller frees
 * notes->tidy. */
int guard_check(const char *xml, size_t len, const struct guard_limits *limits,
                struct guard_notes *notes, struct error *err);

#endif
