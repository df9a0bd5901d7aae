/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the service says of itself: to 'cimsnapd status', lines "key=value" over a local socket
 * (config key status.socket), and to Prometheus, metrics over a port of loopback (metrics.port).
 */
#ifndef CIMSNAPD_NET_STATUS_H
#define CIMSNAPD_NET_STATUS_H

#include "base/config.h"
#include "core/core.h"
#include "net/server.h"

struct status;

/* All are borrowed until status_stop(). *out is NULL when the configuration wants neither. */
int status_start(struct status **out, const struct config *config, struct server *server,
                 struct core *core, struct error *err);
/* NULL is legal. */
void status_stop(struct status *status);

/* 'cimsnapd status': prints what the running service says; the exit status. */
int status_command(int argc, char **argv, const struct config *config);

#endif
