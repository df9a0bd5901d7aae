/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Resource URIs: which class in which namespace (DSP0227, MS-WSMV 3.1.4.1.1).
 */
#ifndef CIMSNAPD_WSMAN_URI_H
#define CIMSNAPD_WSMAN_URI_H

#include "base/arena.h"
#include "base/strbuf.h"
#include "wsman/request.h"

/* Splits a URI into form, namespace (NULL for the DMTF form) and class. ERR_BAD_CLASS for any other. */
int uri_parse(const char *uri, struct target *out, struct arena *arena, struct error *err);
/* Appends the URI of a class. */
void uri_write(struct strbuf *out, enum uri_form form, const char *ns, const char *class);

#endif
