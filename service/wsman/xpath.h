/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * XPath 1.0 on instances, by libxml2: the context node is the instance's element, so that a property's name
 * is an expression. Names without a prefix stand for the class's namespace, and so does every
 * prefix but xsi and cim, since clients choose prefixes of their own and what they bound them to is
 * not told in the expression. Bounded in length, depth and operations.
 */
#ifndef CIMSNAPD_WSMAN_XPATH_H
#define CIMSNAPD_WSMAN_XPATH_H

#include "base/strbuf.h"
#include "cim/class.h"
#include "wsman/request.h"

struct xpath;

/* ERR_BAD_FILTER with the position ("at character 4: ...") for what is no expression. The arena frees
 * it. */
const struct xpath *xpath_compile(const char *text, struct arena *arena, struct error *err);
/* 1 when the value as a boolean is true, 0, or -1 with call->err: an unknown function or variable
 * (ERR_BAD_FILTER). */
int xpath_matches(const struct xpath *xpath, struct cim_call *call, enum uri_form form,
                  const struct cim_instance *instance);
/* Adds the value to out: elements with the prefixes p, cim and xsi, which the caller declares; text
 * for all else. 1; 0 when it is an empty set of nodes; -1 with call->err. */
int xpath_write(const struct xpath *xpath, struct cim_call *call, enum uri_form form,
                const struct cim_instance *instance, struct strbuf *out);

#endif
