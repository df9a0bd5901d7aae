/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One login by HTTP Negotiate (RFC 4559; MS-WSMV): Kerberos, NTLM, or either within SPNEGO, message
 * by message. Kerberos may block, NTLM does not. Threads: one at a time.
 */
#ifndef CIMSNAPD_AUTH_NEGOTIATE_H
#define CIMSNAPD_AUTH_NEGOTIATE_H

#include "auth/directory.h"
#include "auth/session.h"

enum negotiate_outcome {
    NEGOTIATE_REFUSED,
    NEGOTIATE_CONTINUE, /* the client answers the token with another */
    NEGOTIATE_DONE,
};

struct negotiate_result {
    struct strbuf token;         /* for the client; may be empty. The caller's */
    char claimed[KERBEROS_NAME]; /* the name that was given, for the log; "" when there was none yet
                                  */
    const char *how;             /* "ntlm" or "kerberos" */
    const char *reason;          /* of a refusal; a literal */
};

/* NULL without memory. directory and config are borrowed for its life. */
struct negotiate *negotiate_new(struct directory *directory, const struct config *config);
void negotiate_free(struct negotiate *negotiate);

/* True when the next step with this token may block. */
bool negotiate_blocks(const struct negotiate *negotiate, struct bytes token);
/* After a refusal, and before a new login, the caller frees it. */
enum negotiate_outcome negotiate_step(struct negotiate *negotiate, const struct session *session,
                                      struct bytes token, struct negotiate_result *out);

/* Who logged in, by the tables as they are now: NULL, or why nobody is any more. */
const char *negotiate_who(const struct negotiate *negotiate, struct principal *out);
bool negotiate_is_done(const struct negotiate *negotiate);
/* "ntlm" or "kerberos" */
const char *negotiate_how(const struct negotiate *negotiate);

bool negotiate_can_seal(const struct negotiate *negotiate);
bool negotiate_unseal(struct negotiate *negotiate, struct bytes signature, unsigned char *data,
                      size_t len);
bool negotiate_seal(struct negotiate *negotiate, struct strbuf *signature, unsigned char *data,
                    size_t len);

#endif
