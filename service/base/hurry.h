/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Work done in a hurry: by a thread that may not wait, such as an event loop that answers a request
 * itself. Whoever is about to wait for something else than a short lock asks hurry_balk() first. Threads: each
 * has a hurry of its own.
 */
#ifndef CIMSNAPD_BASE_HURRY_H
#define CIMSNAPD_BASE_HURRY_H

#include "base/error.h"

#include <stdbool.h>

void hurry_begin(void);
/* True when something balked: the work is to be done again, by a thread that may wait. */
bool hurry_end(void);
/* True when that is known already: what comes out will not be seen. */
bool hurry_balked(void);
/* Before waiting: 0 when the thread may, else -1 with err, and nothing was done. */
int hurry_balk(struct error *err);

#endif
