/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A local socket of which every caller gets one text, and the other end of it. Only the user that
 * owns the socket may connect, and root. Or a port of loopback, for whoever asks by HTTP for
 * /metrics. Errors: 0, or -1 with err.
 */
#ifndef CIMSNAPD_NET_LOCAL_H
#define CIMSNAPD_NET_LOCAL_H

#include "base/error.h"
#include "base/strbuf.h"

#include <stdio.h>

struct local;

/* Writes a piece of the text; called with step 0, 1 and so on, until it writes nothing. Each piece
 * leaves before the next is asked for, so that what is slow to find out comes last. In the thread
 * of the socket. */
typedef void (*local_writer)(void *opaque, unsigned step, struct strbuf *out);

/* Makes the socket and its thread. A socket that nobody serves any more is replaced, one that
 * somebody does is not; the last folder of path is made when it is missing. */
int local_start(struct local **out, const char *path, local_writer writer, void *opaque,
                struct error *err);
/* The same on a TCP port of 127.0.0.1, for GET /metrics. */
int local_start_http(struct local **out, long port, local_writer writer, void *opaque,
                     struct error *err);
/* Ends the thread and removes the socket. NULL is legal. */
void local_stop(struct local *local);

/* Copies the whole text of the socket at path to out. */
int local_read(const char *path, FILE *out, struct error *err);

#endif
