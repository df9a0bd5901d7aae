/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The two things a service hears from and says to its manager: sockets that are open already, and
 * what state it is in (sd_listen_fds(3), sd_notify(3)). Both are a line or two of the environment;
 * libsystemd would bring far more. Without a manager they do nothing.
 */
#ifndef CIMSNAPD_NET_SYSTEMD_H
#define CIMSNAPD_NET_SYSTEMD_H

#include "base/error.h"

#include <stddef.h>

enum { SYSTEMD_FIRST_SOCKET = 3, SYSTEMD_SOCKETS_MAX = 64 };

/* How many sockets this process was given: descriptors from SYSTEMD_FIRST_SOCKET on. 0 for none; -1
 * with err when the environment says nonsense. It is left as it is: it names this process only. */
int systemd_sockets(struct error *err);

/* Copies the name that the manager gave the index-th of them (FileDescriptorName=), "" for none. */
void systemd_socket_name(size_t index, char *out, size_t size);

/* state: as "READY=1"; lines parted by '\n'. */
void systemd_notify(const char *state);
/* RELOADING=1 with the time that must come with it. */
void systemd_notify_reloading(void);

/* How often the manager wants to hear WATCHDOG=1, in milliseconds: half of what it allows for
 * (sd_watchdog_enabled(3)). 0: not at all. */
long systemd_watchdog_ms(void);

#endif
