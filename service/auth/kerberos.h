/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kerberos through GSSAPI, the acceptor's side, alone or within SPNEGO. Keytab and replay cache are
 * files, so that accepting may block: not on an event loop.
 * Threads: struct kerberos any; a context one at a time.
 */
#ifndef CIMSNAPD_AUTH_KERBEROS_H
#define CIMSNAPD_AUTH_KERBEROS_H

#include "auth/bytes.h"
#include "base/error.h"
#include "base/strbuf.h"

enum { KERBEROS_NAME = 256 };

struct kerberos;
struct kerberos_context;

/* Any service name in the keytab will do: clients ask for HTTP/, host/ or WSMAN/. */
int kerberos_open(struct kerberos **out, const char *keytab, const char *replay_cache,
                  struct error *err);
struct kerberos *kerberos_ref(struct kerberos *kerberos);
/* The last one frees it. NULL is legal. */
void kerberos_unref(struct kerberos *kerberos);

enum kerberos_outcome { KERBEROS_REFUSED, KERBEROS_CONTINUE, KERBEROS_DONE };

struct kerberos_result {
    struct strbuf token;      /* for the client, in all three cases; may be empty; the caller's */
    char name[KERBEROS_NAME]; /* with KERBEROS_DONE: the principal with its realm */
    const char *reason;       /* with KERBEROS_REFUSED: a literal */
    bool bound;               /* the client has bound itself to this TLS connection */
    uint32_t seconds;         /* the ticket is good for */
};

/* *context is NULL at first and made then. binding: as tls-server-end-point (RFC 5929) with its
 * name; len 0 without TLS. */
enum kerberos_outcome kerberos_accept(struct kerberos *kerberos, struct kerberos_context **context,
                                      struct bytes token, struct bytes binding,
                                      struct kerberos_result *out);
void kerberos_context_free(struct kerberos_context *context);

/* Whether messages can be encrypted. */
bool kerberos_can_seal(const struct kerberos_context *context);
/* Decrypts in place; false when that cannot be, or the message was not encrypted. */
bool kerberos_unseal(struct kerberos_context *context, struct bytes signature, unsigned char *data,
                     size_t len);
/* Encrypts in place, and appends the signature. */
bool kerberos_seal(struct kerberos_context *context, struct strbuf *signature, unsigned char *data,
                   size_t len);

#endif
