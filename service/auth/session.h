/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What one connection has to do with logins: how it came in, and the Kerberos or NTLM login that
 * was begun or done on it. That login is bound to its connection and good for every request on it
 * until the next Authorization header, the end of the ticket, or a reload that changes the user.
 * Threads: one at a time.
 */
#ifndef CIMSNAPD_AUTH_SESSION_H
#define CIMSNAPD_AUTH_SESSION_H

#include "auth/bytes.h"
#include "auth/certificate.h"
#include "base/strbuf.h"

enum { SESSION_BINDING = 128 };

struct negotiate;

/* Zero at the start, then as the connection is. */
struct session {
    bool tls;
    bool loopback; /* the peer is this host */
    const char *peer;
    unsigned char binding[SESSION_BINDING]; /* tls-server-end-point (RFC 5929), with its name */
    size_t binding_len;
    struct certificate *certificate; /* owned; verified by TLS; NULL without one */
    struct negotiate *negotiate;     /* owned; NULL: none */
    char told[160];                  /* the login that the audit was told of last */
};

void session_clear(struct session *session);

/* True between the first and the last message of a Kerberos or NTLM login. */
bool session_is_logging_in(const struct session *session);
/* True when messages can be encrypted on it. */
bool session_can_seal(const struct session *session);
/* Decrypts in place; false when the message is not what its sender has made. Then, and after a
 * failure to encrypt, the connection is of no use any more. */
bool session_unseal(struct session *session, struct bytes signature, unsigned char *data,
                    size_t len);
/* Encrypts in place and appends the signature. */
bool session_seal(struct session *session, struct strbuf *signature, unsigned char *data,
                  size_t len);

#endif
