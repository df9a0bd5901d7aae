/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The backend for libvirt with QEMU, and for libvirt's own mock (test:///default). The URI is
 * libvirt's. The process has to ignore SIGPIPE: libvirt writes to sockets that may be gone.
 */
#ifndef CIMSNAPD_LIBVIRT_BACKEND_H
#define CIMSNAPD_LIBVIRT_BACKEND_H

#include "core/backend.h"

extern const struct backend_ops libvirt_backend_ops;

#endif
