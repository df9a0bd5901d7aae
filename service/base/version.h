/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIMSNAPD_BASE_VERSION_H
#define CIMSNAPD_BASE_VERSION_H

#define CIMSNAPD_VERSION "0.1.0"

#endif
