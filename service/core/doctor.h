/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * 'cimsnapd doctor': says where snapshots are not whole, and mends it. Run by whoever may read the images.
 */
#ifndef CIMSNAPD_CORE_DOCTOR_H
#define CIMSNAPD_CORE_DOCTOR_H

#include "base/config.h"

/* argv[0] is "doctor". The exit status: 0 nothing is wrong, or all was mended; 1 something is; 2 wrong words. */
int doctor_command(int argc, char **argv, const struct config *config);

#endif
