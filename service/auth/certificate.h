/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A client's certificate, after TLS has verified it: the names it claims. A name that holds a NUL
 * is left out. Threads: one at a time; what is read only, any.
 */
#ifndef CIMSNAPD_AUTH_CERTIFICATE_H
#define CIMSNAPD_AUTH_CERTIFICATE_H

#include "auth/rules.h"

#include <openssl/x509.h>

struct certificate {
    X509 *x509;             /* owned */
    STACK_OF(X509) * chain; /* owned; what the client sent besides, or NULL */
    struct claims claims;
    char subject[128];   /* for the log; may be cut short */
    unsigned generation; /* of the authorities and lists that have verified it */
};

/* Takes neither argument. NULL without memory. */
struct certificate *certificate_new(X509 *x509, STACK_OF(X509) * chain);
void certificate_free(struct certificate *certificate);
/* True from the first to the last moment of its life; a connection may outlive it. */
bool certificate_is_current(const struct certificate *certificate);

#endif
