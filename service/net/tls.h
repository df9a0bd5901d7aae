/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The TLS side of the server: TLS 1.2 and 1.3 with forward secrecy, no renegotiation, no
 * compression. Client certificates are asked for where an endpoint wants them: a bad one ends the
 * handshake, whether it is required or not. Threads: any.
 */
#ifndef CIMSNAPD_NET_TLS_H
#define CIMSNAPD_NET_TLS_H

#include "auth/certificate.h"
#include "base/config.h"
#include "base/error.h"
#include "net/endpoint.h"

#include <openssl/ssl.h>
#include <stdint.h>

struct tls;

/* Files and their paths are the configuration's section [tls], which is borrowed until tls_close().
 */
int tls_open(struct tls **out, const struct config *config, struct error *err);
/* Reads all files again, for sessions from now on; on error everything stays as it was. */
int tls_reload(struct tls *tls, struct error *err);
void tls_close(struct tls *tls);

/* When the certificate in force ends, in seconds since 1970 UTC; -1 when it does not say. */
int64_t tls_expiry(struct tls *tls);

/* A new server session for the caller to free, or NULL without memory. */
SSL *tls_session(struct tls *tls, enum endpoint_certificate wanted);

/* tls-server-end-point of a session (RFC 5929, 4), with its name in front; 0 when there is none. */
size_t tls_binding(struct tls *tls, SSL *ssl, unsigned char *out, size_t room);
/* The client's certificate once the handshake is done: *out is NULL when it sent none. -1 without
 * memory. */
int tls_client(struct tls *tls, SSL *ssl, struct certificate **out);
/* True while the authorities and lists in force vouch for it: after a reload they are asked again.
 */
bool tls_trusts(struct tls *tls, struct certificate *certificate);

#endif
