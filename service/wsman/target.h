/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where a request goes.
 */
#ifndef CIMSNAPD_WSMAN_TARGET_H
#define CIMSNAPD_WSMAN_TARGET_H

#include "base/arena.h"
#include "wsman/request.h"

/* The request's target from its ResourceURI and selectors. A Microsoft URI and a __cimnamespace selector
 * must name the same namespace (ERR_SELECTORS_UNEXPECTED else); unknown namespace: ERR_BAD_NAMESPACE. */
int target_parse(const struct headers *headers, struct target *out, struct arena *arena,
                 struct error *err);

#endif
