/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Resource URIs: which class in which namespace (DSP0227, MS-WSMV 3.1.4.1.1).
 */
#ifndef CIMSNAPD_WSMAN_TARGET_H
#define CIMSNAPD_WSMAN_TARGET_H

#include "base/arena.h"
#include "wsman/request.h"

/* Splits a URI into form, namespace (NULL for the DMTF form) and class. ERR_BAD_CLASS for any other. */
int target_parse_uri(const char *uri, struct target *out, struct arena *arena, struct error *err);
/* The request's target from its ResourceURI and selectors. A Microsoft URI and a __cimnamespace selector
 * must name the same namespace (ERR_SELECTORS_UNEXPECTED else); unknown namespace: ERR_BAD_NAMESPACE. */
int target_parse(const struct headers *headers, struct target *out, struct arena *arena,
                 struct error *err);
/* Appends the URI of a class. */
struct strbuf;
void target_write_uri(struct strbuf *out, enum uri_form form, const char *ns, const char *class);

#endif
