/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIMSNAPD_TESTS_GOLDEN_H
#define CIMSNAPD_TESTS_GOLDEN_H

#include "wsman/wsman.h"

/* Of tests/faults/rehearse.c, where that is linked in: before each answer. */
void golden_rehearse(struct wsman *wsman, const struct wsman_request *request) __attribute__((weak));

#endif
