/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Msvm_SummaryInformation: what GetSummaryInformation answers, and managers poll.
 */
#ifndef CIMSNAPD_CLASSES_SUMMARY_H
#define CIMSNAPD_CLASSES_SUMMARY_H

#include "classes/hyperv/hyperv.h"

/* RequestedInformation is below this: 0 to 99 of machines and snapshots, 100 to 199 of machines, from 200 on of
 * snapshots. */
enum { SUMMARY_CODES = 300 };

/* One summary for each reference to setting data, in their order, as the classes of ns show them. codes: which
 * information is wanted. */
int hv_summaries_of(struct cim_call *call, const char *ns, const struct cim_ref *const *refs, size_t count,
                    const bool codes[SUMMARY_CODES], struct cim_value *out);
/* One for each machine in scope. */
int hv_summaries_of_all(struct cim_call *call, const char *ns, const bool codes[SUMMARY_CODES],
                        struct cim_value *out);

#endif
