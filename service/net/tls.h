/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The TLS side of the server: TLS 1.2 and 1.3 with forward secrecy, no renegotiation, no
 * compression. Threads: any.
 */
#ifndef CIMSNAPD_NET_TLS_H
#define CIMSNAPD_NET_TLS_H

#include "base/error.h"

#include <openssl/ssl.h>
#include <stdint.h>

struct tls;

/* Both files are PEM; the paths are borrowed until tls_close(). */
int tls_open(struct tls **out, const char *certificate, const char *key, struct error *err);
/* Reads both files again, for sessions from now on; on error everything stays as it was. */
int tls_reload(struct tls *tls, struct error *err);
void tls_close(struct tls *tls);

/* When the certificate in force ends, in seconds since 1970 UTC; -1 when it does not say. */
int64_t tls_expiry(struct tls *tls);

/* A new server session for the caller to free, or NULL without memory. */
SSL *tls_session(struct tls *tls);

#endif
