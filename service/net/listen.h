/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Listening sockets, several on one port (SO_REUSEPORT): the kernel spreads connections over them.
 */
#ifndef CIMSNAPD_NET_LISTEN_H
#define CIMSNAPD_NET_LISTEN_H

#include "base/error.h"

#include <stddef.h>

/* Opens count sockets on a numeric address. Port 0 takes a free one; *port becomes the real one.
 * All or none: on error nothing stays open. */
int listen_open(int *sockets, size_t count, const char *address, unsigned *port, struct error *err);

#endif
