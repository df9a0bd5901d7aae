/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the service listens, and what a connection there must be: rows made from the configuration.
 */
#ifndef CIMSNAPD_NET_ENDPOINT_H
#define CIMSNAPD_NET_ENDPOINT_H

#include "base/config.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { ENDPOINTS_MOST = 3 };

enum endpoint_certificate {
    ENDPOINT_CERTIFICATE_NONE,
    ENDPOINT_CERTIFICATE_OPTIONAL,
    ENDPOINT_CERTIFICATE_REQUIRED,
};

struct endpoint {
    const char *name; /* "https", "mutual" or "http"; as a socket that is inherited is called */
    const char *address;
    long port;
    bool tls;
    enum endpoint_certificate certificate; /* of the client */
};

struct endpoints {
    struct endpoint items[ENDPOINTS_MOST]; /* the first is always "https" */
    size_t count;
};

/* Strings are borrowed from config. 0, or -1 with err. */
int endpoint_list(struct endpoints *out, const struct config *config, struct error *err);

#endif
